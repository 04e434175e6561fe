"""A run's rows as a file: its pieces as they come, or saved whole or not at all."""

import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path

from levada.calling import Caller
from levada.errors import CallFailed
from levada.retry import Attempts
from levada.v1 import run_service_pb2 as service

FORMATS = {
    "csv": service.EXPORT_FORMAT_CSV,
    "jsonl": service.EXPORT_FORMAT_JSONL,
    "parquet": service.EXPORT_FORMAT_PARQUET,
    "arrow": service.EXPORT_FORMAT_ARROW,
}


class Export:
    """A file being made of a run's rows: iterate over its pieces, or save it.

    From the first piece on *about* holds what the server says of the file: its name and type, how many rows it has,
    whether the run kept them all. A connection that breaks before the first piece is made anew; after it the pieces
    end in ServerUnreachable, while *save* begins again by itself.
    """

    def __init__(self, caller: Caller, request: service.ExportRunRequest) -> None:
        self._caller = caller
        self._request = request
        self.about = service.ExportRunResponse()
        self.received = 0

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces()

    async def save(self, path: str | os.PathLike[str] = "", *, overwrite: bool = False) -> Path:
        """Write the file to *path* and return where it is: under its name once it is whole, or not at all.

        Where *path* is empty or a folder, the file gets the name that the server suggests. Raises FileExistsError
        unless *overwrite*.
        """
        draft = _Draft(Path(path or "."), overwrite)
        try:
            await self._whole(draft)
            return draft.publish(self.about.file_name)
        finally:
            draft.discard()

    async def _whole(self, draft: "_Draft") -> None:
        attempts = Attempts(self._caller.retry)
        while True:
            draft.empty()
            try:
                async with aclosing(self._pieces()) as pieces:
                    async for piece in pieces:
                        draft.file.write(piece)
                return
            except CallFailed as error:
                if not self.received:
                    raise
                await self._caller.again(error, attempts)

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        self.received, attempts = 0, Attempts(self._caller.retry)
        while True:
            try:
                async with aclosing(self._caller.messages(lambda line: line.runs.ExportRun(self._request))) as pieces:
                    async for piece in pieces:
                        yield self._taken(piece)
                return
            except CallFailed as error:
                if self.received:
                    raise
                await self._caller.again(error, attempts)

    def _taken(self, piece: service.ExportRunResponse) -> bytes:
        data = piece.data
        if piece.file_name:
            piece.ClearField("data")
            self.about = piece
        self.received += len(data)
        return data


class _Draft:
    """A file under a temporary name, beside the one that it is to have."""

    def __init__(self, given: Path, overwrite: bool) -> None:
        self._folder = given if given.is_dir() else given.parent
        self._given = None if given.is_dir() else given
        self._overwrite = overwrite
        self._refuse(given)
        self.file = tempfile.NamedTemporaryFile(dir=self._folder, prefix=".levada-", delete=False)  # noqa: SIM115

    def empty(self) -> None:
        self.file.seek(0)
        self.file.truncate()

    def publish(self, suggested: str) -> Path:
        # A name that came from elsewhere must not lead elsewhere.
        target = self._given or self._folder / (Path(suggested).name or "rows")
        self._refuse(target)
        self.file.flush()
        os.fsync(self.file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(self.file.name).chmod(0o666 & ~mask)  # a temporary file is nobody else's to read
        Path(self.file.name).replace(target)
        return target

    def discard(self) -> None:
        self.file.close()
        Path(self.file.name).unlink(missing_ok=True)

    def _refuse(self, target: Path) -> None:
        if not self._overwrite and target.is_file():
            raise FileExistsError(f"{target} exists already.")

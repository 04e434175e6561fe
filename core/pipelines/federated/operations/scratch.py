"""Rows of operations on their way to the join: Arrow files in a folder of the run's.

They are files, so that memory stays bounded and a run that goes on after a crash finds what was fetched. Other machines
do not: there, and once a run has ended, an operation whose rows are needed again is done again. The server that ends a
run removes its folder; those of runs that ended elsewhere go when they have long been left alone.
"""

import re
import shutil
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from core.errors import QueryFailed, StoreError
from core.pipelines.federated.operations.widening import cast, together
from core.pipelines.federated.results import Kept
from core.sources import rows
from core.sources.base import Batch
from core.sources.threads import Threads
from levada.v1.event_pb2 import COLUMN_TYPE_DECIMAL, ResultColumn

# Batches come as drivers give them; what is read again is better read in larger pieces.
PIECE_ROWS = 65_536
PIECE_BYTES = 8 * 2**20
ABANDONED_SECONDS = 6 * 3600
THREADS = Threads("scratch", 8)
T = TypeVar("T")


@dataclass
class Scratch:
    """The folder of one run; at most *most_bytes* are kept in it."""

    folder: Path
    most_bytes: int
    used: int = 0

    def has(self, kept: Kept) -> bool:
        return (self.folder / kept.file).is_file()

    def make(self) -> None:
        """Make the folder, and remove those of runs that never came to take theirs away. Blocks."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for other in self.folder.parent.iterdir():
            with suppress(FileNotFoundError):  # another run takes its own away meanwhile
                if other != self.folder and time.time() - other.stat().st_mtime > ABANDONED_SECONDS:
                    shutil.rmtree(other, ignore_errors=True)

    def remove(self) -> None:
        """Remove the folder with all in it. Blocks."""
        shutil.rmtree(self.folder, ignore_errors=True)


async def on_disk(call: Callable[[], T]) -> T:
    """Return what *call*, which works in a scratch folder, returns. Raises what it raises, and StoreError."""
    try:
        return await THREADS.run(call)
    except OSError as error:
        raise StoreError(
            f"Rows can't be kept on the server's disk until they are joined ({error.strerror or 'it fails'}). Free "
            "some space there, or set LEVADA_SCRATCH to a folder that can be written, and ask again."
        ) from error


def folder_of(scratch: Path, run_id: str) -> Path:
    return scratch / re.sub(r"[^\w-]", "_", run_id)


@dataclass
class Keeping:
    """Writes one operation's rows to a file named after its *work*, which is there once they are whole.

    The file of another go has another name, so that what was kept never describes rows that were fetched anew.
    All methods block.
    """

    scratch: Scratch
    work: str
    columns: Sequence[ResultColumn]
    rows: int = 0
    size: int = 0
    decimals: dict[str, tuple[int, int]] = field(default_factory=dict)
    _pieces: list[Any] = field(default_factory=list)
    _waiting: int = 0

    def __post_init__(self) -> None:
        self.columns = _told_apart(self.columns)
        self._filled = [False] * len(self.columns)
        self._begin()

    def add(self, batch: Batch, columns: Sequence[ResultColumn] = ()) -> None:
        """Take in *batch*, whose *columns* may be of other types than those of the first query.

        Raises QueryFailed when the run's scratch folder is full.
        """
        if not columns or _types(columns) == _types(self.columns):
            piece = rows.record_batch(batch, self.columns)
        else:
            piece = self._fitting(batch, _told_apart(columns))
        self._filled = [f or a.null_count < len(a) for f, a in zip(self._filled, piece.columns, strict=True)]
        self._measure(piece)
        self._pieces.append(piece)
        self._waiting += piece.nbytes
        self.rows += batch.row_count
        if self._waiting >= PIECE_BYTES or sum(one.num_rows for one in self._pieces) >= PIECE_ROWS:
            self._write()

    def finish(self, truncated: str) -> Kept:
        """Return what was kept, which is readable from now on."""
        self._write()
        self._writer.close()
        self._sink.close()
        file = f"{self.work}-{uuid.uuid4().hex}.arrow"
        self._part.rename(self.scratch.folder / file)
        return Kept(
            work=self.work,
            file=file,
            rows=self.rows,
            bytes=self.size,
            columns=list(self.columns),
            decimals=self.decimals,
            truncated=truncated,
        )

    def give_up(self) -> None:
        """Remove what was written."""
        with suppress(OSError):  # as when the disk is full
            self._sink.close()
            self._part.unlink(missing_ok=True)
        self.scratch.used -= self.size

    def _begin(self) -> None:
        import pyarrow as pa

        self._part = self.scratch.folder / f"{self.work}.{uuid.uuid4().hex}.part"
        self._sink = pa.OSFile(str(self._part), "wb")
        self._writer = pa.ipc.new_file(self._sink, rows.arrow_fields(self.columns))

    def _fitting(self, batch: Batch, columns: Sequence[ResultColumn]) -> Any:
        """Return *batch* as it goes with what is kept, which is written anew where that is too narrow for it."""
        piece = rows.record_batch(batch, columns)
        wide = together(self.columns, self._filled, columns, piece)
        if _types(wide) != _types(self.columns):
            self._write()
            self._writer.close()
            self._sink.close()
            narrow, self.columns, self.decimals = self._part, wide, {}
            self._begin()
            for kept in read(narrow).to_batches():
                self._measure(wider := cast(kept, wide))
                self._writer.write_batch(wider)
            narrow.unlink()
        return cast(piece, self.columns)

    def _write(self) -> None:
        import pyarrow as pa

        if not self._pieces:
            return
        table = pa.Table.from_batches(self._pieces).combine_chunks()
        self._pieces, self._waiting = [], 0
        self.size += table.nbytes
        self.scratch.used += table.nbytes
        if self.scratch.used > self.scratch.most_bytes:
            raise QueryFailed(
                f"What the operations give is more than the {self.scratch.most_bytes / 2**20:,.0f} MiB that a run may "
                "keep until it is joined. Have the sources filter or add up more."
            )
        self._writer.write_table(table)

    def _measure(self, piece: Any) -> None:
        """Note how many digits columns of exact decimals have, which are kept as text."""
        for place, column in enumerate(self.columns):
            if column.type == COLUMN_TYPE_DECIMAL:
                before = self.decimals.get(column.name, (1, 0))
                self.decimals[column.name] = _wider(before, _digits(piece.column(place)))


def _types(columns: Sequence[ResultColumn]) -> list[int]:
    return [column.type for column in columns]


def _told_apart(columns: Sequence[ResultColumn]) -> list[ResultColumn]:
    """Return *columns* with a number after names that came before: a name is one column's."""
    seen: set[str] = set()
    found = []
    for column in columns:
        name, number = column.name, 1
        while name.casefold() in seen:
            number += 1
            name = f"{column.name}_{number}"
        seen.add(name.casefold())
        found.append(ResultColumn(name=name, type=column.type, nullable=True, unit=column.unit))
    return found


def _digits(texts: Any) -> tuple[int, int]:
    """Return the most digits before and after the point."""
    import pyarrow.compute as pc

    point, length = pc.find_substring(texts, "."), pc.utf8_length(texts)
    has_point = pc.greater_equal(point, 0)
    before = pc.max(pc.if_else(has_point, point, length)).as_py() or 1
    after = pc.max(pc.if_else(has_point, pc.subtract(pc.subtract(length, point), 1), 0)).as_py() or 0
    return before, after


def _wider(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return max(one[0], other[0]), max(one[1], other[1])


def read(path: Path) -> Any:
    """Return the rows in *path* as an Arrow table that stays in the file until it is looked at. Blocks."""
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()

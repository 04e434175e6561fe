"""A folder on the server's disk as a source of documents: knowledge:///FOLDER. Files that change are read anew."""

import asyncio
import contextlib
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Unpack
from urllib.parse import unquote

from core.errors import DocumentUnreadable, SourceUnavailable
from core.sources.described import Configuration
from core.sources.embedding import open_embedder
from core.sources.embedding.base import Embedder
from core.sources.knowledge import KnowledgeSource
from core.sources.knowledge.embedding import embedded
from core.sources.knowledge.passage import Held, Listed, Read
from core.sources.knowledge.reading import Reader
from core.sources.knowledge.reading.formats import KINDS

MOST_FILES = 2_000
MOST_BYTES = 20 * 2**20
"""Bytes of one file; a larger one is left out, and that is said."""

Stamp = tuple[int, int]

# Characters of control, breaks of lines, and bytes that are no text.
_UNTELLABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class FolderSource(KnowledgeSource):
    """The documents in the folder that *url* names, and below it."""

    def __init__(self, name: str, url: str, embedder: str = "", **configured: Unpack[Configuration]) -> None:
        path = unquote(url.partition("://")[2])
        if not path.startswith("/") or path == "/":
            raise SourceUnavailable(f"Source {name} needs a folder: knowledge:///relative or knowledge:////absolute.")
        opened = open_embedder(embedder) if embedder else None
        super().__init__(name, Folder(name, Path(path[1:]), opened), opened, **configured)


class Folder:
    """Files of a folder (core.sources.knowledge.passage.Shelf). Links are not followed: they may lead anywhere."""

    def __init__(self, source: str, folder: Path, embedder: Embedder | None = None) -> None:
        self._source, self._folder, self._embedder = source, folder, embedder
        self._reader = Reader()
        self._stamps: Mapping[str, Stamp] = {}

    async def listed(self) -> Listed:
        self._stamps = stamps = await self._files()
        problems = [f"Only the first {MOST_FILES:,} documents of {self._folder} are searched."]
        ordered = sorted(stamps.items())
        return Listed(tuple(ordered), dict(ordered), problems if len(stamps) == MOST_FILES else ())

    async def read(self, name: str) -> Read:
        if _UNTELLABLE.search(name):
            return Read([], f"{name!a} is left out: its name can't be told. Rename it.")
        if self._stamps.get(name, (0, 0))[1] > MOST_BYTES:
            return Read([], f"{name} is left out: it is larger than {MOST_BYTES // 2**20} MiB.")
        try:
            data = await asyncio.to_thread((self._folder / name).read_bytes)
            _, pieces = await self._reader.read(name, data)
        except OSError as error:
            return Read([], f"{name} is left out: {error.strerror}.")
        except DocumentUnreadable as error:
            return Read([], error.message)
        vectors = await embedded(self._embedder, pieces)
        return Read([Held(name, piece, vector) for piece, vector in zip(pieces, vectors, strict=True)])

    async def close(self) -> None:
        await self._reader.close()

    async def _files(self) -> Mapping[str, Stamp]:
        """Return the documents there are, by their names below the folder, each with when it changed and its size."""
        try:
            return await asyncio.to_thread(_found, self._folder)
        except OSError as error:
            raise SourceUnavailable(f"Source {self._source}: its folder can't be read: {error.strerror}.") from None


def _found(folder: Path) -> dict[str, Stamp]:
    found: dict[str, Stamp] = {}
    with os.scandir(folder):  # a folder that is not there is no empty one
        pass
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(where) / name
            if path.suffix.lower() in KINDS and len(found) < MOST_FILES and (stamp := _stamp(path)):
                found[path.relative_to(folder).as_posix()] = stamp
    return found


def _stamp(path: Path) -> Stamp | None:
    """Return when a file changed, and its size; None for links, for pipes and the like, and for what has gone."""
    with contextlib.suppress(FileNotFoundError):
        known = path.lstat()
        if stat.S_ISREG(known.st_mode):
            return known.st_mtime_ns, known.st_size
    return None

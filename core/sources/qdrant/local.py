"""Qdrant's local mode: a folder of points, read into memory and searched in threads.

The folder itself is neither locked nor written to: a copy is read, and read again once the folder has changed. Its
points are pickled, as the local mode keeps them; a folder from strangers is code from strangers.
"""

import asyncio
import pickle
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from qdrant_client import QdrantClient

from core.errors import SourceUnavailable
from core.sources.qdrant.faults import local_in_our_words
from core.sources.threads import Threads

_META = "meta.json"
_STORAGE = "collection/*/storage.sqlite"
_AT_ONCE = 4
# What is raised over files that are damaged, or vanish while they are read.
_UNREADABLE = (
    *(OSError, sqlite3.Error, pickle.UnpicklingError, EOFError, ImportError),
    *(ValueError, LookupError, TypeError, AttributeError),
)
Mark = tuple[tuple[str, int, int], ...]


@dataclass
class Loaded:
    """The points as they were at *mark*, and how many read them."""

    client: QdrantClient
    mark: Mark
    threads: Threads
    readers: int = 0
    in_memory: bool = True

    async def ask(self, method: str, **arguments: Any) -> Any:
        """Call *method* of Qdrant's client. Raises SourceError."""
        with local_in_our_words():
            return await self.threads.run(partial(getattr(self.client, method), **arguments))


class LocalQdrant:
    """The points in *folder* (core.sources.qdrant.connection.Connection)."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name, self._folder = name, folder
        self._threads = Threads(name, _AT_ONCE)
        self._loading = asyncio.Lock()
        self._loaded: Loaded | None = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Loaded]:
        async with self._loading:
            loaded = await self._current()
        loaded.readers += 1
        try:
            yield loaded
        finally:
            loaded.readers -= 1
            self._drop(loaded)

    async def close(self) -> None:
        loaded, self._loaded = self._loaded, None
        if loaded is not None:
            self._drop(loaded)
        self._threads.close()

    async def _current(self) -> Loaded:
        try:
            before, mark = self._loaded, await self._threads.run(self._mark)
            if before is not None and before.mark == mark:
                return before
            loaded = self._loaded = Loaded(await self._threads.run(self._load), mark, self._threads)
        except _UNREADABLE as error:
            raise SourceUnavailable(f"Source {self._name} can't be read as points of Qdrant's local mode.") from error
        if before is not None:
            self._drop(before)
        return loaded

    def _drop(self, loaded: Loaded) -> None:
        """Close what was replaced, once nobody reads it."""
        if loaded is not self._loaded and not loaded.readers:
            loaded.client.close()

    def _mark(self) -> Mark:
        if not (self._folder / _META).is_file():
            raise SourceUnavailable(
                f"Source {self._name} has no points of Qdrant's local mode at its path; check the settings (three"
                " slashes begin a relative path, four an absolute one)."
            )
        paths = [self._folder / _META, *sorted(self._folder.glob(_STORAGE))]
        return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths)

    def _load(self) -> QdrantClient:
        """What is loaded stays in memory: the copy is gone when this returns."""
        with TemporaryDirectory(prefix="levada-qdrant-", ignore_cleanup_errors=True) as copy:
            shutil.copy2(self._folder / _META, copy)
            for storage in self._folder.glob(_STORAGE):
                _copy_database(storage, Path(copy) / storage.relative_to(self._folder))
            return QdrantClient(path=copy, force_disable_check_same_thread=True)


def _copy_database(storage: Path, copy: Path) -> None:
    """As SQLite sees it, whole also while somebody writes to it."""
    copy.parent.mkdir(parents=True)
    with (
        closing(sqlite3.connect(f"{storage.absolute().as_uri()}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(copy)) as target,
    ):
        original.backup(target)

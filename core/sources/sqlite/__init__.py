"""SQLite files, read through Python's own driver in threads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Unpack

from core.sources.base import CheckedQuery, Limits
from core.sources.blocking import BlockingRows, running
from core.sources.described import Configuration, Described
from core.sources.pace import Pace
from core.sources.relational import Relational
from core.sources.sqlite.connection import connect, in_our_words
from core.sources.sqlite.describe import describe
from core.sources.sqlite.rows import SqliteReader
from core.sources.threads import Threads
from levada.v1.catalog_pb2 import Schema


class SqliteSource(Relational, Described):
    """One SQLite file. Nothing is kept open between queries, so that a file may be replaced at any time."""

    kind = dialect = "sqlite"

    def __init__(self, name: str, path: Path, **configured: Unpack[Configuration]) -> None:
        super().__init__(name, **configured)
        self._path = path
        self._threads = Threads(name)

    @asynccontextmanager
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator[BlockingRows]:
        pace = Pace(limits)
        reader = SqliteReader(self.name, self._path, query, pace.deadline)
        async with running(reader, self._threads, pace) as rows:
            yield rows

    async def ping(self) -> None:
        with in_our_words(self.name, connecting=True):
            await self._threads.run(lambda: connect(self._path, float("inf")).close())

    async def close(self) -> None:
        await self._schema.close()
        self._threads.close()

    async def _look(self) -> Schema:
        with in_our_words(self.name, connecting=True):
            return await self._threads.run(lambda: describe(self._path))

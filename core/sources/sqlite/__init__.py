"""SQLite files, read through Python's own driver in threads."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from core.sources.base import CheckedQuery, Limits
from core.sources.blocking import BlockingRows, running
from core.sources.catalog import REMEMBER_SECONDS, add_configured
from core.sources.pace import Pace
from core.sources.relational import Relational
from core.sources.remembered import Remembered
from core.sources.sqlite.connection import connect, in_our_words
from core.sources.sqlite.describe import describe
from core.sources.sqlite.rows import SqliteReader
from core.sources.threads import Threads
from levada.v1.catalog_pb2 import Definition, Schema


class SqliteSource(Relational):
    """One SQLite file. Nothing is kept open between queries, so that a file may be replaced at any time."""

    kind = dialect = "sqlite"

    def __init__(
        self,
        name: str,
        path: Path,
        description: str = "",
        definitions: Sequence[Definition] = (),
        comments: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.description = name, description
        self._path, self._definitions, self._comments = path, definitions, comments or {}
        self._threads = Threads(name)
        self._schema = Remembered(self._describe, REMEMBER_SECONDS)

    async def describe(self) -> Schema:
        return await self._schema.get()

    def forget(self) -> None:
        self._schema.forget()

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

    async def _describe(self) -> Schema:
        with in_our_words(self.name, connecting=True):
            schema = await self._threads.run(lambda: describe(self._path))
        schema.source, schema.dialect = self.name, self.dialect
        return add_configured(schema, self._definitions, self._comments)

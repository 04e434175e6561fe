"""SQLite files, read through Python's own driver in threads."""

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from core.errors import SourceUnavailable
from core.sources.base import Batch, CheckedQuery, Limits
from core.sources.catalog import add_configured
from core.sources.pace import Pace
from core.sources.remembered import Remembered
from core.sources.sqlite.connection import connect, translate
from core.sources.sqlite.describe import describe
from core.sources.sqlite.rows import Reader
from core.sources.threads import Threads
from levada.v1.catalog_pb2 import Definition, Schema

_REMEMBER_SECONDS = 300.0
_PING_SECONDS = 5.0


class SqliteRows:
    """The rows of one query; see core.sources.base.Rows."""

    def __init__(self, reader: Reader, threads: Threads, pace: Pace, name: str) -> None:
        self._reader, self._threads, self._pace, self._name = reader, threads, pace, name
        self.columns = reader.columns

    def __aiter__(self) -> "SqliteRows":
        return self

    async def __anext__(self) -> Batch:
        pace, reader = self._pace, self._reader
        if not reader.holds_rows:
            try:
                async with pace.in_time():
                    await self._threads.run(lambda: reader.read(pace.next_rows), reader.interrupt)
            except sqlite3.Error as error:
                raise translate(error, self._name) from error
        columns, count = reader.take(pace.next_rows)
        if not count:
            raise StopAsyncIteration
        return pace.batch(columns, count)


class SqliteSource:
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
        self._schema = Remembered(self._describe, _REMEMBER_SECONDS)

    async def describe(self) -> Schema:
        return await self._schema.get()

    @asynccontextmanager
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator[SqliteRows]:
        pace = Pace(limits)
        reader = Reader(self._path, query.sql, pace.deadline)
        try:
            try:
                async with pace.in_time():
                    await self._threads.run(reader.open, reader.interrupt)
            except sqlite3.Error as error:
                raise translate(error, self.name) from error
            yield SqliteRows(reader, self._threads, pace, self.name)
        finally:
            self._threads.start(reader.close)

    async def ping(self) -> None:
        try:
            async with Pace(Limits(seconds=_PING_SECONDS)).in_time():
                await self._threads.run(lambda: connect(self._path, float("inf")).close())
        except sqlite3.Error as error:
            raise SourceUnavailable(translate(error, self.name).message) from error

    async def close(self) -> None:
        await self._schema.close()
        self._threads.close()

    async def _describe(self) -> Schema:
        try:
            schema = await self._threads.run(lambda: describe(self._path))
        except sqlite3.Error as error:
            raise SourceUnavailable(translate(error, self.name).message) from error
        schema.source, schema.dialect = self.name, self.dialect
        return add_configured(schema, self._definitions, self._comments)

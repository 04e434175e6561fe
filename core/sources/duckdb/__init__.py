"""DuckDB: database files, and CSV, Parquet and JSON files as tables. Its driver blocks, so it runs in threads."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import duckdb

from core.sources.base import CheckedQuery, Limits
from core.sources.blocking import BlockingRows, running
from core.sources.catalog import REMEMBER_SECONDS, add_configured
from core.sources.duckdb.databases import OpenFiles, open_file
from core.sources.duckdb.describe import describe
from core.sources.duckdb.faults import in_our_words
from core.sources.duckdb.rows import DuckDBReader
from core.sources.pace import Pace
from core.sources.relational import Relational
from core.sources.remembered import Remembered
from core.sources.threads import Threads
from levada.v1.catalog_pb2 import Definition, Schema


class DuckDBSource(Relational):
    """One DuckDB database file, open only while somebody asks it."""

    kind = dialect = "duckdb"

    def __init__(
        self,
        name: str,
        path: Path | str,
        description: str = "",
        definitions: Sequence[Definition] = (),
        comments: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.description = name, description
        self._path, self._definitions, self._comments = Path(path), definitions, comments or {}
        self._threads = Threads(name)
        self._schema = Remembered(self._describe, REMEMBER_SECONDS)

    async def describe(self) -> Schema:
        return await self._schema.get()

    def forget(self) -> None:
        self._schema.forget()

    @asynccontextmanager
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator[BlockingRows]:
        reader = DuckDBReader(self.name, self._connect, query.text, query.parameters)
        async with running(reader, self._threads, Pace(limits)) as rows:
            yield rows

    async def ping(self) -> None:
        with in_our_words(self.name, connecting=True):
            await self._threads.run(lambda: self._connect().close())

    async def close(self) -> None:
        await self._schema.close()
        self._threads.close()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        return open_file(self._path)

    def _read_schema(self) -> Schema:
        with closing(self._connect()) as connection:
            return describe(connection)

    async def _describe(self) -> Schema:
        with in_our_words(self.name, connecting=True):
            schema = await self._threads.run(self._read_schema)
        schema.source, schema.dialect = self.name, self.dialect
        return add_configured(schema, self._definitions, self._comments)


class FilesSource(DuckDBSource):
    """CSV, Parquet and JSON files, each a table named after it. They are read where they are, and may change."""

    def __init__(self, name: str, pattern: str, **more) -> None:
        super().__init__(name, pattern, **more)
        self._files = OpenFiles(name, pattern)

    def _connect(self) -> duckdb.DuckDBPyConnection:
        return self._files.cursor()

    def _read_schema(self) -> Schema:
        with closing(self._connect()) as connection:
            return describe(connection, self._files.get())

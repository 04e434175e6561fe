"""DuckDB: database files, and CSV, Parquet and JSON files as tables. Its driver blocks, so it runs in threads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Unpack

import duckdb

from core.sources.base import CheckedQuery, Limits
from core.sources.blocking import BlockingRows, running
from core.sources.described import Configuration, Described
from core.sources.duckdb.databases import OpenFiles, open_file
from core.sources.duckdb.describe import describe
from core.sources.duckdb.faults import in_our_words
from core.sources.duckdb.rows import DuckDBReader
from core.sources.pace import Pace
from core.sources.relational import Relational
from core.sources.threads import Threads
from levada.v1.catalog_pb2 import Schema


class DuckDBSource(Relational, Described):
    """One DuckDB database file, open only while somebody asks it."""

    kind = dialect = "duckdb"

    def __init__(self, name: str, path: Path | str, **configured: Unpack[Configuration]) -> None:
        super().__init__(name, **configured)
        self._path = Path(path)
        self._threads = Threads(name)

    @asynccontextmanager
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator[BlockingRows]:
        async with running(self._reader(query, limits), self._threads, Pace(limits)) as rows:
            yield rows

    async def ping(self) -> None:
        with in_our_words(self.name, connecting=True):
            await self._threads.run(lambda: self._connect().close())

    async def close(self) -> None:
        await self._schema.close()
        self._threads.close()

    def _connect(self) -> duckdb.DuckDBPyConnection:
        return open_file(self._path)

    def _reader(self, query: CheckedQuery, limits: Limits) -> DuckDBReader:
        if limits.arrow_after is None or query.parameters:
            return DuckDBReader(self.name, self._connect, query.text, query.parameters)
        from core.sources.duckdb.columnar import ArrowReader

        return ArrowReader(self.name, self._connect, query.text)

    def _read_schema(self) -> Schema:
        with closing(self._connect()) as connection:
            return describe(connection)

    async def _look(self) -> Schema:
        with in_our_words(self.name, connecting=True):
            return await self._threads.run(self._read_schema)


class FilesSource(DuckDBSource):
    """CSV, Parquet and JSON files, each a table named after it. They are read where they are, and may change."""

    def __init__(self, name: str, pattern: str, **configured: Unpack[Configuration]) -> None:
        super().__init__(name, pattern, **configured)
        self._files = OpenFiles(name, pattern)

    def _connect(self) -> duckdb.DuckDBPyConnection:
        return self._files.cursor()

    def _read_schema(self) -> Schema:
        with closing(self._connect()) as connection:
            return describe(connection, self._files.get())

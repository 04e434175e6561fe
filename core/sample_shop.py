"""The sample shop as a source: made when it is first needed, kept for the next time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from core.errors import SourceUnavailable, StoreError
from core.sources import open_source, sample
from core.sources.base import CheckedQuery, Limits, Rows, Source
from core.sources.looking import Looked, uncounted
from core.sources.relational import Relational
from core.sources.remembered import Remembered
from levada.v1.catalog_pb2 import Schema

NAME = "shop"
URL = "sample://shop"
"""What stands for it in the settings, to have it beside other sources."""


class SampleShop(Relational):
    """The shop as the source *name* (core.sources.base.Source); its file at *path* is generated unless it is there."""

    kind = dialect = "sqlite"
    description = sample.DESCRIPTION

    def __init__(self, path: Path, name: str = NAME) -> None:
        self.name, self._path = name, path
        self._source: Source | None = None
        self._made = Remembered(self._make, float("inf"))

    async def _make(self) -> Source:
        try:
            await asyncio.to_thread(sample.ensure, self._path)
        except StoreError as error:
            raise SourceUnavailable(error.message) from error
        self._source = open_source(
            self.name,
            str(self._path),
            description=self.description,
            definitions=sample.DEFINITIONS,
            comments=sample.COMMENTS,
        )
        return self._source

    async def describe(self, looked: Looked = uncounted) -> Schema:
        schema = await (await self._made.get()).describe(looked)
        for table in schema.tables:
            for column in table.columns:
                column.unit = sample.UNITS.get(f"{table.name}.{column.name}", "")
        return schema

    def forget(self) -> None:
        if self._source is not None:
            self._source.forget()

    def query(self, query: CheckedQuery, limits: Limits) -> AbstractAsyncContextManager[Rows]:
        return self._query(query, limits)

    @asynccontextmanager
    async def _query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator[Rows]:
        async with (await self._made.get()).query(query, limits) as rows:
            yield rows

    async def ping(self) -> None:
        await (await self._made.get()).ping()

    async def close(self) -> None:
        await self._made.close()
        if self._source is not None:
            await self._source.close()

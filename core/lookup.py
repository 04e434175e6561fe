"""What a model may look up in one source: values from an index in memory, trial runs of queries under the guard."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.errors import QueryRefused, SourceError
from core.models.base import Probe, ValueMatch
from core.sources.base import CheckedQuery, Limits, Source
from core.sources.remembered import Remembered
from core.sources.values import ValueIndex

PROBE = Limits(rows=5, seconds=3.0, batch_rows=5)
# How long an index of values is taken to be true; after that it is used on while a new one is made.
FRESH_SECONDS = 600.0


class SourceLookup:
    """Looks things up in *source* (core.models.base.Lookup). Values are found once `indexed` has returned."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._building = Remembered(self._build, FRESH_SECONDS)
        self._index: ValueIndex | None = None
        self._refreshing: asyncio.Task[None] | None = None

    def find(self, words: str, limit: int = 5) -> Sequence[ValueMatch]:
        if self._index is None:
            return ()
        return [ValueMatch(f.words, f.table, f.column, f.value, f.score) for f in self._index.find(words, limit)]

    def bounds(self, table: str, column: str) -> tuple[Any, Any] | None:
        return self._index.bounds(table, column) if self._index is not None else None

    async def indexed(self) -> None:
        """Wait until there is an index, though it be an old one. Raises SourceError."""
        if self._index is None:
            await self._building.get()
        elif self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh())

    def refresh(self) -> None:
        """Begin a new index; the old one serves until that is there."""
        self._building.forget()
        if self._index is not None and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._refresh())

    async def probe(self, sql: str, rows: int = PROBE.rows) -> Probe:
        try:
            schema = await self._source.describe()
            query = await asyncio.to_thread(self._source.check, sql, schema, rows)
            return Probe(rows=await self._rows(query, replace(PROBE, rows=rows)))
        except (QueryRefused, SourceError) as error:
            return Probe(error=error.message)

    async def _rows(self, query: CheckedQuery, limits: Limits) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        async with self._source.query(query, limits) as rows:
            async for batch in rows:
                found.extend(zip(*batch.columns, strict=True))
        return found[: limits.rows]

    async def _build(self) -> ValueIndex:
        self._index = await ValueIndex.build(self._source)
        return self._index

    async def _refresh(self) -> None:
        try:
            await self._building.get()
        except SourceError:
            return  # the old index serves on, and the question itself will meet the failure

    async def close(self) -> None:
        """Stop indexing, when that is still under way."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])
        await self._building.close()

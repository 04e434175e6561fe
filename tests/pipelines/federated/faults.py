"""A real source with faults of a network before it, and a look at what it is asked."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from core.errors import SourceLost
from core.sources.base import NOTHING, Batch, CheckedQuery, Limits, Parameters, Rows, Source
from levada.v1.catalog_pb2 import Schema

Before = Callable[[CheckedQuery], Awaitable[None]]


async def nothing(_: CheckedQuery) -> None:
    """Let every query pass."""


class Watched:
    """Has *before* done before each query reaches *source*; *asked* keeps the queries that did."""

    def __init__(self, source: Source, before: Before = nothing) -> None:
        self._source, self.before = source, before
        self.asked: list[CheckedQuery] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    # The catalogue knows by its source what was looked up: it is the same one.
    def __eq__(self, other: object) -> bool:
        return self._source == (other._source if isinstance(other, Watched) else other)

    def __hash__(self) -> int:
        return hash(self._source)

    def check(self, text: str, readable: Schema, rows: int, parameters: Parameters = NOTHING) -> CheckedQuery:
        return self._source.check(text, readable, rows, parameters)

    @asynccontextmanager
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator[Rows]:
        await self.before(query)
        self.asked.append(query)
        async with self._source.query(query, limits) as rows:
            yield rows


class Breaking(Watched):
    """Loses the connection after the first rows of its first query."""

    @asynccontextmanager
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator[Rows]:
        async with super().query(query, limits) as rows:
            yield rows if len(self.asked) > 1 else _Broken(rows)


class _Broken:
    def __init__(self, rows: Rows) -> None:
        self._rows, self.columns = rows, rows.columns

    async def __aiter__(self) -> AsyncIterator[Batch]:
        yield await anext(aiter(self._rows))
        raise SourceLost


def watch(sources: Mapping[str, Source], name: str, before: Before = nothing) -> Watched:
    """Put a Watched in the place of the source *name* in a house's catalogue."""
    watched = Watched(sources[name], before)
    sources[name] = watched  # type: ignore[index]
    return watched

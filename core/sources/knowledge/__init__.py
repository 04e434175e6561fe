"""Documents as a source: passages about a text, found in an index in memory that is kept up as they change."""

import asyncio
from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Unpack

from core.sources.base import NOTHING, Batch, CheckedQuery, Limits, Parameters
from core.sources.described import Configuration, Configured
from core.sources.embedding.base import Embedder
from core.sources.knowledge.describe import describe, result_columns
from core.sources.knowledge.index import Index, Segment
from core.sources.knowledge.library import Library
from core.sources.knowledge.passage import Held, Shelf
from core.sources.knowledge.query import DIALECT, LANGUAGE, KnowledgeQuery, check
from core.sources.looking import Looked, uncounted
from core.sources.pace import Pace
from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import ResultColumn

__all__ = ["KnowledgeSource"]


class KnowledgeSource(Configured):
    """What *shelf* keeps (core.sources.base.Source). *embedder* made its vectors, and makes those of questions."""

    kind, dialect, language = "knowledge", DIALECT, LANGUAGE
    form: Mapping[str, Any] | None = KnowledgeQuery.model_json_schema()

    def __init__(
        self, name: str, shelf: Shelf, embedder: Embedder | None = None, **configured: Unpack[Configuration]
    ) -> None:
        super().__init__(name, **configured)
        self._library, self._embedder = Library(shelf), embedder
        self._described: tuple[Hashable, Schema] | None = None

    @property
    def passages(self) -> int:
        """How many are held in memory."""
        return self._library.passages

    def let_go(self) -> None:
        """Give up the index, which is made anew for whoever searches next."""
        self._library.let_go()

    async def prepared(self, name: str, passages: Sequence[Held]) -> Segment | None:
        """Return a document as it will be searched, to be offered once it is on the shelf; None while nobody searches.

        So no search waits for what is added here.
        """
        return await asyncio.to_thread(Segment, name, passages) if self._library.whole else None

    def offer(self, stamp: Hashable, segment: Segment) -> None:
        """Take in a document that has just been put on the shelf, where it has that *stamp*."""
        self._library.offer(segment.file, stamp, segment)

    async def describe(self, looked: Looked = uncounted) -> Schema:
        if self._described is None or self._described[0] != await self._library.look():
            index = await self._library.index()
            self._described = index.version, self._configured(describe(index))
        return self._described[1]

    def forget(self) -> None:
        """Nothing is taken to be as it was: each time the shelf is asked whether it changed."""

    def check(self, text: str, readable: Schema, rows: int, parameters: Parameters = NOTHING) -> CheckedQuery:
        return check(text, readable, rows, parameters)

    @asynccontextmanager
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator["Passages"]:
        asked = KnowledgeQuery.model_validate_json(query.text)
        pace = Pace(limits)
        async with pace.in_time():
            index = await self._library.index()
            vector, near = await self._vector(asked.text, index)
            found = await asyncio.to_thread(index.find, asked.text, asked.limit, asked.file, vector, near)
        yield Passages(found, pace)

    async def ping(self) -> None:
        await self._library.look()

    async def close(self) -> None:
        await self._library.close()
        if self._embedder is not None:
            await self._embedder.close()

    async def _vector(self, text: str, index: Index) -> tuple[Sequence[float], float | None]:
        if self._embedder is None or not index.by_meaning:
            return (), None
        return (await self._embedder.embed([text]))[0], self._embedder.near


class Passages:
    """The passages found, as rows (core.sources.base.Rows)."""

    def __init__(self, found: Sequence[tuple[Held, float]], pace: Pace) -> None:
        self.columns: Sequence[ResultColumn] = result_columns()
        self._found, self._pace = list(found), pace

    def __aiter__(self) -> "Passages":
        return self

    async def __anext__(self) -> Batch:
        if not self._found:
            raise StopAsyncIteration
        some, self._found = self._found[: self._pace.next_rows], self._found[self._pace.next_rows :]
        rows = [(one.file, *one.piece, score) for one, score in some]
        return self._pace.batch(list(zip(*rows, strict=True)), len(rows))

"""Documents as a source: passages about a text, found in an index in memory that is made anew when they change."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Unpack

from core.sources.base import NOTHING, Batch, CheckedQuery, Limits, Parameters
from core.sources.described import Configuration, Configured
from core.sources.embedding.base import Embedder
from core.sources.knowledge.describe import describe, result_columns
from core.sources.knowledge.index import Index
from core.sources.knowledge.passage import Contents, Held, Shelf
from core.sources.knowledge.query import DIALECT, LANGUAGE, KnowledgeQuery, check
from core.sources.looking import Looked, uncounted
from core.sources.pace import Pace
from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import ResultColumn

__all__ = ["KnowledgeSource"]


@dataclass(frozen=True)
class _Known:
    contents: Contents
    index: Index
    schema: Schema


class KnowledgeSource(Configured):
    """What *shelf* keeps (core.sources.base.Source). *embedder* made its vectors, and makes those of questions."""

    kind, dialect, language = "knowledge", DIALECT, LANGUAGE
    form: Mapping[str, Any] | None = KnowledgeQuery.model_json_schema()

    def __init__(
        self, name: str, shelf: Shelf, embedder: Embedder | None = None, **configured: Unpack[Configuration]
    ) -> None:
        super().__init__(name, **configured)
        self._shelf, self._embedder = shelf, embedder
        self._known: _Known | None = None
        self._making = asyncio.Lock()

    async def describe(self, looked: Looked = uncounted) -> Schema:
        return (await self._present()).schema

    def forget(self) -> None:
        """Nothing is taken to be as it was: each time the shelf is asked whether it changed."""

    def check(self, text: str, readable: Schema, rows: int, parameters: Parameters = NOTHING) -> CheckedQuery:
        return check(text, readable, rows, parameters)

    @asynccontextmanager
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator["Passages"]:
        asked = KnowledgeQuery.model_validate_json(query.text)
        pace = Pace(limits)
        async with pace.in_time():
            known = await self._present()
            vector, near = await self._vector(asked.text, known.index)
            found = await asyncio.to_thread(known.index.find, asked.text, asked.limit, asked.file, vector, near)
        yield Passages(found, pace)

    async def ping(self) -> None:
        await self._shelf.version()

    async def close(self) -> None:
        await self._shelf.close()
        if self._embedder is not None:
            await self._embedder.close()

    async def _vector(self, text: str, index: Index) -> tuple[Sequence[float], float | None]:
        if self._embedder is None or not index.by_meaning:
            return (), None
        return (await self._embedder.embed([text]))[0], self._embedder.near

    async def _present(self) -> _Known:
        """Return what the shelf holds now; however many ask at once, it is read once."""
        if self._known is None or await self._shelf.version() != self._known.contents.version:
            async with self._making:
                if self._known is None or await self._shelf.version() != self._known.contents.version:
                    contents = await self._shelf.contents()
                    index = await asyncio.to_thread(Index, contents.passages)
                    self._known = _Known(contents, index, self._configured(describe(contents)))
        return self._known


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

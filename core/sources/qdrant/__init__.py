"""Qdrant: collections of points with vectors, searched by likeness, filtered by what they carry."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, Unpack

from core.errors import QueryFailed, QueryTimeout, SourceUnavailable
from core.sources.base import NOTHING, CheckedQuery, Limits, Parameters
from core.sources.catalog import REMEMBER_SECONDS
from core.sources.described import Configuration, Configured
from core.sources.embedding import open_embedder
from core.sources.looking import Looked, uncounted
from core.sources.pace import Pace
from core.sources.qdrant.connection import Points, connect
from core.sources.qdrant.describe import Description, Space, describe
from core.sources.qdrant.guard import DIALECT, LANGUAGE, check
from core.sources.qdrant.likeness import least, named, require_comparable
from core.sources.qdrant.query import FORM, VectorQuery
from core.sources.qdrant.rows import Pages, PointRows
from core.sources.remembered import Remembered
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import ColumnType

_DESCRIBE_SECONDS = 30.0
_PING_SECONDS = 10.0


class QdrantSource(Configured):
    """The collections of a Qdrant server, or of a folder in Qdrant's local mode (core.sources.base.Source).

    *embedder* turns the texts of queries into vectors; it is the one that the points were made with, or empty.
    """

    kind = dialect = DIALECT
    language = LANGUAGE
    form: Mapping[str, Any] | None = FORM

    def __init__(self, name: str, url: str, embedder: str = "", **configured: Unpack[Configuration]) -> None:
        super().__init__(name, **configured)
        self._embedder = open_embedder(embedder) if embedder else None
        self._connection = connect(name, url)
        self._described = Remembered(self._describe, REMEMBER_SECONDS)
        self._mixed: set[tuple[str, str]] = set()

    async def describe(self, looked: Looked = uncounted) -> Schema:
        return (await self._described.get(looked)).schema

    def forget(self) -> None:
        self._described.forget()

    def check(self, text: str, readable: Schema, rows: int, parameters: Parameters = NOTHING) -> CheckedQuery:
        return check(text, readable, rows, parameters, embeds=self._embedder is not None)

    @asynccontextmanager
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator[PointRows]:
        pace, asked = Pace(limits), VectorQuery.model_validate_json(query.text)
        async with AsyncExitStack() as stack:
            async with pace.in_time():
                points = await stack.enter_async_context(self._connection.reading())
                known = await self._described.get()
                spaces = known.vectors.get(asked.collection, {})
                vector, using = await self._looked_for(asked, spaces)
                if vector is not None and asked.every:
                    near = self._embedder.near if self._embedder is not None else None
                    asked.score_threshold = await least(points, asked, vector, using, spaces[using], near)
                    limits.tell(f"What is at least {asked.score_threshold:.2f} alike is taken to be about it.")
            pages = Pages(points, asked, vector, using, pace)
            kinds = {name: self._kind(asked.collection, name, kind) for name, kind in known.kinds(asked.collection)}
            learn = partial(self._learn, asked.collection)
            yield PointRows(pages, await pages.next(), asked.fields or (), kinds, learn, pace)

    async def ping(self) -> None:
        async with self._looking(_PING_SECONDS) as points:
            await points.ask("get_collections")

    async def close(self) -> None:
        await self._described.close()
        await self._connection.close()
        if self._embedder is not None:
            await self._embedder.close()

    async def _looked_for(self, asked: VectorQuery, spaces: Mapping[str, Space]) -> tuple[Sequence[float] | None, str]:
        """Return the vector to look for and the name of the vectors to compare it with. Raises SourceError."""
        if asked.text is None and asked.vector is None:
            return None, ""
        using = named(asked, spaces)
        if isinstance(asked.text, str) and self._embedder is not None:
            (vector,) = await self._embedder.embed([asked.text])
            require_comparable(vector, spaces[using].dimensions, asked, self._embedder.name)
            return vector, using
        return asked.vector, using

    def _kind(self, collection: str, column: str, described: ColumnType) -> ColumnType:
        return events.COLUMN_TYPE_TEXT if (collection, column) in self._mixed else described

    def _learn(self, collection: str, column: str) -> None:
        self._mixed.add((collection, column))

    async def _describe(self) -> Description:
        async with self._looking(_DESCRIBE_SECONDS) as points:
            found = await describe(points, self._described.looked)
        self._configured(found.schema)
        return found

    @asynccontextmanager
    async def _looking(self, seconds: float) -> AsyncIterator[Points]:
        """Give the points for calls that may take *seconds*. Raises SourceUnavailable when they fail or take longer."""
        try:
            async with asyncio.timeout(seconds), self._connection.reading() as points:
                yield points
        except TimeoutError:
            raise SourceUnavailable(f"Source {self.name} can't be reached: it is too slow to answer.") from None
        except (QueryFailed, QueryTimeout) as error:
            raise SourceUnavailable(f"Source {self.name} can't be read: {error.message}") from error

"""The rows of one pipeline: documents as the server hands them out, put into columns."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

import bson
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.cursor import AsyncRawBatchCursor

from core.errors import QueryFailed, SourceError
from core.sources.base import Batch
from core.sources.mongodb import types
from core.sources.mongodb.client import Client, Document
from core.sources.mongodb.query import MongoQuery
from core.sources.pace import FIRST_ROWS, Pace
from levada.v1.event_pb2 import ColumnType, ResultColumn

_SEEN_DOCUMENTS = 12_000
_SEEN_SECONDS = 0.03
_QUICK_SECONDS = 0.25
_MOST_BYTES = 8 * 2**20
_BLOCKING_BYTES = 2**20

Path = tuple[str, ...]


class MongoRows:
    """The rows of one query (core.sources.base.Rows). *working* tells whether the server is at it just now.

    Opening looks at the first documents, up to 12,000 or as many as come in 30 ms, to know the columns' types.
    """

    columns: Sequence[ResultColumn]

    def __init__(self, client: Client, pace: Pace, known: Sequence[tuple[str, str]] | None) -> None:
        self._client, self._pace, self._known = client, pace, known
        self.cursor: AsyncRawBatchCursor[Document] | None = None
        self.working = False
        self._ahead: list[Document] = []
        self._paths: list[Path] = []
        self._helping = self._fitting = FIRST_ROWS
        self._room = 0

    async def open(self, query: MongoQuery, session: AsyncClientSession, seconds: float) -> None:
        """Run *query* as far as its first documents. Raises what a source's query raises."""
        collection = self._client.database[query.collection]
        self._options = collection.codec_options
        with self._asking():
            # A server's answers hold 16 MB at most: taken one by one, they bound what is in memory.
            self.cursor = await collection.aggregate_raw_batches(
                query.pipeline,
                session=session,
                batchSize=FIRST_ROWS,
                maxTimeMS=max(1, round(seconds * 1000)),
                allowDiskUse=False,
                comment="levada",
            )
        until = time.monotonic() + _SEEN_SECONDS
        self._ahead = await self._fetch(FIRST_ROWS)
        while len(self._ahead) < _SEEN_DOCUMENTS and time.monotonic() < until and self._room > 0:
            if not (more := await self._fetch(self._pace.batch_rows)):
                break
            self._ahead += more
        self._learn(self._ahead)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Batch:
        most = self._pace.next_rows
        if self._ahead:
            documents, self._ahead = self._ahead[:most], self._ahead[most:]
        else:
            async with self._pace.in_time():
                documents = await self._fetch(min(most, self._helping))
        if not documents:
            raise StopAsyncIteration
        return self._pace.batch(self._in_columns(documents), len(documents))

    async def _fetch(self, most: int) -> list[Document]:
        """Fetch up to *most* documents, fewer when they are large; none when there are no more.

        Helpings grow while they come quickly, so that slow ones are shown early.
        """
        began = time.monotonic()
        documents: list[Document] = []
        self._room = _MOST_BYTES
        while len(documents) < most and self._room > 0 and self.cursor is not None and self.cursor.alive:
            self.cursor.batch_size(max(1, min(most - len(documents), self._fitting)))
            with self._asking():
                documents += await self._decoded(await anext(self.cursor, b""))
        quick = time.monotonic() - began < _QUICK_SECONDS
        self._helping = min(self._pace.batch_rows, self._helping * 4) if quick else max(1, self._helping // 2)
        return documents

    async def _decoded(self, answer: Any) -> list[Document]:
        """Return the documents of a server's answer, and learn how many make the next one large enough."""
        self._room -= len(answer)
        if len(answer) < _BLOCKING_BYTES:
            documents = bson.decode_all(answer, self._options)
        else:
            documents = await asyncio.to_thread(bson.decode_all, answer, self._options)
        if documents:
            self._fitting = max(1, _MOST_BYTES * len(documents) // len(answer))
        return documents

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Who is cancelled here, or out of time, leaves the server at work."""
        self.working = True
        try:
            with self._client.asking():
                yield
        except SourceError:
            self.working = False
            raise
        self.working = False

    def _learn(self, documents: Sequence[Document]) -> None:
        known = self._known or [(name, "") for name in _names(documents)]
        self._paths = [tuple(path.split(".")) if self._known else (path,) for path, _ in known]
        seen = (_column(documents, path) for path in self._paths)
        self.columns = [
            ResultColumn(name=name, type=types.fit(native, values), nullable=True)
            for (name, native), values in zip(known, seen, strict=True)
        ]

    def _in_columns(self, documents: Sequence[Document]) -> list[Sequence[Any]]:
        if not self._known and (late := _names(documents).keys() - {column.name for column in self.columns}):
            raise QueryFailed(
                f'Field "{min(late)}" comes up only after rows were shown without it; name the fields that are'
                " wanted in a last $project."
            )
        values = (_column(documents, path) for path in self._paths)
        return [_formed(column, one) for column, one in zip(self.columns, values, strict=True)]


def _names(documents: Iterable[Document]) -> dict[str, None]:
    return {name: None for document in documents for name in document}


def _column(documents: Sequence[Document], path: Path) -> list[Any]:
    if len(path) == 1:
        (name,) = path
        return [document.get(name) for document in documents]
    return [_within(document, path) for document in documents]


def _within(value: Any, path: Path) -> Any:
    """Return what is at *path*; of each item where there is an array on the way."""
    for at, name in enumerate(path):
        if isinstance(value, list):
            return [_within(item, path[at:]) for item in value]
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _formed(column: ResultColumn, values: Sequence[Any]) -> Sequence[Any]:
    try:
        return types.apply(column.type, values)
    except (ValueError, ArithmeticError) as error:
        kind = ColumnType.Name(column.type).removeprefix("COLUMN_TYPE_").lower()
        raise QueryFailed(
            f'Field "{column.name}" began as {kind} and then holds something else ({error}); $convert it to one type.'
        ) from None

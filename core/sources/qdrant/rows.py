"""Points as rows: the best hits of a search all at once, all that are near, or that meet a filter, page by page."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

from qdrant_client import models

from core.errors import QueryFailed
from core.sources.base import Batch
from core.sources.pace import Pace
from core.sources.qdrant.connection import Points
from core.sources.qdrant.payload import ID, SCORE, leaves, path_of
from core.sources.qdrant.query import VectorQuery
from core.sources.qdrant.types import converted, kind_of, kind_of_ids, merged
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import ColumnType, ResultColumn

_PAGE = 10_000


class Pages:
    """The points that *query* asks for, page by page; with *vector*, those most like it, the most alike first."""

    def __init__(
        self, points: Points, query: VectorQuery, vector: Sequence[float] | None, using: str, pace: Pace
    ) -> None:
        self._points, self._query, self._vector, self._using, self._pace = points, query, vector, using, pace
        self._left = query.limit or 0
        self._seen = 0
        self._offset: Any = None
        self._filter = (
            models.Filter(**query.filter.model_dump(exclude_none=True, by_alias=True)) if query.filter else None
        )
        self._payload = [path_of(name) for name in query.fields or () if name not in (ID, SCORE)] or False

    async def next(self) -> list[Any]:
        """Return further points; none when there are no more. Raises SourceError."""
        if not self._left:
            return []
        async with self._pace.in_time():
            return await (self._scroll() if self._vector is None else self._search(self._vector))

    async def _search(self, vector: Sequence[float]) -> list[Any]:
        paged = self._query.every and not self._points.in_memory
        most = min(self._left, _PAGE) if paged else self._left
        answer = await self._points.ask(
            "query_points",
            collection_name=self._query.collection,
            query=list(vector),
            using=self._using or None,
            query_filter=self._filter,
            # An index finds most of the nearest; what is counted has to be all of them.
            search_params=models.SearchParams(exact=True) if paged else None,
            limit=most,
            offset=self._seen or None,
            score_threshold=self._query.score_threshold,
            with_payload=self._payload,
            timeout=self._timeout(),
        )
        self._seen += len(answer.points)
        self._left = self._left - most if paged and len(answer.points) == most else 0
        return answer.points

    async def _scroll(self) -> list[Any]:
        whole = self._points.in_memory and self._filter is not None
        points, self._offset = await self._points.ask(
            "scroll",
            collection_name=self._query.collection,
            scroll_filter=self._filter,
            limit=self._left if whole else min(self._pace.next_rows, self._left),
            offset=self._offset,
            with_payload=self._payload,
            timeout=self._timeout(),
        )
        self._left = self._left - len(points) if self._offset is not None else 0
        return points

    def _timeout(self) -> int:
        """Whole seconds, as Qdrant has them, no fewer than are left: it is we who are exact."""
        return max(1, math.ceil(self._pace.deadline - time.monotonic()))


class PointRows:
    """The rows of one query (core.sources.base.Rows).

    *known* is what the description says of the columns' types. *learn* is told of a column that holds more than that.
    """

    def __init__(
        self,
        pages: Pages,
        first: list[Any],
        fields: Sequence[str],
        known: Mapping[str, ColumnType],
        learn: Callable[[str], None],
        pace: Pace,
    ) -> None:
        self._pages, self._ahead, self._known, self._learn, self._pace = pages, first, known, learn, pace
        columns = zip(fields, _columns_of(first, fields), strict=True)  # all that is there tells the types
        self.columns: Sequence[ResultColumn] = [
            ResultColumn(name=name, type=self._kind(name, values), nullable=name != ID) for name, values in columns
        ]

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Batch:
        ahead, most = self._ahead or await self._pages.next(), self._pace.next_rows
        points, self._ahead = ahead[:most], ahead[most:]
        if not points:
            raise StopAsyncIteration
        found = _columns_of(points, [column.name for column in self.columns])
        columns = [self._converted(column, values) for column, values in zip(self.columns, found, strict=True)]
        return self._pace.batch(columns, len(points))

    def _kind(self, name: str, values: Sequence[Any]) -> ColumnType:
        known = self._known.get(name, events.COLUMN_TYPE_UNSPECIFIED)
        if name == SCORE:
            return known
        kinds = {known, kind_of_ids(values)} if name == ID else {known, *map(kind_of, values)}
        return merged(kinds)

    def _converted(self, column: ResultColumn, values: Sequence[Any]) -> list[Any]:
        try:
            return [converted(value, column.type) for value in values]
        except (ValueError, TypeError, ArithmeticError) as error:
            self._learn(column.name)
            kind = ColumnType.Name(column.type).removeprefix("COLUMN_TYPE_").lower()
            raise QueryFailed(
                f'The field "{column.name}" began as {kind}, and then {error}. Ask again: it is read as text now.'
            ) from None


def _columns_of(points: Sequence[Any], names: Sequence[str]) -> list[list[Any]]:
    payloads = [leaves(point.payload or {}) for point in points]
    return [_column_of(name, points, payloads) for name in names]


def _column_of(name: str, points: Sequence[Any], payloads: Sequence[Mapping[str, Any]]) -> list[Any]:
    if name in (ID, SCORE):
        return [getattr(point, name) for point in points]
    path = path_of(name)
    return [payload.get(path) for payload in payloads]

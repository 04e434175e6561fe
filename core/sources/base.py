"""What every source can do. Implementations are named by what they talk to and chosen by URL scheme."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import ResultColumn


@dataclass(frozen=True)
class Limits:
    """What one query may use.

    *rows* is what the caller may see; the guard asks for one more, to know of truncation.
    *seconds* is the statement timeout; *batch_rows* the most rows in one batch.
    """

    rows: int = 10_000
    seconds: float = 60.0
    batch_rows: int = 2000


@dataclass(frozen=True)
class CheckedQuery:
    """A query that the guard let pass: *sql* is written anew from the checked tree, never the caller's text.

    *row_limit* rows may be shown; the SQL asks for one more. Only the guard makes these.
    """

    sql: str
    dialect: str
    row_limit: int
    tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """Rows as columns: *columns* holds one sequence of Python values per result column, each *row_count* long.

    Values are what ColumnType says in its Python form: bool, int, float, Decimal, str, bytes, date, time, datetime,
    timedelta, UUID, or (JSON) already serialised text; None is NULL.
    """

    columns: Sequence[Sequence[Any]]
    row_count: int


class Written(list[Any]):
    """A column of a Batch whose source has at hand what the wire carries for its values: *texts*, one for each."""

    def __init__(self, values: Iterable[Any], texts: Sequence[str]) -> None:
        super().__init__(values)
        self.texts = texts


class Rows(Protocol):
    """A running query's result: its columns at once, then batches as the driver yields them."""

    columns: Sequence[ResultColumn]

    def __aiter__(self) -> AsyncIterator[Batch]: ...


class Source(Protocol):
    """Something that holds data and answers queries. Safe for concurrent use by many runs."""

    name: str
    kind: str
    dialect: str
    description: str

    async def describe(self) -> Schema:
        """Return tables, columns, keys, comments, row estimates and samples, cached, without scanning large tables.

        Raises SourceUnavailable.
        """

    def query(self, query: CheckedQuery, limits: Limits) -> AbstractAsyncContextManager[Rows]:
        """Run *query*; leaving the context, also by cancellation, stops it in the database.

        Raises QueryFailed, QueryTimeout, SourceUnavailable, SourceLost.
        """

    async def ping(self) -> None:
        """Raise SourceUnavailable unless the source answers."""

    async def close(self) -> None:
        """Give back connections."""

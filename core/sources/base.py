"""What every source can do. Implementations are named by what they talk to and chosen by URL scheme."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from core.sources.looking import Looked, uncounted
from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import ResultColumn

SQL = "sql"
"""The language of most sources; the others' queries are JSON documents."""

Parameters = Mapping[str, Sequence[Any]]
"""Values for the names in a query: `IN (:name)` in SQL, {"$value": "name"} in a JSON document."""

NOTHING: Parameters = MappingProxyType({})


def untold(_: str) -> None:
    """Keep what a source says to itself."""


@dataclass(frozen=True)
class Limits:
    """What one query may use.

    *rows* is what the caller may see; the guard asks for one more, to know of truncation.
    *seconds* is the statement timeout; *batch_rows* the most rows in one batch.
    *tell* gets, for people, what holds the query up: a pause that the source asked for.
    *arrow_after* so many rows, columns may come as Arrow arrays (see Batch), where the source has them sooner; None
    for never.
    """

    rows: int = 10_000
    seconds: float = 60.0
    batch_rows: int = 2000
    tell: Callable[[str], None] = untold
    arrow_after: int | None = None


@dataclass(frozen=True)
class CheckedQuery:
    """A query that the guard let pass: *text* is written anew from what was checked, never the caller's own.

    *row_limit* rows may be shown; the text asks for one more. *tables* are read (collections, channels), as the schema
    names them. *parameters* are bound by the driver in the order of their places in *text*; for languages without
    places they are part of *text*. Only `Source.check` makes these.
    """

    text: str
    dialect: str
    row_limit: int
    tables: tuple[str, ...] = ()
    language: str = SQL
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Batch:
    """Rows as columns: *columns* holds one sequence of Python values per result column, each *row_count* long.

    Values are what ColumnType says in its Python form: bool, int, float, Decimal, str, bytes, date, time, datetime,
    timedelta, UUID, or (JSON) already serialised text; None is NULL. Who asks for it (Limits.arrow_after) may get
    instead a pyarrow.Array of the type that `rows.arrow_schema` says for the column.
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
    """Something that holds data and answers queries. Safe for concurrent use by many runs.

    *language* is what its queries are written in ("sql", "mongodb", "vector", "slack", "knowledge"), *dialect* that of
    its SQL, or what it talks to. *form* is the JSON schema of a query, None for SQL.
    """

    name: str
    kind: str
    language: str
    dialect: str
    description: str
    form: Mapping[str, Any] | None

    async def describe(self, looked: Looked = uncounted) -> Schema:
        """Return tables, columns, keys, comments, row estimates and samples, cached, without scanning large tables.

        *looked* hears of it now and then, where tables are looked at one by one. Raises SourceUnavailable.
        """

    def forget(self) -> None:
        """Have `describe` look anew, for whoever asks next."""

    def check(self, text: str, readable: Schema, rows: int, parameters: Parameters = NOTHING) -> CheckedQuery:
        """Return *text* as it may run over what *readable* names, for at most *rows* rows, *parameters* bound.

        Costs only time, a long query tenths of a second: call it in a thread. Raises QueryRefused, nothing else.
        """

    def query(self, query: CheckedQuery, limits: Limits) -> AbstractAsyncContextManager[Rows]:
        """Run *query*; leaving the context, also by cancellation, stops it in the database.

        Raises QueryFailed, QueryTimeout, SourceUnavailable, SourceLost.
        """

    async def ping(self) -> None:
        """Raise SourceUnavailable unless the source answers."""

    async def close(self) -> None:
        """Give back connections."""

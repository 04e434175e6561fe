"""What is known of a result after its rows have passed: gathered batch by batch, over all rows, in plain arrays."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from math import isfinite, isnan, nan
from typing import Any

from core.pipelines.answering.analysis import periods, roles, shape
from core.pipelines.answering.analysis.periods import Timeline
from core.pipelines.answering.analysis.roles import Role
from core.sources.base import Batch
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import ResultColumn

# More different values than this in a column say nothing as categories, and are no longer told apart.
MOST_LABELS = 10_000
NO_LABEL = 0xFFFFFFFF


@dataclass
class Column:
    """One column over all rows.

    A measure has *numbers* (NULL is nan). Anything else has *codes* into *labels*, which are None when there were too
    many different values; *first* and *last* of times are known even then. *whole*: every number is a whole one;
    *additive*: its sum means something. *table* is where it comes from, when the query says so.
    """

    name: str
    unit: str
    role: Role
    nulls: int
    numbers: "array[float] | None" = None
    codes: "array[int] | None" = None
    labels: list[Any] | None = None
    first: date | None = None
    last: date | None = None
    additive: bool = False
    whole: bool = False
    table: str = ""

    @cached_property
    def timeline(self) -> Timeline | None:
        return periods.read(self.name, self.labels) if self.role is Role.TIME and self.labels else None

    @cached_property
    def values(self) -> list[float]:
        """The numbers that are there."""
        return [value for value in self.numbers or () if not isnan(value)]

    def label(self, row: int) -> Any:
        """Return the value in *row*; None for NULL and for what was not kept."""
        if self.codes is None or self.labels is None or self.codes[row] == NO_LABEL:
            return None
        return self.labels[self.codes[row]]


@dataclass
class Statistics:
    """A result's columns with what was gathered of them."""

    rows: int
    columns: Sequence[Column]
    shape: shape.Shape

    def having(self, role: Role) -> list[Column]:
        return [column for column in self.columns if column.role is role]

    @cached_property
    def grouped(self) -> bool:
        """Whether rows are groups: as the query says, else when names and times tell every row apart."""
        if self.shape.grouped is not None:
            return self.shape.grouped
        keys = [column.codes for column in self.columns if column.role in (Role.CATEGORY, Role.TIME)]
        if self.having(Role.IDENTIFIER) or not keys or None in keys:
            return False
        return len(set(zip(*filter(None, keys), strict=True))) == self.rows

    @property
    def cut(self) -> bool:
        """Whether the query's own limit may have left rows out: with fewer rows than it allows, it did not."""
        return self.shape.limited and (self.shape.limit is None or self.rows >= self.shape.limit)

    @property
    def measures(self) -> list[Column]:
        """Figures with at least one value, those that add up first."""
        found = [column for column in self.having(Role.MEASURE) if column.nulls < self.rows]
        return sorted(found, key=lambda column: not column.additive)

    @property
    def keys(self) -> list[Column]:
        """What rows are told apart by, best first: words, then identifiers."""
        return [*self.having(Role.CATEGORY), *self.having(Role.IDENTIFIER)]


class Collector:
    """Takes a result's batches; *sql* helps to tell sums from averages, but may be left out."""

    def __init__(self, columns: Sequence[ResultColumn], sql: str = "", dialect: str = "") -> None:
        self._columns = columns
        self._shape = shape.read(sql, dialect)
        self._gatherers: list[_Numbers | _Labels] = []
        self._rows = 0

    def add(self, batch: Batch) -> None:
        """Take in *batch*."""
        if not self._gatherers:
            pairs = zip(self._columns, batch.columns, strict=True)
            self._gatherers = [_gatherer(column, values) for column, values in pairs]
        for gatherer, values in zip(self._gatherers, batch.columns, strict=True):
            gatherer.add(values)
        self._rows += batch.row_count

    def statistics(self) -> Statistics:
        """Return what was gathered so far."""
        gatherers = self._gatherers or [_Labels() for _ in self._columns]
        said: Sequence[bool | None] = self._shape.additive
        if len(said) != len(self._columns):
            said = [None] * len(self._columns)
        columns = [
            _numeric(column, gathered, sums) if isinstance(gathered, _Numbers) else _named(column, gathered)
            for column, gathered, sums in zip(self._columns, gatherers, said, strict=True)
        ]
        tables = self._shape.tables or [self._shape.table] * len(columns)
        for column, table in zip(columns, tables, strict=False):
            column.table = table
        return Statistics(self._rows, columns, self._shape)


class _Numbers:
    """Numbers as doubles, nan where there is none."""

    def __init__(self) -> None:
        self.numbers = array("d")
        self.nulls = 0

    def add(self, values: Sequence[Any]) -> None:
        try:
            numbers = array("d", values)
        except (TypeError, OverflowError):  # NULLs, text among numbers, whole numbers beyond any double
            numbers = array("d", map(_number, values))
        if not all(map(isfinite, numbers)):
            numbers = array("d", map(_number, numbers))
            self.nulls += sum(map(isnan, numbers))
        self.numbers.extend(numbers)


class _Codes(dict[Any, int]):
    """Numbers values in the order in which they come; NULL has a code of its own."""

    def __missing__(self, key: Any) -> int:
        self[key] = code = len(self) - 1
        return code


class _Labels:
    """Values by number, as long as there are few different ones; the first and last of times."""

    def __init__(self) -> None:
        self.codes: array[int] | None = array("I")
        self.known = _Codes({None: NO_LABEL})
        self.nulls = 0
        self.first: date | None = None
        self.last: date | None = None

    def add(self, values: Sequence[Any]) -> None:
        if self.codes is None:
            self.nulls += values.count(None)
            self._span(values)
            return
        codes = array("I", map(self.known.__getitem__, values))
        self.nulls += codes.count(NO_LABEL)
        self.codes.extend(codes)
        if len(self.known) > MOST_LABELS + 1:
            self.codes = None
            self._span(self.known)
            self.known.clear()

    @property
    def labels(self) -> list[Any] | None:
        return [value for value in self.known if value is not None] if self.codes is not None else None

    def span(self) -> tuple[date | None, date | None]:
        if self.codes is not None:
            self._span(self.known)
        return self.first, self.last

    def _span(self, values: Iterable[Any]) -> None:
        times = [value for value in values if isinstance(value, date)]
        if times:
            self.first = min(times) if self.first is None else min(self.first, *times)
            self.last = max(times) if self.last is None else max(self.last, *times)


def _gatherer(column: ResultColumn, values: Sequence[Any]) -> _Numbers | _Labels:
    if column.type == events.COLUMN_TYPE_UNSPECIFIED:
        first = next((value for value in values if value is not None), None)
        return _Numbers() if isinstance(first, int | float | Decimal) and not isinstance(first, bool) else _Labels()
    return _Numbers() if column.type in roles.NUMERIC else _Labels()


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return nan
    return number if isfinite(number) else nan


def _named(column: ResultColumn, gathered: _Labels) -> Column:
    labels = gathered.labels
    role = roles.of_text(column.name, column.type, labels)
    first, last = gathered.span() if role is Role.TIME else (None, None)
    return Column(column.name, column.unit, role, gathered.nulls, None, gathered.codes, labels, first, last)


def _numeric(column: ResultColumn, gathered: _Numbers, said: bool | None) -> Column:
    numbers = gathered.numbers
    whole = all(map(float.is_integer, filter(isfinite, numbers)))
    role = roles.of_number(column.name, numbers, whole)
    if role is Role.MEASURE:
        additive = roles.additive(column.name, column.unit, said)
        return Column(column.name, column.unit, role, gathered.nulls, numbers, additive=additive, whole=whole)
    names = _Labels()
    names.add([None if isnan(number) else int(number) if whole else number for number in numbers])
    return Column(column.name, column.unit, role, gathered.nulls, None, names.codes, names.labels)

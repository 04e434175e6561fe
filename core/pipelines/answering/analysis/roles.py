"""What a result's columns are for: a figure to add up or not, a time, a name, an identifier."""

from collections.abc import Sequence
from enum import StrEnum
from math import isfinite
from typing import Any

from core.pipelines.answering.analysis import periods
from core.pipelines.answering.analysis.words import tokens
from levada.v1 import event_pb2 as events


class Role(StrEnum):
    # A figure; whether it may be summed is said apart.
    MEASURE = "measure"
    TIME = "time"
    # Words with which rows are told apart or grouped.
    CATEGORY = "category"
    # Numbers and codes that name a thing: never averaged, never totalled.
    IDENTIFIER = "identifier"
    OTHER = "other"


NUMERIC = frozenset({events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DOUBLE, events.COLUMN_TYPE_DECIMAL})
TIMES = frozenset({events.COLUMN_TYPE_DATE, events.COLUMN_TYPE_TIMESTAMP, events.COLUMN_TYPE_TIMESTAMP_ZONED})
_CATEGORIES = frozenset({events.COLUMN_TYPE_TEXT, events.COLUMN_TYPE_BOOLEAN, events.COLUMN_TYPE_UNSPECIFIED})

_IDENTIFIERS = frozenset({
    "id", "ids", "uuid", "guid", "key", "pk", "fk", "code", "zip", "zipcode", "postcode", "postal", "phone",
    "telephone", "fax", "isbn", "ean", "sku", "iban", "ssn", "no", "nr", "lat", "latitude", "lon", "lng", "longitude",
})  # fmt: skip
_PARTIAL = frozenset({
    "avg", "average", "mean", "median", "min", "minimum", "max", "maximum", "rate", "ratio", "share", "percent",
    "percentage", "pct", "proportion", "std", "stddev", "variance", "per", "quantile", "percentile", "rank",
    "ranking", "running", "cumulative", "distinct", "different", "unique", "smallest", "largest", "lowest", "highest",
    "growth", "change", "index",
})  # fmt: skip
_ADDITIVE = frozenset({
    "sum", "total", "count", "counts", "cnt", "number", "num", "n", "qty", "quantity", "quantities", "revenue",
    "sales", "turnover", "amount", "amounts", "refund", "refunds", "budget", "spent", "spend", "spending", "units",
    "pieces", "items", "orders", "profit", "income", "expenses", "earnings", "stock", "visits", "clicks", "views",
    "votes", "points", "goals", "population", "sold",
})  # fmt: skip


def of_text(name: str, kind: int, labels: Sequence[Any] | None) -> Role:
    """Return what a column without numbers is for; *labels* are its different values where they are few."""
    if kind in TIMES:
        return Role.TIME
    if kind in _CATEGORIES:
        timely = labels and kind != events.COLUMN_TYPE_BOOLEAN and periods.read(name, labels)
        return Role.TIME if timely else Role.CATEGORY
    return Role.IDENTIFIER if kind == events.COLUMN_TYPE_UUID else Role.OTHER


def of_number(name: str, numbers: Sequence[float], whole: bool) -> Role:
    """Return what a column of numbers is for; missing ones are nan."""
    words = tokens(name)
    if "(" in name or not words:
        return Role.MEASURE
    if whole and periods.may_be_time(words):
        different = {int(number) for number in numbers if isfinite(number)}
        if periods.read(name, different):
            return Role.TIME
    return Role.IDENTIFIER if _names_things(words) else Role.MEASURE


def _names_things(words: list[str]) -> bool:
    if words[-1] == "number" and len(words) > 1:
        return not {"total", "avg", "average", "max", "min"} & set(words)
    return words[-1] in _IDENTIFIERS


def additive(name: str, unit: str, said: bool | None) -> bool:
    """Tell whether a figure's values may be summed: as the SQL *said*, else by its name; in doubt, not."""
    words = set(tokens(name))
    if unit == "%" or words & _PARTIAL:
        return False
    if said is not None:
        return said
    return bool(words & _ADDITIVE)

"""What a column's values are. SQLite lets any value stand in any column, so the values themselves have a say.

A declared type (found for results too, see connection.result_types) holds when all values seen fit it: ISO text
declared DATE becomes dates, 0 and 1 declared BOOLEAN become booleans, figures declared DECIMAL(10,2) become exact
decimals. Else the values decide: integers, figures, bytes, and TEXT for a mixture. Values are seen before columns
are announced (see rows); one that comes later and does not fit fails the query, rather than be shown as another.
"""

import datetime
import json
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache, partial
from operator import countOf
from typing import Any

from core.sources.base import Written
from core.sources.sqlite import iso
from levada.v1 import event_pb2 as events

_WORDS = {
    "BOOL": events.COLUMN_TYPE_BOOLEAN,
    "BOOLEAN": events.COLUMN_TYPE_BOOLEAN,
    "DATE": events.COLUMN_TYPE_DATE,
    "TIME": events.COLUMN_TYPE_TIME,
    "DATETIME": events.COLUMN_TYPE_TIMESTAMP,
    "TIMESTAMP": events.COLUMN_TYPE_TIMESTAMP,
    "TIMESTAMPTZ": events.COLUMN_TYPE_TIMESTAMP_ZONED,
    "DATETIMEOFFSET": events.COLUMN_TYPE_TIMESTAMP_ZONED,
    "DECIMAL": events.COLUMN_TYPE_DECIMAL,
    "NUMERIC": events.COLUMN_TYPE_DECIMAL,
    "MONEY": events.COLUMN_TYPE_DECIMAL,
    "JSON": events.COLUMN_TYPE_JSON,
    "UUID": events.COLUMN_TYPE_UUID,
}
# SQLite's own rules of affinity, in their order (https://sqlite.org/datatype3.html#determination_of_column_affinity).
_AFFINITIES = (
    ("INT", events.COLUMN_TYPE_INTEGER),
    ("CHAR", events.COLUMN_TYPE_TEXT),
    ("CLOB", events.COLUMN_TYPE_TEXT),
    ("TEXT", events.COLUMN_TYPE_TEXT),
    ("BLOB", events.COLUMN_TYPE_BINARY),
    ("REAL", events.COLUMN_TYPE_DOUBLE),
    ("FLOA", events.COLUMN_TYPE_DOUBLE),
    ("DOUB", events.COLUMN_TYPE_DOUBLE),
)

Convert = Callable[[Any], Any]


def declared(native: str) -> events.ColumnType:
    """Return what the declared type *native* promises; UNSPECIFIED when it promises nothing."""
    text = native.upper()
    word = re.split(r"[\s(]", text.strip(), maxsplit=1)[0]
    if word in _WORDS:
        kind = _WORDS[word]
        zoned = kind == events.COLUMN_TYPE_TIMESTAMP and "WITH TIME ZONE" in text
        return events.COLUMN_TYPE_TIMESTAMP_ZONED if zoned else kind
    return next((kind for part, kind in _AFFINITIES if part in text), events.COLUMN_TYPE_UNSPECIFIED)


@dataclass(frozen=True)
class Fit:
    """A column's type, and how its values take that type's form.

    Values of the type *plain* need no conversion. *convert_all* is for many values without NULL, where that is faster.
    *places* are a decimal's digits after the point.
    """

    kind: events.ColumnType
    convert: Convert
    plain: type | None = None
    convert_all: Callable[[Sequence[Any]], Sequence[Any]] | None = None
    places: int = 0

    def apply(self, values: Sequence[Any]) -> Sequence[Any]:
        """Return *values* in their type's form. Raises ValueError when one does not fit."""
        if self.plain is not None and countOf(map(type, values), self.plain) == len(values):
            return values
        kinds = set(map(type, values))
        if kinds <= {self.plain, type(None)}:
            return values
        convert = self.convert
        if type(None) in kinds:
            return [None if value is None else convert(value) for value in values]
        return self.convert_all(values) if self.convert_all else list(map(convert, values))


def fit(native: str, values: Sequence[Any]) -> Fit:
    """Return the type for *values* of a column declared as *native*; the first candidate that all fit."""
    kind = declared(native)
    present = [value for value in values if value is not None]
    candidates = _candidates(kind, native)
    if not present:
        return next((candidate for candidate in candidates if candidate.kind == kind), _TEXT)
    for candidate in candidates:
        try:
            candidate.apply(present)
        except (ValueError, TypeError, AttributeError, ArithmeticError):
            continue
        return candidate
    return _by_values(present)


def _by_values(values: Sequence[Any]) -> Fit:
    kinds = set(map(type, values))
    if kinds == {int}:
        return _INTEGER
    if kinds <= {int, float}:
        return _DOUBLE
    return _BINARY if kinds == {bytes} else _TEXT


def _candidates(kind: events.ColumnType, native: str) -> Sequence[Fit]:
    match kind:
        case events.COLUMN_TYPE_DECIMAL:
            scale = re.search(r",\s*(\d+)\s*\)", native)
            return [_decimal(int(scale[1]) if scale else 0)]
        case events.COLUMN_TYPE_UNSPECIFIED | events.COLUMN_TYPE_TEXT | events.COLUMN_TYPE_BINARY:
            return []
        case events.COLUMN_TYPE_DATE | events.COLUMN_TYPE_TIMESTAMP | events.COLUMN_TYPE_TIMESTAMP_ZONED:
            return [_DATE, _TIMESTAMP, _ZONED]  # what is declared a timestamp may hold bare days, and the reverse
        case _:
            return [_ONE_FORM[kind]]


def _text(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _refuse(value: Any) -> Any:
    raise ValueError(f"{type(value).__name__} value {str(value)[:40]!r}")


def _only(kind: type) -> Convert:
    return lambda value: value if type(value) is kind else _refuse(value)


def _double(value: Any) -> float:
    return float(value) if type(value) in (int, float) else _refuse(value)


def _boolean(value: Any) -> bool:
    return bool(value) if type(value) is int and value in (0, 1) else _refuse(value)


@cache
def _decimal(scale: int) -> Fit:
    """A figure was stored as a double: give it back the digits that it was written with, where they fit."""

    @lru_cache(maxsize=65_536)  # prices come again and again
    def exact(value: Any) -> tuple[Decimal, str]:
        if type(value) not in (int, float):
            _refuse(value)
        text = f"{value + 0:.{scale}f}"  # never -0.00
        number = Decimal(text if float(text) == value else repr(value))
        return number, format(number, "f")

    def all_exact(values: Sequence[Any]) -> Written:
        return Written(*zip(*map(exact, values), strict=True))

    return Fit(events.COLUMN_TYPE_DECIMAL, lambda value: exact(value)[0], convert_all=all_exact, places=scale)


def _timestamp(value: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(value)
    return moment if moment.tzinfo is None else _refuse(value)


def _zoned(value: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(value)
    return moment if moment.tzinfo is not None else _refuse(value)


def _json(value: Any) -> str:
    if type(value) is str:
        json.loads(value)
        return value
    return json.dumps(value) if type(value) in (int, float) else _refuse(value)


def _uuid(value: Any) -> uuid.UUID:
    return uuid.UUID(bytes=value) if type(value) is bytes else uuid.UUID(value)


_INTEGER = Fit(events.COLUMN_TYPE_INTEGER, _only(int), int)
_DOUBLE = Fit(events.COLUMN_TYPE_DOUBLE, _double, float)
_TEXT = Fit(events.COLUMN_TYPE_TEXT, _text, str)
_BINARY = Fit(events.COLUMN_TYPE_BINARY, _only(bytes), bytes)
_DATE = Fit(events.COLUMN_TYPE_DATE, datetime.date.fromisoformat, convert_all=iso.dates)
_TIMESTAMP = Fit(events.COLUMN_TYPE_TIMESTAMP, _timestamp, convert_all=partial(iso.moments, otherwise=_timestamp))
_ZONED = Fit(events.COLUMN_TYPE_TIMESTAMP_ZONED, _zoned)
_ONE_FORM = {
    events.COLUMN_TYPE_INTEGER: _INTEGER,
    events.COLUMN_TYPE_DOUBLE: _DOUBLE,
    events.COLUMN_TYPE_BOOLEAN: Fit(events.COLUMN_TYPE_BOOLEAN, _boolean),
    events.COLUMN_TYPE_TIME: Fit(events.COLUMN_TYPE_TIME, datetime.time.fromisoformat),
    events.COLUMN_TYPE_JSON: Fit(events.COLUMN_TYPE_JSON, _json),
    events.COLUMN_TYPE_UUID: Fit(events.COLUMN_TYPE_UUID, _uuid),
}

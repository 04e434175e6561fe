"""What JSON values are in Levada's words. Dates are texts there, and told by how all of a field's values look."""

import datetime
import decimal
import re
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from core.sources.catalog import sample_text
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import ColumnType

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_UNKNOWN = events.COLUMN_TYPE_UNSPECIFIED
_NESTED = (events.COLUMN_TYPE_JSON,)
_NUMBERS = (events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DECIMAL, events.COLUMN_TYPE_DOUBLE)  # each holds the last
_MOMENTS = (events.COLUMN_TYPE_DATE, events.COLUMN_TYPE_TIMESTAMP_ZONED)

# Qdrant's names for types, as its payload indexes tell them.
INDEXED = {
    "keyword": events.COLUMN_TYPE_TEXT,
    "text": events.COLUMN_TYPE_TEXT,
    "uuid": events.COLUMN_TYPE_TEXT,
    "integer": events.COLUMN_TYPE_INTEGER,
    "float": events.COLUMN_TYPE_DOUBLE,
    "bool": events.COLUMN_TYPE_BOOLEAN,
    "datetime": events.COLUMN_TYPE_TIMESTAMP_ZONED,
}
FLOAT = "float"
_NATIVE = {
    events.COLUMN_TYPE_TEXT: "keyword",
    events.COLUMN_TYPE_INTEGER: "integer",
    events.COLUMN_TYPE_DECIMAL: "integer",
    events.COLUMN_TYPE_DOUBLE: FLOAT,
    events.COLUMN_TYPE_BOOLEAN: "bool",
    events.COLUMN_TYPE_DATE: "datetime",
    events.COLUMN_TYPE_TIMESTAMP_ZONED: "datetime",
}


def kind_of(value: Any) -> ColumnType:
    """Return the type of one JSON value."""
    match value:
        case None:
            return _UNKNOWN
        case bool():
            return events.COLUMN_TYPE_BOOLEAN
        case int():
            fits = -(2**63) <= value < 2**63
            return events.COLUMN_TYPE_INTEGER if fits else events.COLUMN_TYPE_DECIMAL
        case float():
            return events.COLUMN_TYPE_DOUBLE
        case str():
            return _kind_of_text(value)
        case _:
            return events.COLUMN_TYPE_JSON


def _kind_of_text(text: str) -> ColumnType:
    """Long texts are never dates: most are told apart without reading them."""
    if len(text) <= 40 and _DATE.match(text):
        try:
            if _DATE.fullmatch(text):
                datetime.date.fromisoformat(text)
                return events.COLUMN_TYPE_DATE
            if _MOMENT.match(text):
                datetime.datetime.fromisoformat(text)
                return events.COLUMN_TYPE_TIMESTAMP_ZONED
        except ValueError:
            pass
    return events.COLUMN_TYPE_TEXT


def merged(kinds: Iterable[ColumnType]) -> ColumnType:
    """Return the narrowest type that holds values of all *kinds*."""
    found = set(kinds) - {_UNKNOWN}
    if len(found) <= 1:
        return next(iter(found), _UNKNOWN)
    for family in (_NUMBERS, _MOMENTS):
        if found <= set(family):
            return max(found, key=family.index)
    return events.COLUMN_TYPE_JSON if found & set(_NESTED) else events.COLUMN_TYPE_TEXT


def native_of_kind(kind: ColumnType) -> str:
    """Return *kind* in Qdrant's words, nothing where it has none."""
    return _NATIVE.get(kind, "")


def native_of(values: Sequence[Any]) -> str:
    """Return the type of a field's values in Qdrant's words, `keyword[]` for lists of texts."""
    kind = merged(map(kind_of, values))
    if kind != events.COLUMN_TYPE_JSON:
        return native_of_kind(kind)
    elements = [element for value in values if isinstance(value, list) for element in value]
    return f"{native_of_kind(merged(map(kind_of, elements)))}[]" if elements else "object"


def kind_of_ids(ids: Iterable[int | str]) -> ColumnType:
    """Ids are natural numbers below 2**64, or UUIDs; a collection may have both."""
    kinds = {kind_of(one) if isinstance(one, int) else events.COLUMN_TYPE_UUID for one in ids}
    return kinds.pop() if len(kinds) == 1 else _UNKNOWN if not kinds else events.COLUMN_TYPE_TEXT


def converted(value: Any, kind: ColumnType) -> Any:
    """Return *value* in the Python form of *kind* (core.sources.base.Batch). Raises ValueError when it does not fit."""
    if value is None:
        return None
    match kind:
        case events.COLUMN_TYPE_JSON:
            return orjson.dumps(value).decode()
        case events.COLUMN_TYPE_TEXT | events.COLUMN_TYPE_UNSPECIFIED:
            return orjson.dumps(value).decode() if isinstance(value, dict | list) else sample_text(value)
        case events.COLUMN_TYPE_UUID:
            return uuid.UUID(value)
    if merged((kind, kind_of(value))) != kind:
        raise ValueError(f"it also holds {native_of_kind(kind_of(value)) or 'nested'} values")
    match kind:
        case events.COLUMN_TYPE_DOUBLE:
            return float(value)
        case events.COLUMN_TYPE_DECIMAL:
            return decimal.Decimal(value)
        case events.COLUMN_TYPE_DATE:
            return datetime.date.fromisoformat(value)
        case events.COLUMN_TYPE_TIMESTAMP_ZONED:
            moment = datetime.datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)  # as Qdrant reads it
        case _:
            return value

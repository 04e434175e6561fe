"""Values of BSON as a result's columns carry them. Documents need not agree: a column's type is one all its values fit.

Integers and figures together are figures, single values of several types are text, and what is nested is JSON.
"""

import datetime
import uuid
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import orjson
from bson.binary import Binary
from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.objectid import ObjectId

from core.sources.rows import decimal_text
from levada.v1 import event_pb2 as events

NOTHING = "null"
SEPARATOR = " | "

_KINDS: dict[type, str] = {
    str: "string",
    int: "int",
    Int64: "long",
    float: "double",
    Decimal128: "decimal",
    bool: "bool",
    datetime.datetime: "date",
    DatetimeMS: "date",
    ObjectId: "objectId",
    uuid.UUID: "uuid",
    bytes: "binData",
    Binary: "binData",
    dict: "object",
    list: "array",
    type(None): NOTHING,
}
_TYPES = {
    "string": events.COLUMN_TYPE_TEXT,
    "int": events.COLUMN_TYPE_INTEGER,
    "long": events.COLUMN_TYPE_INTEGER,
    "double": events.COLUMN_TYPE_DOUBLE,
    "decimal": events.COLUMN_TYPE_DECIMAL,
    "bool": events.COLUMN_TYPE_BOOLEAN,
    "date": events.COLUMN_TYPE_TIMESTAMP_ZONED,
    "objectId": events.COLUMN_TYPE_TEXT,
    "uuid": events.COLUMN_TYPE_UUID,
    "binData": events.COLUMN_TYPE_BINARY,
    "object": events.COLUMN_TYPE_JSON,
    "array": events.COLUMN_TYPE_JSON,
}
_FIGURES = {events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DOUBLE}
_EXACT = {*_FIGURES, events.COLUMN_TYPE_DECIMAL}


def kind_of(value: Any) -> str:
    """Return the type of *value* in MongoDB's words."""
    return _KINDS.get(type(value)) or type(value).__name__.lower()


def type_of(kinds: Iterable[str]) -> events.ColumnType:
    """Return the type that values of all these *kinds* fit."""
    types = {_TYPES.get(kind, events.COLUMN_TYPE_TEXT) for kind in kinds if kind != NOTHING}
    if len(types) == 1:
        return types.pop()
    if types and types <= _EXACT:
        return events.COLUMN_TYPE_DOUBLE if types <= _FIGURES else events.COLUMN_TYPE_DECIMAL
    return events.COLUMN_TYPE_JSON if events.COLUMN_TYPE_JSON in types else events.COLUMN_TYPE_TEXT


def fit(native: str, values: Sequence[Any]) -> events.ColumnType:
    """Return the type for a column whose first *values* are these, and which is known to hold *native*, if not ""."""
    kinds = set(map(kind_of, values)) - {NOTHING}
    known = {kind for kind in native.split(SEPARATOR) if kind in _TYPES}
    return type_of(kinds | known if kinds <= {"int", "long", *known} else kinds)


def apply(kind: int, values: Sequence[Any]) -> Sequence[Any]:
    """Return *values* in the form of a column of type *kind*. Raises ValueError when one does not fit."""
    plain, convert = _FORMS[kind]
    kinds = set(map(type, values))
    if kinds <= {plain, type(None)}:
        return values
    return [None if value is None else convert(value) for value in values]


def _refuse(value: Any) -> Any:
    raise ValueError(f"{kind_of(value)} {_text(value)[:40]}")


def _integer(value: Any) -> int:
    return int(value) if kind_of(value) in ("int", "long") else _refuse(value)


def _double(value: Any) -> float:
    return float(value) if kind_of(value) in ("int", "long", "double") else _refuse(value)


def _decimal(value: Any) -> Decimal:
    match value:
        case Decimal128():
            return value.to_decimal()
        case bool():
            return _refuse(value)
        case int():
            return Decimal(int(value))
        case float():
            return Decimal(repr(value))
        case _:
            return _refuse(value)


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case dict() | list() | bool() | float():
            return json_text(value)
        case Decimal128():
            return decimal_text(value.to_decimal())
        case datetime.datetime():
            return value.isoformat()
        case bytes():
            return value.hex()
        case DatetimeMS():
            return f"{int(value)} ms since 1970"  # a year that no calendar here reaches
        case _:
            return str(value)


def json_text(value: Any) -> str:
    """Return *value* as JSON; what JSON has no word for as text."""
    return orjson.dumps(value, default=_text).decode()


def _only(*kinds: type) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, kinds) else _refuse(value)


_FORMS: dict[int, tuple[type, Callable[[Any], Any]]] = {
    events.COLUMN_TYPE_INTEGER: (int, _integer),
    events.COLUMN_TYPE_DOUBLE: (float, _double),
    events.COLUMN_TYPE_DECIMAL: (Decimal, _decimal),
    events.COLUMN_TYPE_BOOLEAN: (bool, _only(bool)),
    events.COLUMN_TYPE_TEXT: (str, _text),
    events.COLUMN_TYPE_TIMESTAMP_ZONED: (datetime.datetime, _only(datetime.datetime)),
    events.COLUMN_TYPE_UUID: (uuid.UUID, _only(uuid.UUID)),
    events.COLUMN_TYPE_BINARY: (bytes, _only(bytes)),
    events.COLUMN_TYPE_JSON: (type(None), json_text),
}

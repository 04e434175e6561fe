"""MySQL's and MariaDB's types in Levada's words, and values in their form.

TIMESTAMP is shown as DATETIME is, in the session's time zone, as every client of theirs shows it. A zero date, which
no calendar has, is NULL. TINYINT(1) counts as boolean in a description; in a result it stays a number, since nothing
keeps 2 out of it.
"""

import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from asyncmy.constants import FIELD_TYPE, FLAG

from core.errors import QueryFailed
from levada.v1 import event_pb2 as events

_BINARY_CHARSET = 63
_DAY = datetime.timedelta(days=1)
_MIDNIGHT = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_RESULT_KINDS = {
    FIELD_TYPE.TINY: events.COLUMN_TYPE_INTEGER,
    FIELD_TYPE.SHORT: events.COLUMN_TYPE_INTEGER,
    FIELD_TYPE.INT24: events.COLUMN_TYPE_INTEGER,
    FIELD_TYPE.LONG: events.COLUMN_TYPE_INTEGER,
    FIELD_TYPE.YEAR: events.COLUMN_TYPE_INTEGER,
    FIELD_TYPE.FLOAT: events.COLUMN_TYPE_DOUBLE,
    FIELD_TYPE.DOUBLE: events.COLUMN_TYPE_DOUBLE,
    FIELD_TYPE.DECIMAL: events.COLUMN_TYPE_DECIMAL,
    FIELD_TYPE.NEWDECIMAL: events.COLUMN_TYPE_DECIMAL,
    FIELD_TYPE.DATE: events.COLUMN_TYPE_DATE,
    FIELD_TYPE.NEWDATE: events.COLUMN_TYPE_DATE,
    FIELD_TYPE.TIME: events.COLUMN_TYPE_TIME,
    FIELD_TYPE.DATETIME: events.COLUMN_TYPE_TIMESTAMP,
    FIELD_TYPE.TIMESTAMP: events.COLUMN_TYPE_TIMESTAMP,
    FIELD_TYPE.JSON: events.COLUMN_TYPE_JSON,
    FIELD_TYPE.GEOMETRY: events.COLUMN_TYPE_BINARY,
}
_NATIVE_KINDS = {
    "tinyint": events.COLUMN_TYPE_INTEGER,
    "smallint": events.COLUMN_TYPE_INTEGER,
    "mediumint": events.COLUMN_TYPE_INTEGER,
    "int": events.COLUMN_TYPE_INTEGER,
    "bigint": events.COLUMN_TYPE_INTEGER,
    "year": events.COLUMN_TYPE_INTEGER,
    "bit": events.COLUMN_TYPE_INTEGER,
    "float": events.COLUMN_TYPE_DOUBLE,
    "double": events.COLUMN_TYPE_DOUBLE,
    "decimal": events.COLUMN_TYPE_DECIMAL,
    "date": events.COLUMN_TYPE_DATE,
    "time": events.COLUMN_TYPE_TIME,
    "datetime": events.COLUMN_TYPE_TIMESTAMP,
    "timestamp": events.COLUMN_TYPE_TIMESTAMP,
    "json": events.COLUMN_TYPE_JSON,
}
_TEXTS = ("char", "varchar", "text", "tinytext", "mediumtext", "longtext", "enum", "set", "uuid", "inet4", "inet6")

Convert = Callable[[Any], Any]


def kind_of_native(native: str) -> events.ColumnType:
    """Return the type of a column in the catalogue, *native* being information_schema's column_type."""
    word = native.partition("(")[0].partition(" ")[0].lower()
    if native.lower() in ("tinyint(1)", "bit(1)"):
        return events.COLUMN_TYPE_BOOLEAN
    if word == "bigint" and "unsigned" in native:
        return events.COLUMN_TYPE_DECIMAL
    if word in _TEXTS:
        return events.COLUMN_TYPE_TEXT
    return _NATIVE_KINDS.get(word, events.COLUMN_TYPE_BINARY)


def kind_of_field(field: Any) -> events.ColumnType:
    """Return the type of a result's column from the driver's field descriptor."""
    match field.type_code:
        case FIELD_TYPE.LONGLONG:
            return events.COLUMN_TYPE_DECIMAL if field.flags & FLAG.UNSIGNED else events.COLUMN_TYPE_INTEGER
        case FIELD_TYPE.BIT:
            return events.COLUMN_TYPE_BOOLEAN if field.length == 1 else events.COLUMN_TYPE_DECIMAL
        case code if code in _RESULT_KINDS:
            return _RESULT_KINDS[code]
        case _:
            binary = field.charsetnr == _BINARY_CHARSET
            return events.COLUMN_TYPE_BINARY if binary else events.COLUMN_TYPE_TEXT


def conversion(field: Any) -> Convert | None:
    """Return what brings the driver's value into our form; None when it has it already."""
    kind = kind_of_field(field)
    match kind:
        case events.COLUMN_TYPE_TIME:
            return _time
        case events.COLUMN_TYPE_DATE | events.COLUMN_TYPE_TIMESTAMP:
            return _day_of_the_calendar
        case events.COLUMN_TYPE_BOOLEAN:
            return _bit
        case events.COLUMN_TYPE_DECIMAL if field.type_code == FIELD_TYPE.BIT:
            return _bits
        case events.COLUMN_TYPE_DECIMAL if field.type_code == FIELD_TYPE.LONGLONG:
            return Decimal
        case _:
            return None


def converted(values: Sequence[Any], convert: Convert | None) -> Sequence[Any]:
    """Return a column's values through *convert*, NULL left alone. Raises QueryFailed."""
    if convert is None or (convert is _day_of_the_calendar and str not in set(map(type, values))):
        return values
    return [None if value is None else convert(value) for value in values]


def _day_of_the_calendar(value: Any) -> Any:
    """The driver gives a date that it can't read, as 0000-00-00 is, as text."""
    return None if isinstance(value, str) else value


def _time(value: Any) -> datetime.time:
    if not isinstance(value, datetime.timedelta) or not datetime.timedelta(0) <= value < _DAY:
        raise QueryFailed(f"The TIME {value} is no time of day; CAST it to CHAR.")
    return (_MIDNIGHT + value).time()


def _bit(value: bytes) -> bool:
    return value != b"\x00"


def _bits(value: bytes) -> Decimal:
    return Decimal(int.from_bytes(value, "big"))

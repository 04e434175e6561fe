"""DuckDB's types in Levada's words, and values in their form.

Its driver gives no more than Python's types hold: microseconds of TIMESTAMP_NS, months of an INTERVAL as 30 days,
`infinity` in dates as the last day. CAST to VARCHAR in the query keeps the rest.
"""

import json
import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from core.errors import QueryFailed
from levada.v1 import event_pb2 as events

_KINDS = {
    "BOOLEAN": events.COLUMN_TYPE_BOOLEAN,
    "TINYINT": events.COLUMN_TYPE_INTEGER,
    "SMALLINT": events.COLUMN_TYPE_INTEGER,
    "INTEGER": events.COLUMN_TYPE_INTEGER,
    "BIGINT": events.COLUMN_TYPE_INTEGER,
    "UTINYINT": events.COLUMN_TYPE_INTEGER,
    "USMALLINT": events.COLUMN_TYPE_INTEGER,
    "UINTEGER": events.COLUMN_TYPE_INTEGER,
    "UBIGINT": events.COLUMN_TYPE_DECIMAL,
    "HUGEINT": events.COLUMN_TYPE_DECIMAL,
    "UHUGEINT": events.COLUMN_TYPE_DECIMAL,
    "BIGNUM": events.COLUMN_TYPE_DECIMAL,
    "FLOAT": events.COLUMN_TYPE_DOUBLE,
    "DOUBLE": events.COLUMN_TYPE_DOUBLE,
    "BLOB": events.COLUMN_TYPE_BINARY,
    "DATE": events.COLUMN_TYPE_DATE,
    "TIME": events.COLUMN_TYPE_TIME,
    "TIMESTAMP": events.COLUMN_TYPE_TIMESTAMP,
    "TIMESTAMP_S": events.COLUMN_TYPE_TIMESTAMP,
    "TIMESTAMP_MS": events.COLUMN_TYPE_TIMESTAMP,
    "TIMESTAMP_NS": events.COLUMN_TYPE_TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": events.COLUMN_TYPE_TIMESTAMP_ZONED,
    "INTERVAL": events.COLUMN_TYPE_INTERVAL,
    "UUID": events.COLUMN_TYPE_UUID,
    "JSON": events.COLUMN_TYPE_JSON,
}
_NESTED = ("STRUCT(", "MAP(", "UNION(", "ROW(")
_ALWAYS_DATES = {
    events.COLUMN_TYPE_DATE,
    events.COLUMN_TYPE_TIMESTAMP,
    events.COLUMN_TYPE_TIMESTAMP_ZONED,
}

Convert = Callable[[Any], Any]


def kind_of(native: str) -> events.ColumnType:
    """Return the type for DuckDB's *native*; what is in no list (ENUM, BIT, TIMETZ) is shown as text."""
    if native.endswith("]") or native.startswith(_NESTED):
        return events.COLUMN_TYPE_JSON
    if native.startswith("DECIMAL"):
        return events.COLUMN_TYPE_DECIMAL
    return _KINDS.get(native, events.COLUMN_TYPE_TEXT)


def conversion(native: str) -> Convert | None:
    """Return what brings the driver's value into our form; None when it has it already."""
    kind = kind_of(native)
    if kind in _ALWAYS_DATES:
        return _date
    if kind == events.COLUMN_TYPE_JSON and native != "JSON":
        return _json_text
    if kind == events.COLUMN_TYPE_DECIMAL and not native.startswith("DECIMAL"):
        return Decimal
    return str if kind == events.COLUMN_TYPE_TEXT and native != "VARCHAR" else None


def converted(values: Sequence[Any], convert: Convert | None) -> Sequence[Any]:
    """Return a column's values through *convert*, NULL left alone. Raises QueryFailed."""
    if convert is None or (convert is _date and str not in set(map(type, values))):
        return values
    return [None if value is None else convert(value) for value in values]


def _date(value: Any) -> Any:
    """The driver gives a day that Python's types can't hold as text."""
    if isinstance(value, str):
        raise out_of_range(value)
    return value


def out_of_range(date: str) -> QueryFailed:
    return QueryFailed(f"The date {date} is out of the range that can be shown; CAST it to VARCHAR.")


def _json_text(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Return *value* as JSON knows it; what JSON doesn't know, and figures that must stay exact, as text."""
    match value:
        case float() if not math.isfinite(value):
            return str(value)
        case None | bool() | int() | float() | str():
            return value
        case dict():
            return {str(name): _plain(part) for name, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case bytes():
            return value.hex()
        case _:
            return value.isoformat() if hasattr(value, "isoformat") else str(value)

"""Trino's types in Levada's words, and values in their form from what its protocol carries as JSON.

Times are kept to the microsecond. What is in no list here (IP addresses, sketches, times of a zone) is shown as text.
"""

import base64
import datetime
import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from core.errors import QueryFailed
from levada.v1 import event_pb2 as events

_KINDS = {
    "boolean": events.COLUMN_TYPE_BOOLEAN,
    "tinyint": events.COLUMN_TYPE_INTEGER,
    "smallint": events.COLUMN_TYPE_INTEGER,
    "integer": events.COLUMN_TYPE_INTEGER,
    "bigint": events.COLUMN_TYPE_INTEGER,
    "real": events.COLUMN_TYPE_DOUBLE,
    "double": events.COLUMN_TYPE_DOUBLE,
    "decimal": events.COLUMN_TYPE_DECIMAL,
    "number": events.COLUMN_TYPE_DECIMAL,
    "varbinary": events.COLUMN_TYPE_BINARY,
    "date": events.COLUMN_TYPE_DATE,
    "time": events.COLUMN_TYPE_TIME,
    "timestamp": events.COLUMN_TYPE_TIMESTAMP,
    "timestamp with time zone": events.COLUMN_TYPE_TIMESTAMP_ZONED,
    "interval day to second": events.COLUMN_TYPE_INTERVAL,
    "interval year to month": events.COLUMN_TYPE_INTERVAL,
    "uuid": events.COLUMN_TYPE_UUID,
    "json": events.COLUMN_TYPE_JSON,
    "array": events.COLUMN_TYPE_JSON,
    "map": events.COLUMN_TYPE_JSON,
    "row": events.COLUMN_TYPE_JSON,
}
_PRECISION = re.compile(r"\(.*\)", re.DOTALL)
_SPAN = re.compile(r"(-?)(\d+) (\d+):(\d+):(\d+)\.(\d+)")

Convert = Callable[[Any], Any]


def kind_of(native: str) -> events.ColumnType:
    """Return the type for Trino's *native*, with or without its precision."""
    return _KINDS.get(_PRECISION.sub("", native), events.COLUMN_TYPE_TEXT)


def conversion(signature: Mapping[str, Any]) -> Convert | None:
    """Return what brings the values of a column into our form; None when they have it already."""
    raw = signature["rawType"]
    if raw in ("array", "map", "row"):
        plain = _plain(signature)
        return lambda value: json.dumps(plain(value), ensure_ascii=False)
    return _CONVERSIONS.get(raw)


def converted(values: Sequence[Any], convert: Convert | None) -> Sequence[Any]:
    """Return a column's values through *convert*, NULL left alone. Raises QueryFailed."""
    if convert is None:
        return values
    try:
        return [None if value is None else convert(value) for value in values]
    except (ValueError, OverflowError) as error:
        raise QueryFailed(
            "A value is out of the range that can be shown (a date after the year 9999?); CAST it to VARCHAR."
        ) from error


def _zoned(value: str) -> datetime.datetime:
    moment, _, zone = value.rpartition(" ")
    return datetime.datetime.fromisoformat(moment).replace(tzinfo=_zone(zone))


@lru_cache(maxsize=1000)
def _zone(name: str) -> datetime.tzinfo:
    if name[0] in "+-":
        return datetime.datetime.strptime(name, "%z").tzinfo or datetime.UTC
    return datetime.UTC if name == "UTC" else ZoneInfo(name)


def _days(value: str) -> datetime.timedelta:
    found = _SPAN.fullmatch(value)
    if not found:
        raise ValueError(value)
    days, hours, minutes, seconds, fraction = (int(part) for part in found.groups()[1:])
    milliseconds = fraction * 10 ** (3 - len(found[6]))
    span = datetime.timedelta(days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds)
    return -span if found[1] else span


def _months(value: str) -> str:
    """A timedelta can't hold months, so such a span is text in the form of the wire."""
    years, months = value.removeprefix("-").split("-")
    return f"{'-' if value.startswith('-') else ''}P{years}Y{months}M"


def _plain(signature: Mapping[str, Any]) -> Convert:
    """Return what makes a nested value what JSON knows: a row an object by its fields' names, bytes hexadecimal."""
    arguments = signature.get("arguments", ())
    match signature["rawType"]:
        case "array":
            item = _plain(arguments[0]["value"])
            return lambda value: None if value is None else [item(part) for part in value]
        case "map":
            held = _plain(arguments[1]["value"])
            return lambda value: None if value is None else {key: held(part) for key, part in value.items()}
        case "row":
            fields = [_plain(argument["value"]["typeSignature"]) for argument in arguments]
            names = [(argument["value"].get("fieldName") or {}).get("name") for argument in arguments]
            return lambda value: None if value is None else _row(names, fields, value)
        case "varbinary":
            return lambda value: None if value is None else base64.b64decode(value).hex()
        case "json":
            return lambda value: None if value is None else json.loads(value)
    return lambda value: value


def _row(names: Sequence[str | None], fields: Sequence[Convert], value: Sequence[Any]) -> Any:
    parts = [plain(part) for plain, part in zip(fields, value, strict=True)]
    named = [name for name in names if name is not None]
    return dict(zip(named, parts, strict=True)) if len(set(named)) == len(parts) else parts


_CONVERSIONS: Mapping[str, Convert] = {
    "real": float,
    "double": float,
    "decimal": Decimal,
    "number": Decimal,
    "varbinary": base64.b64decode,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "timestamp": datetime.datetime.fromisoformat,
    "timestamp with time zone": _zoned,
    "interval day to second": _days,
    "interval year to month": _months,
    "uuid": UUID,
}

"""PostgreSQL's types in Levada's words, and values in their form.

asyncpg gives `infinity` in dates as the last (or first) day that Python knows, and so do we. Instants come in the
session's time zone, so that what date_trunc cut at midnight there is shown as midnight.
"""

import datetime
import json
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from levada.v1 import event_pb2 as events

Convert = Callable[[Any], Any]

_KINDS = {
    "bool": events.COLUMN_TYPE_BOOLEAN,
    "int2": events.COLUMN_TYPE_INTEGER,
    "int4": events.COLUMN_TYPE_INTEGER,
    "int8": events.COLUMN_TYPE_INTEGER,
    "oid": events.COLUMN_TYPE_INTEGER,
    "float4": events.COLUMN_TYPE_DOUBLE,
    "float8": events.COLUMN_TYPE_DOUBLE,
    "numeric": events.COLUMN_TYPE_DECIMAL,
    "bytea": events.COLUMN_TYPE_BINARY,
    "date": events.COLUMN_TYPE_DATE,
    "time": events.COLUMN_TYPE_TIME,
    "timestamp": events.COLUMN_TYPE_TIMESTAMP,
    "timestamptz": events.COLUMN_TYPE_TIMESTAMP_ZONED,
    "interval": events.COLUMN_TYPE_INTERVAL,
    "uuid": events.COLUMN_TYPE_UUID,
    "json": events.COLUMN_TYPE_JSON,
    "jsonb": events.COLUMN_TYPE_JSON,
    "point": events.COLUMN_TYPE_JSON,
    "line": events.COLUMN_TYPE_JSON,
    "lseg": events.COLUMN_TYPE_JSON,
    "box": events.COLUMN_TYPE_JSON,
    "path": events.COLUMN_TYPE_JSON,
    "polygon": events.COLUMN_TYPE_JSON,
    "circle": events.COLUMN_TYPE_JSON,
}
# Categories of pg_type.typcategory whose values nest.
_NESTED_CATEGORIES = {"A", "C", "R"}
_UTC_NAMES = {"UTC", "ETC/UTC", "GMT", "ETC/GMT"}


def kind_of(name: str, nested: bool) -> events.ColumnType:
    """Return the type for pg_type.typname *name*; what is in no list is shown as text."""
    return events.COLUMN_TYPE_JSON if nested else _KINDS.get(name, events.COLUMN_TYPE_TEXT)


def kind_of_category(name: str, category: str) -> events.ColumnType:
    """Return the type of a column in the catalogue."""
    return kind_of(name, category in _NESTED_CATEGORIES)


def kind_of_result(kind: asyncpg.Type) -> events.ColumnType:
    """Return the type of a result's column."""
    return kind_of(kind.name, kind.kind != "scalar" or kind.name == "record")


def conversion(kind: asyncpg.Type, zone: str) -> Convert | None:
    """Return what brings asyncpg's value of *kind* into our form; None when it has it already."""
    match kind_of_result(kind):
        case events.COLUMN_TYPE_JSON:
            return None if kind.name in ("json", "jsonb") else _json_text
        case events.COLUMN_TYPE_TIMESTAMP_ZONED:
            return _in_zone(zone)
        case events.COLUMN_TYPE_TEXT:
            return None if kind.name in ("text", "varchar", "bpchar", "name") else _text
        case _:
            return None


def converted(values: Sequence[Any], convert: Convert | None) -> Sequence[Any]:
    """Return a column's values through *convert*, NULL left alone."""
    return [None if value is None else convert(value) for value in values] if convert else values


@cache
def _in_zone(zone: str) -> Convert:
    try:
        there: datetime.tzinfo = datetime.UTC if zone.upper() in _UTC_NAMES else ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        there = datetime.UTC  # a zone that only the server knows: the instant is right in UTC too

    def shown(value: datetime.datetime) -> datetime.datetime:
        if value.tzinfo is there:
            return value
        infinite = value.tzinfo is None  # so asyncpg gives it
        return value.replace(tzinfo=datetime.UTC) if infinite else value.astimezone(there)

    return shown


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case bytes():
            return value.decode("utf-8", "replace")
        case datetime.time():
            return value.isoformat()
        case asyncpg.BitString():
            return value.as_string().replace(" ", "")
        case _:
            return str(value)


def _json_text(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    """Return *value* as JSON knows it; what JSON doesn't know, and figures that must stay exact, as text."""
    match value:
        case float() if not math.isfinite(value):
            return str(value)
        case None | bool() | int() | float() | str():
            return value
        case asyncpg.Record():
            return {name: _plain(part) for name, part in value.items()}
        case asyncpg.Range():
            return _range_text(value)
        case list() | tuple():
            return [_plain(part) for part in value]
        case datetime.date() | datetime.time():
            return value.isoformat()
        case bytes():
            return "\\x" + value.hex()
        case _:
            return _text(value)


def _range_text(value: asyncpg.Range) -> str:
    if value.isempty:
        return "empty"
    ends = ("" if end is None else str(_plain(end)) for end in (value.lower, value.upper))
    return ("[" if value.lower_inc else "(") + ",".join(ends) + ("]" if value.upper_inc else ")")


def interval(parts: tuple[int, int, int]) -> datetime.timedelta | str:
    """Return (months, days, microseconds) as a timedelta, or as ISO 8601 text where months need it."""
    months, days, microseconds = parts
    if not months and abs(days) < 10**8:
        return datetime.timedelta(days=days, microseconds=microseconds)
    years, months = int(months / 12), int(months - 12 * int(months / 12))
    date = "".join(f"{n}{unit}" for n, unit in ((years, "Y"), (months, "M"), (days, "D")) if n)
    sign, microseconds = ("-", -microseconds) if microseconds < 0 else ("", microseconds)
    minutes, rest = divmod(microseconds, 60_000_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest / 1_000_000:.6f}".rstrip("0").rstrip(".")
    clock = "".join(
        f"{sign}{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n not in (0, "0")
    )
    return f"P{date}T{clock}" if clock else f"P{date}"


async def set_codecs(connection: asyncpg.Connection) -> None:
    """Teach *connection* the two types whose values asyncpg would change: float4's digits, and months."""
    await connection.set_type_codec("float4", schema="pg_catalog", encoder=str, decoder=float, format="text")
    await connection.set_type_codec(
        "interval", schema="pg_catalog", encoder=lambda value: value, decoder=interval, format="tuple"
    )

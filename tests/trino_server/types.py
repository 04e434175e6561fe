"""DuckDB's types and values as Trino's protocol writes them."""

import base64
import datetime
from decimal import Decimal
from typing import Any

_NAMES = {
    "boolean": "boolean",
    "tinyint": "tinyint",
    "smallint": "smallint",
    "integer": "integer",
    "bigint": "bigint",
    "hugeint": "decimal",
    "decimal": "decimal",
    "float": "real",
    "double": "double",
    "blob": "varbinary",
    "date": "date",
    "time": "time",
    "timestamp": "timestamp",
    "timestamp with time zone": "timestamp with time zone",
    "interval": "interval day to second",
    "uuid": "uuid",
    "list": "array",
    "struct": "row",
    "map": "map",
}
_MICROSECONDS = {"time": "time(6)", "timestamp": "timestamp(6)"}


def native(kind: Any) -> str:
    """Return Trino's name for DuckDB's *kind*."""
    match kind.id:
        case "decimal":
            return str(kind).lower()
        case "hugeint":
            return "decimal(38,0)"
        case "list":
            return f"array({native(kind.children[0][1])})"
        case "struct":
            return f"row({', '.join(f'{name} {native(inner)}' for name, inner in kind.children)})"
        case "map":
            return f"map({', '.join(native(inner) for _, inner in kind.children)})"
        case "varchar" if str(kind) == "JSON":
            return "json"
        case "timestamp with time zone":
            return "timestamp(6) with time zone"
    return _MICROSECONDS.get(kind.id) or _NAMES.get(kind.id, "varchar")


def signature(kind: Any) -> dict[str, Any]:
    """Return the type signature that goes with a column of *kind*."""
    raw = native(kind) if kind.id == "varchar" else _NAMES.get(kind.id, "varchar")
    arguments: list[dict[str, Any]] = []
    if raw in ("array", "map"):
        arguments = [{"kind": "TYPE", "value": signature(inner)} for _, inner in kind.children]
    elif raw == "row":
        arguments = [
            {"kind": "NAMED_TYPE", "value": {"fieldName": {"name": name}, "typeSignature": signature(inner)}}
            for name, inner in kind.children
        ]
    elif "time" in raw:
        arguments = [{"kind": "LONG", "value": 6}]
    return {"rawType": raw, "arguments": arguments}


def carried(value: Any, kind: Any) -> Any:
    """Return *value* as the protocol's JSON has it."""
    if value is None:
        return None
    match kind.id:
        case "list":
            return [carried(part, kind.children[0][1]) for part in value]
        case "struct":
            return [carried(value[name], inner) for name, inner in kind.children]
        case "map":
            return {str(key): carried(part, kind.children[1][1]) for key, part in value.items()}
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case Decimal():
            return str(value)
        case datetime.datetime() if value.tzinfo:
            return f"{_moment(value.astimezone(datetime.UTC))} UTC"
        case datetime.datetime():
            return _moment(value)
        case datetime.timedelta():
            return _span(value)
        case bool() | int() | str():
            return str(value) if kind.id == "hugeint" else value
        case float():
            return _number(value)
    return str(value)


def _moment(value: datetime.datetime) -> str:
    return value.replace(tzinfo=None).isoformat(" ", "microseconds")


def _span(value: datetime.timedelta) -> str:
    sign, value = ("-", -value) if value < datetime.timedelta(0) else ("", value)
    minutes, seconds = divmod(value.seconds, 60)
    return f"{sign}{value.days} {minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{value.microseconds // 1000:03}"


def _number(value: float) -> Any:
    return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(str(value), value)

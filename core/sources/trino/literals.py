"""Values as Trino's grammar writes them: it takes bound values only as literals, apart from the query's text."""

import datetime
import math
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.errors import QueryFailed

_LARGEST = 2**63


def literal(value: Any) -> str:
    """Return *value* as a literal of its own type, which nothing in it can end early. Raises QueryFailed."""
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).upper()
        case int():
            return str(value) if abs(value) < _LARGEST else f"DECIMAL '{value}'"
        case float():
            return f"DOUBLE '{value!r}'" if math.isfinite(value) else f"DOUBLE '{_ENDLESS[str(value)]}'"
        case Decimal():
            return f"DECIMAL '{value:f}'"
        case str():
            return _text(value)
        case bytes():
            return f"X'{value.hex()}'"
        case datetime.datetime() if value.tzinfo:
            return f"TIMESTAMP '{_moment(value.astimezone(datetime.UTC))} UTC'"
        case datetime.datetime():
            return f"TIMESTAMP '{_moment(value)}'"
        case datetime.date():
            return f"DATE '{value.isoformat()}'"
        case datetime.time():
            return f"TIME '{value.replace(tzinfo=None).isoformat('microseconds')}'"
        case UUID():
            return f"UUID '{value}'"
    raise QueryFailed(f"A value of type {type(value).__name__} can't be sent to Trino.")


_ENDLESS = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}


def _moment(value: datetime.datetime) -> str:
    return value.replace(tzinfo=None).isoformat(" ", "microseconds")


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise QueryFailed("A text among the values is no valid Unicode and can't be sent to Trino.") from None
    return "'" + value.replace("'", "''") + "'"

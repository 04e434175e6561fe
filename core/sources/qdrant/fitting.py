"""Values for filters, made to fit the fields they are compared with: a number for a number, a text for a text.

Values come from other sources, where the same key may be a number that is a text here. What fits no way matches nothing
and is left out.
"""

import datetime
import math
import re
import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from core.errors import QueryRefused
from core.sources.catalog import sample_text
from core.sources.qdrant.query import Literal
from core.sources.qdrant.types import FLOAT, INDEXED, native_of_kind
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column
from levada.v1.event_pb2 import ColumnType

_MOST_VALUES = 10_000
_DIGITS = re.compile(r"[+-]?[0-9]{1,20}")


def holds_fractions(column: Column) -> bool:
    """Qdrant compares no number with a fraction exactly; a range that begins and ends with it does."""
    return _holds(column) == FLOAT


def fitting(values: Iterable[Any], column: Column) -> list[Literal | float]:
    """Return *values* as *column* may hold them, each once. Raises QueryRefused when they are too many."""
    kind = _holds(column)
    found = dict.fromkeys(fit for value in values if (fit := _fit(value, kind)) is not None)
    if len(found) > _MOST_VALUES:
        raise QueryRefused("too-long", f"The filter has {len(found):,} values; at most {_MOST_VALUES:,} are allowed.")
    return [value for _, value in found]


def _holds(column: Column) -> str:
    """Return the type of the column's values, or of the elements where it holds lists, in Qdrant's words."""
    return column.native_type.removesuffix("[]") or native_of_kind(column.type)


def _fit(value: Any, kind: str) -> tuple[type, Literal | float] | None:
    """Return the value with its type: True, 1 and 1.0 are the same key otherwise."""
    plain = _plain(value)
    fit = plain if plain is None else _of_kind(plain, INDEXED.get(kind, events.COLUMN_TYPE_UNSPECIFIED))
    return None if fit is None else (type(fit), fit)


def _of_kind(plain: Literal | float, kind: ColumnType) -> Literal | float | None:
    match kind:
        case events.COLUMN_TYPE_TEXT | events.COLUMN_TYPE_TIMESTAMP_ZONED:
            return sample_text(plain)
        case events.COLUMN_TYPE_BOOLEAN:
            return {"true": True, "false": False, "1": True, "0": False}.get(sample_text(plain).lower())
        case events.COLUMN_TYPE_INTEGER | events.COLUMN_TYPE_DOUBLE:
            return _number(plain, whole=kind == events.COLUMN_TYPE_INTEGER)
        case _:
            return plain


def _plain(value: Any) -> Any:
    """Return *value* as JSON has it; whole numbers as integers, however they came; nothing for what is no number."""
    match value:
        case bool() | int() | str() | None:
            return value
        case Decimal() if not value.is_finite():
            return None
        case float() | Decimal():
            number = float(value)
            return _whole(value, number) if math.isfinite(number) else None
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value)


def _whole(value: float | Decimal, number: float) -> int | float:
    return int(value) if number.is_integer() else number


def _number(value: Literal | float, *, whole: bool) -> int | float | None:
    """Return *value*, a text maybe, as a number that Qdrant can hold."""
    if isinstance(value, str):
        try:
            value = int(value) if _DIGITS.fullmatch(value) else float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()):
        value = int(value)
    fits = -(2**63) <= value < 2**63  # NaN and the infinities don't
    return value if fits and (isinstance(value, int) or not whole) else None


def ids(values: Iterable[Any]) -> list[int | str]:
    """Return those of *values* that can be ids of points: natural numbers and UUIDs."""
    return list(dict.fromkeys(found for value in values if (found := _id(value)) is not None))


def _id(value: Any) -> int | str | None:
    plain = _plain(value)
    if plain is None or isinstance(plain, bool):
        return None
    if isinstance(plain, str) and _DIGITS.fullmatch(plain):
        plain = int(plain)
    if isinstance(plain, int):
        return plain if 0 <= plain < 2**64 else None
    try:
        return str(uuid.UUID(plain))
    except (ValueError, AttributeError):
        return None


def one(values: Sequence[Any], what: str) -> Any:
    """Return the only value. Raises QueryRefused when there are more, or none."""
    if len(values) != 1:
        raise QueryRefused(
            "values", f"`{what}` takes one value, and {len(values):,} were given. Use `any` for several."
        )
    return values[0]


def edge(value: Any, column: Column) -> int | float | str:
    """Return a bound of a range over *column*. Raises QueryRefused when it is no number or date as that holds."""
    plain, kind = _plain(value), INDEXED.get(_holds(column))
    if kind == events.COLUMN_TYPE_TIMESTAMP_ZONED and isinstance(plain, str) and _dated(plain):
        return plain
    if kind in (events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DOUBLE):
        number = None if isinstance(plain, bool) else _number(plain, whole=False)
        if number is not None:
            return number
    if kind is None and not isinstance(plain, bool) and (isinstance(plain, int | float) or _dated(str(plain))):
        return plain
    raise QueryRefused(
        "range",
        f'"{column.name}" can\'t be compared with {sample_text(plain)[:40]!r}: ranges are of numbers, or of dates in'
        " ISO 8601.",
    )


def _dated(text: str) -> bool:
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True

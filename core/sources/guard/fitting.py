"""Values of one source as another source's column holds them: "17" for an integer's, a UUID for a text's."""

import datetime
import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from core.sources.carried import HALF
from levada.v1 import event_pb2 as events

_LARGEST = 2**63
# More digits than a decimal has here are no key's; written out, "1e999999999" would take a gigabyte.
_DIGITS = {"trino": 38, "duckdb": 38, "mysql": 65}
_MOST_DIGITS = 1_000
_TIMES = (events.COLUMN_TYPE_DATE, events.COLUMN_TYPE_TIMESTAMP, events.COLUMN_TYPE_TIMESTAMP_ZONED)
_WHOLE = re.compile(r"[+-]?\d{1,19}")
_UNFIT = (ValueError, TypeError, ArithmeticError, InvalidOperation)


def fitting(values: Iterable[Any], kind: int, *, texts: bool = False) -> list[Any]:
    """Return the different *values* as a column of *kind* (ColumnType) holds them, without those that none can equal.

    Where nothing is known of the kind they stay as they are, and so do texts for a time where times are kept as *texts*
    in some form. NULL equals nothing.
    """
    fit = _FITS.get(kind, _same)
    found: dict[Any, Any] = {}
    for value in values:
        kept = value is None or (texts and kind in _TIMES and isinstance(value, str))
        try:
            fitted = value if kept else fit(value)
        except _UNFIT:
            continue
        if fitted is not None:
            found.setdefault((type(fitted), fitted), fitted)
    return list(found.values())


def storable(value: Any, dialect: str) -> bool:
    """Whether *dialect* has *value* at all: one that it can't even be sent is in none of its columns."""
    match value:
        case str():
            return not (HALF.search(value) or (dialect == "postgres" and "\0" in value))
        case Decimal():
            return max(value.adjusted() + 1, 1) + max(-int(value.as_tuple().exponent), 0) <= _DIGITS.get(
                dialect, 2 * _MOST_DIGITS
            )
    return True


def _same(value: Any) -> Any:
    return value


def _integer(value: Any) -> int | None:
    if isinstance(value, str) and not _WHOLE.fullmatch(value.strip()):
        return None
    whole = int(value)
    same = isinstance(value, str) or whole == value
    return whole if same and abs(whole) < _LARGEST else None


def _decimal(value: Any) -> Decimal | None:
    number = Decimal(str(value).strip())
    return number if number.is_finite() and abs(number.adjusted()) <= _MOST_DIGITS else None


def _text(value: Any) -> str | None:
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case bytes():
            return None
        case Decimal():
            return f"{value:f}"
        case datetime.datetime():
            return value.isoformat(sep=" ")
        case datetime.date():
            return value.isoformat()
    return str(value)


def _boolean(value: Any) -> bool | None:
    said = str(value).strip().lower()
    return {"true": True, "false": False, "1": True, "0": False}.get(said)


def _date(value: Any) -> datetime.date | None:
    moment = _moment(value)
    return moment.date() if moment is not None and moment.time() == datetime.time() else None


def _timestamp(value: Any) -> datetime.datetime | None:
    moment = _moment(value)
    return moment.astimezone(datetime.UTC).replace(tzinfo=None) if moment is not None and moment.tzinfo else moment


def _instant(value: Any) -> datetime.datetime | None:
    moment = _timestamp(value)
    return moment.replace(tzinfo=datetime.UTC) if moment is not None else None


def _moment(value: Any) -> datetime.datetime | None:
    match value:
        case datetime.datetime():
            return value
        case datetime.date():
            return datetime.datetime.combine(value, datetime.time())
        case str():
            return datetime.datetime.fromisoformat(value.strip())
    return None


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value).strip())


def _binary(value: Any) -> bytes | None:
    return value if isinstance(value, bytes) else None


_FITS: dict[int, Callable[[Any], Any]] = {
    events.COLUMN_TYPE_BOOLEAN: _boolean,
    events.COLUMN_TYPE_INTEGER: _integer,
    events.COLUMN_TYPE_DOUBLE: lambda value: float(number) if (number := _decimal(value)) is not None else None,
    events.COLUMN_TYPE_DECIMAL: _decimal,
    events.COLUMN_TYPE_TEXT: _text,
    events.COLUMN_TYPE_BINARY: _binary,
    events.COLUMN_TYPE_DATE: _date,
    events.COLUMN_TYPE_TIMESTAMP: _timestamp,
    events.COLUMN_TYPE_TIMESTAMP_ZONED: _instant,
    events.COLUMN_TYPE_UUID: _uuid,
}

"""Batches of rows as Python values."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from levada.v1 import event_pb2 as events

# Types that travel as text and have a Python form. What Python's types can't hold (a date in the year 20000, an ISO
# interval) stays text.
_FROM_TEXT = {
    events.COLUMN_TYPE_DECIMAL: Decimal,
    events.COLUMN_TYPE_DATE: date.fromisoformat,
    events.COLUMN_TYPE_TIME: time.fromisoformat,
    events.COLUMN_TYPE_TIMESTAMP: datetime.fromisoformat,
    events.COLUMN_TYPE_TIMESTAMP_ZONED: datetime.fromisoformat,
    events.COLUMN_TYPE_UUID: UUID,
    events.COLUMN_TYPE_JSON: json.loads,
}


def rows(batch: events.TableRows, columns: Sequence[events.ResultColumn]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of *batch*, None for NULL. *columns* are those of the TableStarted of the same table."""
    return zip(*(_values(values, column) for values, column in zip(batch.columns, columns, strict=True)), strict=True)


def texts(batch: events.TableRows) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of *batch* as they travelled (dates, decimals and the like as text), None for NULL."""
    return zip(*(_plain(values) for values in batch.columns), strict=True)


def _plain(values: events.ColumnValues) -> Sequence[Any]:
    kind = values.WhichOneof("values")
    held = getattr(values, kind).values if kind else []
    nulls = values.nulls
    if not nulls:
        return held
    return [None if nulls[i >> 3] >> (i & 7) & 1 else value for i, value in enumerate(held)]


def _values(values: events.ColumnValues, column: events.ResultColumn) -> Sequence[Any]:
    convert = _FROM_TEXT.get(column.type)
    plain = _plain(values)
    return plain if convert is None else [value if value is None else _lenient(convert, value) for value in plain]


def _lenient(convert: Any, text: str) -> Any:
    try:
        return convert(text)
    except (ValueError, ArithmeticError):
        return text

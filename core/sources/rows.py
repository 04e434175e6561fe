"""Batches of rows as the wire carries them: columns of typed values with null bits, or Arrow IPC.

`encode` says the forms that ColumnType's comments promise. pyarrow is imported only when a run asks for Arrow.
"""

import functools
import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from core.sources.base import Batch, Written
from levada.v1 import event_pb2 as events


def decimal_text(value: Decimal) -> str:
    """Return *value* as plain digits: never 1E+3, and with the scale that it has."""
    text = str(value)
    return format(value, "f") if "E" in text else text


def interval_text(value: timedelta | str) -> str:
    """Return *value* as ISO 8601. Spans with months arrive as such text already, since a timedelta can't hold them."""
    if isinstance(value, str):
        return value
    if value < timedelta(0):
        return "-" + interval_text(-value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f"{value.microseconds:06d}".rstrip("0")
    clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M")) if n)
    if seconds or fraction:
        clock += f"{seconds}.{fraction}S" if fraction else f"{seconds}S"
    days = f"{value.days}D" if value.days else ""
    return f"P{days}T{clock}" if clock else f"P{days or '0D'}"


# Days come again and again in a result; moments hardly ever.
_day_text = functools.lru_cache(maxsize=65_536)(date.isoformat)

_TEXT_FORMS: dict[int, Callable[[Any], str]] = {
    events.COLUMN_TYPE_DECIMAL: decimal_text,
    events.COLUMN_TYPE_DATE: _day_text,
    events.COLUMN_TYPE_TIME: time.isoformat,
    events.COLUMN_TYPE_TIMESTAMP: datetime.isoformat,
    events.COLUMN_TYPE_TIMESTAMP_ZONED: datetime.isoformat,
    events.COLUMN_TYPE_INTERVAL: interval_text,
    events.COLUMN_TYPE_UUID: uuid.UUID.__str__,
}


def _texts(values: Sequence[Any], kind: int) -> Sequence[str]:
    if isinstance(values, Written):
        return values.texts
    if kind == events.COLUMN_TYPE_DECIMAL:
        texts = list(map(Decimal.__str__, values))
        return list(map(decimal_text, values)) if "E" in "".join(texts) else texts
    form = _TEXT_FORMS.get(kind)
    return list(map(form, values)) if form else values


def _null_bits(values: Sequence[Any]) -> bytes:
    # As one number in base 2: an order of magnitude faster than setting bit by bit.
    digits = "".join(["1" if value is None else "0" for value in reversed(values)])
    return int(digits, 2).to_bytes((len(values) + 7) // 8, "little")


def _fill(target: events.ColumnValues, kind: int, values: Sequence[Any]) -> None:
    match kind:
        case events.COLUMN_TYPE_INTEGER:
            target.ints.values.extend(values)
        case events.COLUMN_TYPE_DOUBLE:
            target.doubles.values.extend(values)
        case events.COLUMN_TYPE_BOOLEAN:
            target.bools.values.extend(values)
        case events.COLUMN_TYPE_BINARY:
            target.binaries.values.extend(values)
        case _:
            target.texts.values.extend(_texts(values, kind))


_PLACEHOLDERS: dict[int, Any] = {
    events.COLUMN_TYPE_INTEGER: 0,
    events.COLUMN_TYPE_DOUBLE: 0.0,
    events.COLUMN_TYPE_BOOLEAN: False,
    events.COLUMN_TYPE_BINARY: b"",
}


def _fill_around_nulls(target: events.ColumnValues, kind: int, values: Sequence[Any]) -> None:
    target.Clear()
    target.nulls = _null_bits(values)
    if kind in _PLACEHOLDERS:
        blank = _PLACEHOLDERS[kind]
        _fill(target, kind, [blank if value is None else value for value in values])
    else:
        form = _TEXT_FORMS.get(kind, str)
        target.texts.values.extend(["" if value is None else form(value) for value in values])


def encode(batch: Batch, columns: Sequence[events.ResultColumn]) -> events.TableRows:
    """Return *batch* as columns of typed values; the caller sets `table_id` and `offset`.

    Raises TypeError or ValueError when a value is not of its column's type, which sources see to.
    """
    rows = events.TableRows(row_count=batch.row_count)
    for column, values in zip(columns, batch.columns, strict=True):
        target = rows.columns.add()
        try:
            _fill(target, column.type, values)
        except (TypeError, AttributeError):  # cheaper than to look for NULL first
            _fill_around_nulls(target, column.type, values)
    return rows


@functools.cache
def _arrow_types() -> dict[int, Any]:
    import pyarrow as pa

    return {
        events.COLUMN_TYPE_BOOLEAN: pa.bool_(),
        events.COLUMN_TYPE_INTEGER: pa.int64(),
        events.COLUMN_TYPE_DOUBLE: pa.float64(),
        events.COLUMN_TYPE_BINARY: pa.binary(),
        events.COLUMN_TYPE_DATE: pa.date32(),
        events.COLUMN_TYPE_TIME: pa.time64("us"),
        events.COLUMN_TYPE_TIMESTAMP: pa.timestamp("us"),
        events.COLUMN_TYPE_TIMESTAMP_ZONED: pa.timestamp("us", tz="UTC"),
    }


def arrow_type(kind: int) -> Any:
    """Return the Arrow type of a column's values."""
    import pyarrow as pa

    return _arrow_types().get(kind, pa.string())


def arrow_fields(columns: Sequence[events.ResultColumn]) -> Any:
    """Return the Arrow schema of *columns*.

    A result column tells no precision, so decimals go as text, as do intervals, UUIDs and JSON, marked as such.
    """
    import pyarrow as pa

    return pa.schema(
        pa.field(
            column.name,
            arrow_type(column.type),
            column.nullable,
            {"levada.type": events.ColumnType.Name(column.type).removeprefix("COLUMN_TYPE_")},
        )
        for column in columns
    )


def arrow_schema(columns: Sequence[events.ResultColumn]) -> bytes:
    """Return the Arrow IPC schema message for `TableStarted.arrow_schema`."""
    return arrow_fields(columns).serialize().to_pybytes()


def record_batch(batch: Batch, columns: Sequence[events.ResultColumn]) -> Any:
    """Return *batch* as an Arrow record batch of the schema that `arrow_schema` gives for *columns*."""
    import pyarrow as pa

    schema = arrow_fields(columns)
    arrays = [arrow_array(values, column.type) for column, values in zip(columns, batch.columns, strict=True)]
    return pa.record_batch(arrays, schema=schema)


def encode_arrow(batch: Batch, columns: Sequence[events.ResultColumn]) -> events.TableRows:
    """Return *batch* as an Arrow IPC record batch message; the caller sets `table_id` and `offset`."""
    message = record_batch(batch, columns).serialize().to_pybytes()
    return events.TableRows(row_count=batch.row_count, arrow=message)


def arrow_array(values: Sequence[Any], kind: int) -> Any:
    """Return a column's *values* as an Arrow array, if they aren't one already."""
    import pyarrow as pa

    if isinstance(values, pa.Array):
        return values
    return pa.array(_arrow_values(values, kind), arrow_type(kind))


def _arrow_values(values: Sequence[Any], kind: int) -> Sequence[Any]:
    form = None if kind in _arrow_types() else _TEXT_FORMS.get(kind)
    return [None if value is None else form(value) for value in values] if form else values

"""Rows of several queries as one table: each query's own values say what its columns hold, and these may differ."""

from collections.abc import Sequence
from typing import Any

from core.errors import QueryFailed
from core.sources import rows
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import ColumnType, ResultColumn

# What two types have in common, where that is not text.
_TOGETHER = {
    frozenset({events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DOUBLE}): events.COLUMN_TYPE_DOUBLE,
    frozenset({events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DECIMAL}): events.COLUMN_TYPE_DECIMAL,
    frozenset({events.COLUMN_TYPE_DOUBLE, events.COLUMN_TYPE_DECIMAL}): events.COLUMN_TYPE_DOUBLE,
    frozenset({events.COLUMN_TYPE_DATE, events.COLUMN_TYPE_TIMESTAMP}): events.COLUMN_TYPE_TIMESTAMP,
    frozenset({events.COLUMN_TYPE_TIMESTAMP, events.COLUMN_TYPE_TIMESTAMP_ZONED}): events.COLUMN_TYPE_TIMESTAMP_ZONED,
}


def together(
    columns: Sequence[ResultColumn], filled: Sequence[bool], others: Sequence[ResultColumn], piece: Any
) -> list[ResultColumn]:
    """Return *columns* as they hold the rows of *piece*, which has the columns *others*, too.

    *filled* says in which of them anything is yet: one without values is of any type. Raises QueryFailed.
    """
    if [column.name for column in columns] != [column.name for column in others]:
        names = (", ".join(column.name for column in some) or "none" for some in (columns, others))
        raise QueryFailed(
            f"The queries of one operation give different columns: {' and then '.join(names)}. Have the query name "
            "its columns."
        )
    found = []
    for column, some, other, values in zip(columns, filled, others, piece.columns, strict=True):
        wide = ResultColumn()
        wide.CopyFrom(column)
        if not some:
            wide.type = other.type
        elif values.null_count < len(values):
            wide.type = _both(column.type, other.type)
        found.append(wide)
    return found


def _both(one: ColumnType, other: ColumnType) -> ColumnType:
    return one if one == other else _TOGETHER.get(frozenset({one, other}), events.COLUMN_TYPE_TEXT)


def cast(piece: Any, columns: Sequence[ResultColumn]) -> Any:
    """Return *piece*, a record batch, with its values as *columns* hold them. Raises QueryFailed."""
    import pyarrow as pa

    schema = rows.arrow_fields(columns)
    try:
        arrays = [values.cast(field.type, safe=False) for values, field in zip(piece.columns, schema, strict=True)]
    except pa.ArrowInvalid as error:
        raise QueryFailed(
            f"A column holds values of types that have nothing in common ({error}). CAST it to one type."
        ) from error
    return pa.record_batch(arrays, schema=schema)

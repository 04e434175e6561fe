"""Rows as typed columns: Parquet and Arrow IPC, through pyarrow. A first look at all values finds types that hold them.

Integers, doubles, booleans, bytes, dates, times and moments have types of their own (zoned ones as instants in UTC),
decimals the precision and scale that all of them need. Where a value does not fit (a year of five digits, a decimal of
more than 38 digits, NaN), the whole column is text, as are UUIDs, intervals and JSON; `levada.type` of a field's
metadata says what it is.
"""

from collections.abc import Sequence
from datetime import time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.export.base import names
from core.export.log import Columns, Table
from levada.v1 import event_pb2 as events

# A row group: a reader skips whole ones, the writer holds one.
ROWS = 65_536
BYTES = 4 * 2**20
MOST_DIGITS = 38
# Longer fractions than microseconds would be cut by Python.
TIME_LENGTH = len("13:05:00.000123")

_PLAIN: dict[int, Any] = {
    events.COLUMN_TYPE_BOOLEAN: pa.bool_(),
    events.COLUMN_TYPE_INTEGER: pa.int64(),
    events.COLUMN_TYPE_DOUBLE: pa.float64(),
    events.COLUMN_TYPE_BINARY: pa.binary(),
}
# Types that the wire carries as text, while all values of the column are of them.
_FROM_TEXT: dict[int, Any] = {
    events.COLUMN_TYPE_DATE: pa.date32(),
    events.COLUMN_TYPE_TIME: pa.time64("us"),
    events.COLUMN_TYPE_TIMESTAMP: pa.timestamp("us"),
    events.COLUMN_TYPE_TIMESTAMP_ZONED: pa.timestamp("us", tz="UTC"),
}


class _Column:
    """Finds the type of one column, and makes arrays of it."""

    def __init__(self, kind: int) -> None:
        self._decimal = kind == events.COLUMN_TYPE_DECIMAL
        self._digits = self._scale = 0
        self._found = _PLAIN.get(kind) or _FROM_TEXT.get(kind, pa.string())
        self._to_fit = self._decimal or kind in _FROM_TEXT

    @property
    def type(self) -> pa.DataType:
        if not self._decimal:
            return self._found
        return pa.decimal128(max(1, self._digits + self._scale), self._scale)

    def fit(self, values: Sequence[Any]) -> None:
        if not self._to_fit:
            return
        try:
            if self._decimal:
                self._measure(values)
            self.array(values)
        except (pa.ArrowInvalid, ValueError):
            self._decimal = self._to_fit = False
            self._found = pa.string()

    def _measure(self, values: Sequence[str | None]) -> None:
        for value in values:
            if value is not None:
                whole, _, fraction = value.lstrip("+-").partition(".")
                self._digits = max(self._digits, len(whole.lstrip("0")))
                self._scale = max(self._scale, len(fraction))

    def array(self, values: Sequence[Any]) -> pa.Array:
        kind = self.type
        if self._found == pa.time64("us"):
            return pa.array([None if value is None else _time(value) for value in values], kind)
        if self._decimal or pa.types.is_temporal(kind):
            return pa.array(values, pa.string()).cast(kind)
        return pa.array(values, kind)


def _time(value: str) -> time:
    made = time.fromisoformat(value)
    if made.tzinfo is not None or len(value) > TIME_LENGTH:
        raise ValueError(value)
    return made


class _Outbox:
    """Takes what pyarrow writes, to be handed on."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self._length += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        return self._length

    def flush(self) -> None: ...

    def writable(self) -> bool:
        return True

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


class _Columnar:
    """What both formats share. *truncated* tables say so in the schema's metadata."""

    fits = True

    def __init__(self, table: Table, run_id: str) -> None:
        self._table = table
        self._columns = [_Column(column.type) for column in table.columns]
        self._outbox = _Outbox()
        said = {"levada.run_id": run_id, "levada.table_id": table.table_id, "levada.rows": str(table.rows)}
        if table.truncated:
            said |= {"levada.truncated": "true", "levada.message": table.message}
        self._metadata = said

    def fit(self, batches: Sequence[Columns]) -> None:
        for batch in batches:
            for column, values in zip(self._columns, batch.values, strict=True):
                column.fit(values)

    def schema(self) -> pa.Schema:
        fields = zip(names(self._table), self._table.columns, self._columns, strict=True)
        return pa.schema([_field(name, told, column.type) for name, told, column in fields], self._metadata)

    def batch(self, columns: Columns, schema: pa.Schema) -> pa.RecordBatch:
        arrays = [column.array(values) for column, values in zip(self._columns, columns.values, strict=True)]
        return pa.record_batch(arrays, schema=schema)


def _field(name: str, told: events.ResultColumn, kind: pa.DataType) -> pa.Field:
    said = {"levada.type": events.ColumnType.Name(told.type).removeprefix("COLUMN_TYPE_")}
    return pa.field(name, kind, metadata=said | ({"levada.unit": told.unit} if told.unit else {}))


class ParquetFile(_Columnar):
    """Parquet with row groups of 65,536 rows or 4 MiB."""

    content_type = "application/vnd.apache.parquet"
    suffix = "parquet"

    def begin(self) -> bytes:
        self._schema = self.schema()
        self._writer = pq.ParquetWriter(self._outbox, self._schema)
        self._group: list[pa.RecordBatch] = []
        self._rows = self._size = 0
        return self._outbox.take()

    def add(self, batches: Sequence[Columns]) -> bytes:
        for columns in batches:
            self._group.append(self.batch(columns, self._schema))
            self._rows += columns.row_count
            self._size += columns.size
            if self._rows >= ROWS or self._size >= BYTES:
                self._write()
        return self._outbox.take()

    def _write(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._group, self._schema), row_group_size=self._rows)
        self._group, self._rows, self._size = [], 0, 0
        # Else Arrow's allocator keeps what the group took.
        pa.default_memory_pool().release_unused()

    def end(self) -> bytes:
        if self._group:
            self._write()
        self._writer.close()
        return self._outbox.take()


class ArrowFile(_Columnar):
    """An Arrow IPC stream, a batch for each of the table's."""

    content_type = "application/vnd.apache.arrow.stream"
    suffix = "arrows"

    def begin(self) -> bytes:
        self._schema = self.schema()
        self._writer = pa.ipc.new_stream(pa.PythonFile(self._outbox, mode="w"), self._schema)
        return self._outbox.take()

    def add(self, batches: Sequence[Columns]) -> bytes:
        for columns in batches:
            self._writer.write_batch(self.batch(columns, self._schema))
        return self._outbox.take()

    def end(self) -> bytes:
        self._writer.close()
        return self._outbox.take()

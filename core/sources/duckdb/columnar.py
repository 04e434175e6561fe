"""DuckDB's own Arrow arrays, in the types that results have, for types of which Arrow and Python say the same."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from core.sources import rows
from core.sources.duckdb.databases import Open
from core.sources.duckdb.rows import DuckDBReader
from core.sources.duckdb.types import kind_of, out_of_range
from levada.v1 import event_pb2 as events

_BATCH_ROWS = 2_048  # what DuckDB works on at a time
_SAME = re.compile(
    r"BOOLEAN|U?TINYINT|U?SMALLINT|U?INTEGER|BIGINT|FLOAT|DOUBLE|VARCHAR|BLOB|JSON|DATE|TIMESTAMP"
    r"|TIMESTAMP WITH TIME ZONE|DECIMAL\(\d+,[0-6]\)"  # with more places Arrow writes 1E-7
)
# Python's first and last day and microsecond, counted from 1970; DuckDB's infinity is the last that the bits hold.
_DAYS = -719_162, 2_932_896, 2**31 - 1
_MICROSECONDS = -62_135_596_800_000_000, 253_402_300_799_999_999, 2**63 - 1


class ArrowReader(DuckDBReader):
    """One query without values, whose first rows are Python's values and the others Arrow, if its types allow it."""

    def __init__(self, name: str, connect: Open, sql: str) -> None:
        super().__init__(name, connect, sql)
        self._batches: Iterator[pa.RecordBatch] | None = None

    def _start(self, connection: duckdb.DuckDBPyConnection, query: duckdb.Statement) -> list[tuple[str, str]]:
        relation: Any = connection.sql(self._sql)
        natives = list(map(str, relation.types))
        if not all(map(_SAME.fullmatch, natives)):
            return super()._start(connection, query)
        self._batches = (batch for batch in relation.to_arrow_reader(_BATCH_ROWS) if batch.num_rows)
        return list(zip(relation.columns, natives, strict=True))

    def _read(self, most: int, seconds: float) -> list[tuple[Any, ...]]:
        if self._batches is None or self._connection is None:
            return super()._read(most, seconds)
        batch = next(self._batches, None)
        if batch is None:
            return []
        with closing(self._connection.cursor()) as other:
            return other.from_arrow(batch).fetchall()

    def _in_arrow(self, most: int, seconds: float) -> tuple[Sequence[Any], int]:
        if self._batches is None or self._ahead:
            return super()._in_arrow(most, seconds)
        batches, until = [], time.monotonic() + seconds
        for batch in self._batches:
            batches.append(batch)
            most -= batch.num_rows
            if most <= 0 or time.monotonic() > until:
                break
        return (_columns(batches, self._natives) if batches else ()), sum(batch.num_rows for batch in batches)

    def _close(self) -> None:
        self._batches = None
        super()._close()


def _columns(batches: Sequence[pa.RecordBatch], natives: Sequence[str]) -> list[pa.Array]:
    """Return *batches* as the columns of one. Raises QueryFailed."""
    pieces = zip(*(batch.columns for batch in batches), strict=True)
    return [_shown(pa.concat_arrays(some), kind_of(native)) for some, native in zip(pieces, natives, strict=True)]


def _shown(found: pa.Array, kind: int) -> pa.Array:
    if kind == events.COLUMN_TYPE_DATE:
        found = _within(found, pa.int32(), *_DAYS)
    elif kind in (events.COLUMN_TYPE_TIMESTAMP, events.COLUMN_TYPE_TIMESTAMP_ZONED):
        found = _within(found, pa.int64(), *_MICROSECONDS)
    return found.cast(rows.arrow_type(kind))


def _within(found: pa.Array, whole: pa.DataType, first: int, last: int, endless: int) -> pa.Array:
    """Return dates as Python shows them, for which infinity is its last day."""
    numbers = found.view(whole)
    ends: Any = pc.min_max(numbers).as_py()
    if ends["min"] is None or (first <= ends["min"] and ends["max"] <= last):
        return found
    for number, end in ((endless, last), (-endless, first)):
        numbers = pc.if_else(pc.equal(numbers, number), pa.scalar(end, whole), numbers)
    outside = pc.or_(pc.less(numbers, first), pc.greater(numbers, last))
    if pc.any(outside).as_py():
        raise out_of_range(found.filter(outside).cast(pa.string())[0].as_py())
    return numbers.view(found.type)

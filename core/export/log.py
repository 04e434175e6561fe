"""Tables of rows as a run's log holds them: which there are, which of them are whole, and their batches as columns."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from core.errors import Conflict, LevadaError, NotFound
from core.identity import Principal
from core.runs import Runs
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as events

Decode = Callable[[events.TableRows], Sequence[Sequence[Any]]]

# What is read of the log at once.
EVENTS = 1_000
BYTES = 128 * 1024


@dataclass
class Table:
    """A table that a step's attempt began at event *first*; *last* ends it. *read*: that attempt completed."""

    step: str
    attempt: int
    first: int
    started: events.TableStarted
    last: int = 0
    rows: int = 0
    truncated: bool = False
    message: str = ""
    read: bool = False
    failed: bool = False
    time: Timestamp = field(default_factory=Timestamp)

    @property
    def table_id(self) -> str:
        return self.started.table_id

    @property
    def columns(self) -> Sequence[events.ResultColumn]:
        return self.started.columns

    @property
    def whole(self) -> bool:
        return self.read and self.last > 0


@dataclass(frozen=True)
class Columns:
    """A batch as columns of wire forms: bool, int, float, bytes, else text as ColumnType's comments say; None is NULL.

    *size* is about what it weighs in bytes.
    """

    values: Sequence[Sequence[Any]]
    row_count: int
    size: int


async def tables(runs: Runs, caller: Principal, run_id: str) -> tuple[list[Table], bool]:
    """Return the tables of a run in the order in which they began, and whether the run ended."""
    found = _Tables()
    after, ended, stored = 0, False, [b""]
    while stored and not ended:
        stored, ended = await runs.read(caller, run_id, after, limit=EVENTS, max_bytes=BYTES)  # type: ignore[assignment]
        after += len(stored)
        for data in stored:
            found.hear(events.Event.FromString(data))
    return list(found.tables.values()), ended


class _Tables:
    """Follows a log; what an earlier attempt of a step said is void once the next one begins."""

    def __init__(self) -> None:
        self.tables: dict[tuple[str, str], Table] = {}

    def hear(self, event: events.Event) -> None:
        match event.WhichOneof("payload"):
            case "step_started":
                for table in self._of(event):
                    del self.tables[table.step, table.table_id]
            case "table_started":
                table = Table(event.step, event.attempt, event.sequence, event.table_started, read=not event.step)
                self.tables.pop((event.step, table.table_id), None)
                self.tables[event.step, table.table_id] = table
            case "table_completed":
                self._completed(event)
            case "step_completed":
                for table in self._of(event):
                    table.read = True
            case "step_failed":
                for table in self._of(event):
                    table.failed = True

    def _of(self, event: events.Event) -> list[Table]:
        return [table for table in self.tables.values() if table.step == event.step]

    def _completed(self, event: events.Event) -> None:
        said = event.table_completed
        table = self.tables.get((event.step, said.table_id))
        if table is not None and table.attempt == event.attempt:
            table.last, table.rows, table.time = event.sequence, said.rows, event.time
            table.truncated, table.message = said.truncated, said.message


def chosen(found: Sequence[Table], ended: bool, table_id: str) -> Table:
    """Return the table of that id, or the last one. Raises NotFound (TABLE_NOT_FOUND), Conflict (TABLE_NOT_WHOLE)."""
    if not found:
        told = "This run gave no table of rows, so there is nothing to export." if ended else _NOT_YET
        raise NotFound(told, reason=reasons.ERROR_REASON_TABLE_NOT_FOUND)
    wanted = [table for table in found if table_id in ("", table.table_id)]
    if not wanted:
        names = ", ".join(dict.fromkeys(table.table_id for table in found))
        raise NotFound(
            f"This run has no table {table_id[:100]!r}. It has: {names}.",
            reason=reasons.ERROR_REASON_TABLE_NOT_FOUND,
            details={"tables": names},
        )
    whole = [table for table in wanted if table.whole]
    if wanted[-1].whole or (whole and (ended or wanted[-1].failed)):
        return whole[-1]
    grows = not ended and not wanted[-1].failed
    raise Conflict(
        _GROWING if grows else _BROKEN,
        reason=reasons.ERROR_REASON_TABLE_NOT_WHOLE,
        details={"table_id": wanted[-1].table_id},
    )


_NOT_YET = "This run has no table of rows yet. Wait until it has read some, or until it ended."
_GROWING = "The rows are still being read, and half a table is none. Export it once the step that reads them is done."
_BROKEN = "Reading the rows failed before the end, so there is no whole table to export. Ask the question again."


async def pieces(runs: Runs, caller: Principal, run_id: str, table: Table) -> AsyncGenerator[Sequence[Columns], None]:
    """Yield the batches of *table*, some at once. Raises CursorExpired when the log is forgotten meanwhile."""
    decode = _decoder(table)
    after, seen = table.first, 0
    while after < table.last:
        stored, _ = await runs.read(caller, run_id, after, limit=min(EVENTS, table.last - after), max_bytes=BYTES)
        after += len(stored)
        # In a thread, so that others are served meanwhile.
        batches = await asyncio.to_thread(_batches, stored, table, decode, seen)
        seen += sum(batch.row_count for batch in batches)
        if not stored or (after >= table.last and seen != table.rows):
            raise LevadaError(f"The log holds {seen:,} of the table's {table.rows:,} rows.")
        if batches:
            yield batches


def _batches(stored: Sequence[bytes], table: Table, decode: Decode, seen: int) -> Sequence[Columns]:
    found = []
    for event in map(events.Event.FromString, stored):
        rows = event.table_rows
        ours = (event.step, event.attempt, rows.table_id) == (table.step, table.attempt, table.table_id)
        if ours and event.HasField("table_rows"):
            if rows.offset != seen:
                raise LevadaError(f"Row {seen:,} of the table is missing in the log.")
            seen += rows.row_count
            found.append(Columns(decode(rows), rows.row_count, event.ByteSize()))
    return found


def _decoder(table: Table) -> Decode:
    if table.started.encoding != events.ROW_ENCODING_ARROW:
        return lambda rows: [_plain(column) for column in rows.columns]
    import pyarrow as pa

    schema = pa.ipc.read_schema(pa.py_buffer(table.started.arrow_schema))

    def decode(rows: events.TableRows) -> Sequence[Sequence[Any]]:
        batch = pa.ipc.read_record_batch(pa.py_buffer(rows.arrow), schema)
        kinds = [column.type for column in table.columns]
        return [_worded(values.to_pylist(), kind) for values, kind in zip(batch.columns, kinds, strict=True)]

    return decode


def _plain(column: events.ColumnValues) -> Sequence[Any]:
    kind = column.WhichOneof("values")
    values = getattr(column, kind).values if kind else ()
    nulls = column.nulls
    if not nulls:
        return values
    return [None if nulls[i >> 3] >> (i & 7) & 1 else value for i, value in enumerate(values)]


# What Arrow has types for, and the columns' wire form is text.
_TIMES: set[int] = {
    events.COLUMN_TYPE_DATE,
    events.COLUMN_TYPE_TIME,
    events.COLUMN_TYPE_TIMESTAMP,
    events.COLUMN_TYPE_TIMESTAMP_ZONED,
}


def _worded(values: Sequence[Any], kind: int) -> Sequence[Any]:
    return [None if value is None else value.isoformat() for value in values] if kind in _TIMES else values

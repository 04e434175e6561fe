"""Runs that tell tables of rows, files made of them, and files read back by nobody's code of ours."""

import base64
import io
import json
import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.export import Export, export
from core.identity import LOCAL
from core.runs import Runs
from core.settings import Limits
from core.sources import rows
from core.sources.base import Batch
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunRequest
from levada.v1.run_service_pb2 import ExportFormat, ExportRunRequest
from tests.grpc_server.memory import MemoryRuns

FORMATS = {"csv": 1, "jsonl": 2, "parquet": 3, "arrow": 4}
LIMITS = Limits()


def column(name: str, kind: int, unit: str = "") -> events.ResultColumn:
    return events.ResultColumn(name=name, type=kind, nullable=True, unit=unit)


@dataclass
class Teller:
    """A run that says by hand what a step says that reads rows."""

    runs: MemoryRuns = field(default_factory=MemoryRuns)
    run_id: str = ""

    async def begin(self) -> "Teller":
        self.run_id = (await self.runs.create(LOCAL, RunRequest(question="?")))[0].run_id
        return self

    def say(self, step: str = "execute_sql", attempt: int = 1, **payload: Any) -> None:
        self.runs.say(self.run_id, events.Event(step=step, attempt=attempt, **payload))

    def started(self, step: str = "execute_sql", attempt: int = 1) -> None:
        self.say(step, attempt, step_started=events.StepStarted())

    def completed(self, step: str = "execute_sql", attempt: int = 1) -> None:
        self.say(step, attempt, step_completed=events.StepCompleted())

    def failed(self, step: str = "execute_sql", attempt: int = 1) -> None:
        self.say(step, attempt, step_failed=events.StepFailed())

    def ended(self) -> None:
        self.runs.say(self.run_id, events.Event(completed=events.RunCompleted(summary="Done.")))

    def table(
        self,
        columns: Sequence[events.ResultColumn],
        *batches: Sequence[Sequence[Any]],
        table_id: str = "t-q1",
        arrow: bool = False,
        whole: bool = True,
        **said: Any,
    ) -> None:
        """Say a table; a batch is a sequence of columns. *said* tells `step`, `attempt`, or how it was cut."""
        at = {name: said.pop(name) for name in ("step", "attempt") if name in said}
        kind = events.ROW_ENCODING_ARROW if arrow else events.ROW_ENCODING_COLUMNS
        schema = rows.arrow_schema(columns) if arrow else b""
        begun = events.TableStarted(table_id=table_id, columns=columns, encoding=kind, arrow_schema=schema)
        self.say(**at, table_started=begun)
        offset = 0
        for values in batches:
            batch = Batch(values, len(values[0]))
            message = (rows.encode_arrow if arrow else rows.encode)(batch, columns)
            message.table_id, message.offset = table_id, offset
            offset += batch.row_count
            self.say(**at, table_rows=message)
        if whole:
            self.say(**at, table_completed=events.TableCompleted(table_id=table_id, rows=offset, **said))

    async def export(self, how: str = "csv", table_id: str = "", **wanted: Any) -> tuple[Export, bytes]:
        asked = ExportRunRequest(run_id=self.run_id, format=FORMATS[how], table_id=table_id, **wanted)  # type: ignore[arg-type]
        return await exported(self.runs, asked)


async def exported(runs: Runs, asked: ExportRunRequest) -> tuple[Export, bytes]:
    file = await export(runs, LIMITS, LOCAL, asked)
    async with aclosing(file.pieces) as pieces:
        return file, b"".join([piece async for piece in pieces])


_FIELD = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)')


def csv_cells(data: bytes) -> list[list[str | None]]:
    """Read CSV by the letter of RFC 4180; an empty field without quotes is None."""
    text, table, row, at = data.decode(), [], [], 0
    while at < len(text):
        found = _FIELD.match(text, at)
        assert found is not None, text[at : at + 80]
        quoted, plain, end = found.groups()
        row.append(quoted.replace('""', '"') if quoted is not None else plain or None)
        if end == "\r\n":
            table.append(row)
            row = []
        at = found.end()
    assert not row
    return table


FROM_CSV: dict[int, Any] = {
    events.COLUMN_TYPE_BOOLEAN: lambda text: {"true": True, "false": False}[text],
    events.COLUMN_TYPE_INTEGER: int,
    events.COLUMN_TYPE_DOUBLE: float,
    events.COLUMN_TYPE_DECIMAL: Decimal,
    events.COLUMN_TYPE_BINARY: lambda text: base64.b64decode(text, validate=True),
    events.COLUMN_TYPE_DATE: date.fromisoformat,
    events.COLUMN_TYPE_TIME: time.fromisoformat,
    events.COLUMN_TYPE_TIMESTAMP: datetime.fromisoformat,
    events.COLUMN_TYPE_TIMESTAMP_ZONED: datetime.fromisoformat,
}


def read(how: str, data: bytes, columns: Sequence[events.ResultColumn]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return a file's column names and its rows as Python values; JSON, UUIDs and intervals as text."""
    match how:
        case "csv":
            header, *cells = csv_cells(data)
            return [name or "" for name in header], [_typed(row, columns) for row in cells]
        case "jsonl":
            found = [json.loads(line) for line in data.splitlines()]
            return list(found[0]) if found else [], [_typed(tuple(row.values()), columns) for row in found]
        case "parquet":
            table = pq.read_table(io.BytesIO(data))
        case _:
            table = pa.ipc.open_stream(data).read_all()
    return table.column_names, list(zip(*(values.to_pylist() for values in table.columns), strict=True))


def _typed(row: Sequence[Any], columns: Sequence[events.ResultColumn]) -> tuple[Any, ...]:
    return tuple(
        FROM_CSV.get(one.type, str)(value) if isinstance(value, str) else value
        for one, value in zip(columns, row, strict=True)
    )


__all__ = ["FORMATS", "ExportFormat", "Teller", "column", "csv_cells", "exported", "read"]

"""The rows of a run as a file, written as they are read from its log: a few megabytes at once, however many rows."""

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from google.protobuf.timestamp_pb2 import Timestamp

from core.errors import CursorExpired
from core.expiry import gone
from core.export.base import File
from core.export.log import Table, chosen, pieces, tables
from core.export.text import Csv, JsonLines
from core.identity import Principal
from core.runs import Runs
from core.settings import Limits
from levada.v1.run_service_pb2 import ExportFormat, ExportRunRequest

# A piece of the file: what a slow reader holds.
PIECE = 64 * 1024


@dataclass(frozen=True)
class Export:
    """A file about to be written, and what there is to know of it; *pieces* are its bytes, to be closed when left.

    *truncated*: the source had more than the run kept; *message* says what and why.
    """

    content_type: str
    file_name: str
    read_time: Timestamp
    rows: int
    truncated: bool
    message: str
    pieces: AsyncGenerator[bytes, None]


async def export(runs: Runs, limits: Limits, caller: Principal, wanted: ExportRunRequest) -> Export:
    """Begin to write a table of a run of *caller*.

    Raises NotFound (RUN_NOT_FOUND, TABLE_NOT_FOUND), Conflict (TABLE_NOT_WHOLE), CursorExpired; so do the pieces when
    the rows are forgotten meanwhile, and then the file is not whole.
    """
    run = await runs.get(caller, wanted.run_id)
    if run.oldest_sequence > 1:
        raise gone(run, limits)
    try:
        table = chosen(*await tables(runs, caller, run.run_id), wanted.table_id)
        file = _file(wanted, table)
        if file.fits:
            async for batches in pieces(runs, caller, run.run_id, table):
                await asyncio.to_thread(file.fit, batches)
    except CursorExpired:
        raise gone(await runs.get(caller, wanted.run_id), limits) from None
    return Export(
        content_type=file.content_type,
        file_name=f"levada-{run.run_id}-{re.sub(r'[^A-Za-z0-9._-]+', '_', table.table_id)}.{file.suffix}",
        read_time=table.time,
        rows=table.rows,
        truncated=table.truncated,
        message=table.message,
        pieces=_written(runs, limits, caller, wanted.run_id, table, file),
    )


def _file(wanted: ExportRunRequest, table: Table) -> File:
    match wanted.format:
        case ExportFormat.EXPORT_FORMAT_JSONL:
            return JsonLines(table)
        case ExportFormat.EXPORT_FORMAT_PARQUET | ExportFormat.EXPORT_FORMAT_ARROW:
            from core.export.columnar import ArrowFile, ParquetFile  # pyarrow takes a while to import

            kind = ParquetFile if wanted.format == ExportFormat.EXPORT_FORMAT_PARQUET else ArrowFile
            return kind(table, wanted.run_id)
    return Csv(table, for_spreadsheet=wanted.for_spreadsheet)


async def _written(
    runs: Runs, limits: Limits, caller: Principal, run_id: str, table: Table, file: File
) -> AsyncGenerator[bytes, None]:
    try:
        # In a thread, so that others are served while a large piece is put into words.
        yield await asyncio.to_thread(file.begin)
        async for batches in pieces(runs, caller, run_id, table):
            data = await asyncio.to_thread(file.add, batches)
            for start in range(0, len(data), PIECE):
                yield data[start : start + PIECE]
        yield await asyncio.to_thread(file.end)
    except CursorExpired:
        raise gone(await runs.get(caller, run_id), limits) from None

"""A million rows become a file in a few megabytes of memory."""

import datetime
import gc
import os
from contextlib import aclosing
from decimal import Decimal
from pathlib import Path

import pytest

from core.export import export
from core.identity import LOCAL
from core.settings import Limits
from core.sources.base import Batch
from core.sources.rows import encode
from levada.v1 import event_pb2 as events
from levada.v1.run_service_pb2 import ExportRunRequest
from tests.export.telling import FORMATS, Teller, column

BATCHES, ROWS = 500, 2_000
# Some 10 MB are ours; Arrow's allocator takes 32 more at once, whatever the file's size.
MOST_GROWTH = 64 * 2**20
COLUMNS = [
    column("id", events.COLUMN_TYPE_INTEGER),
    column("name", events.COLUMN_TYPE_TEXT),
    column("price", events.COLUMN_TYPE_DECIMAL),
    column("moment", events.COLUMN_TYPE_TIMESTAMP_ZONED),
]


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


async def million() -> Teller:
    teller = await Teller().begin()
    moment = datetime.datetime(2026, 1, 31, tzinfo=datetime.UTC)
    values = [
        list(range(ROWS)),
        [f"name {number}" for number in range(ROWS)],
        [Decimal(number).scaleb(-2) for number in range(ROWS)],
        [moment + datetime.timedelta(seconds=number) for number in range(ROWS)],
    ]
    rows = encode(Batch(values, ROWS), COLUMNS)
    rows.table_id = "t"
    teller.say("", table_started=events.TableStarted(table_id="t", columns=COLUMNS))
    for number in range(BATCHES):
        rows.offset = number * ROWS
        teller.say("", table_rows=rows)
    teller.say("", table_completed=events.TableCompleted(table_id="t", rows=BATCHES * ROWS))
    return teller


@pytest.mark.parametrize("how", FORMATS)
async def test_a_million_rows_take_a_few_megabytes(how: str):
    teller = await million()
    asked = ExportRunRequest(run_id=teller.run_id, format=FORMATS[how])  # type: ignore[arg-type]
    # What is only loaded once does not count.
    small = await Teller().begin()
    small.table(COLUMNS, [[1], ["x"], [Decimal(1)], [datetime.datetime.now(datetime.UTC)]], step="")
    await small.export(how)
    gc.collect()
    before = most = resident()
    size = 0
    file = await export(teller.runs, Limits(), LOCAL, asked)
    async with aclosing(file.pieces) as pieces:
        async for piece in pieces:
            size += len(piece)
            most = max(most, resident())
    assert file.rows == 1_000_000
    assert size > 1_000_000
    assert most - before < MOST_GROWTH, f"{(most - before) / 2**20:.1f} MiB"

"""Caps, timeouts, cancellation: what is cut is said, what is stopped stops in the database too."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.identity import LOCAL
from levada.v1 import event_pb2 as events
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.run_pb2 import RunOptions
from tests.pace import pace
from tests.pipelines.query.house import House, draft

ALL = "SELECT * FROM calls ORDER BY call_id"
# Joins that take minutes and give no row.
FOREVER = (
    "SELECT count(*) AS n FROM calls AS a JOIN calls AS b ON a.fee <> b.fee + 1 JOIN calls AS c ON b.fee <> c.fee + 1 "
    "JOIN calls AS d ON c.fee <> d.fee + 1 JOIN calls AS e ON d.fee <> e.fee + 1"
)


async def test_the_row_limit_cuts_and_says_so(house: House):
    house.plays(draft(ALL))
    seen = await house.ask(options=RunOptions(row_limit=10))
    done = seen.one("table_completed")
    assert (done.rows, done.truncated, done.truncation) == (10, True, events.TRUNCATION_ROW_LIMIT)
    assert sum(batch.row_count for batch in seen.all("table_rows")) == 10
    for text in (done.message, seen.text(events.CHANNEL_ANSWER), seen.end.summary):
        assert "first 10 rows" in text


async def test_as_many_rows_as_the_limit_are_not_cut(house: House):
    house.plays(draft(ALL))
    done = (await house.ask(options=RunOptions(row_limit=96))).one("table_completed")
    assert (done.rows, done.truncated, done.message) == (96, False, "")


async def test_the_byte_limit_cuts_within_a_batch(tmp_path: Path, harbour_url: str):
    async with House(tmp_path, harbour_url, bytes_per_run=2_000) as house:
        house.plays(draft(ALL))
        seen = await house.ask()
    done = seen.one("table_completed")
    assert done.truncation == events.TRUNCATION_BYTE_LIMIT
    assert 0 < done.rows < 96
    assert sum(batch.ByteSize() for batch in seen.all("table_rows")) <= 2_000
    assert f"first {done.rows} rows" in done.message
    offsets = [batch.offset for batch in seen.all("table_rows")]
    assert offsets == sorted(offsets) and offsets[0] == 0


async def test_large_batches_are_split_so_that_every_client_can_take_them(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "wide.db")) as database:
        database.execute("CREATE TABLE wide (id INTEGER, words TEXT)")
        database.executemany("INSERT INTO wide VALUES (?, ?)", [(number, "x" * 90_000) for number in range(96)])
        database.commit()
    async with House(tmp_path, str(tmp_path / "wide.db")) as house:
        house.plays(draft("SELECT id, words FROM wide"))
        batches = (await house.ask()).all("table_rows")
    assert sum(batch.row_count for batch in batches) == 96
    assert max(batch.ByteSize() for batch in batches) <= 1024 * 1024


@pytest.mark.parametrize("encoding", [events.ROW_ENCODING_COLUMNS, events.ROW_ENCODING_ARROW])
async def test_values_too_long_for_a_client_are_cut_and_it_is_said_where(tmp_path: Path, encoding: events.RowEncoding):
    long = "\N{EURO SIGN}" * 4_000_000
    with closing(sqlite3.connect(tmp_path / "long.db")) as database:
        database.execute("CREATE TABLE papers (id INTEGER, title TEXT, body TEXT, scan BLOB)")
        papers = [(1, "a", "short", b"short"), (2, "b", long, bytes(9_000_000)), (3, "c", None, None)]
        database.executemany("INSERT INTO papers VALUES (?, ?, ?, ?)", papers)
        database.commit()
    async with House(tmp_path, str(tmp_path / "long.db")) as house:
        house.plays(draft("SELECT id, title, body, scan FROM papers ORDER BY id"))
        seen = await house.ask(options=RunOptions(row_encoding=encoding))
    done, batches = seen.one("table_completed"), seen.all("table_rows")
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert (done.rows, done.truncated, done.truncation) == (3, True, events.TRUNCATION_BYTE_LIMIT)
    assert "body, scan are cut" in done.message and "1 MiB" in done.message
    assert "first 3 rows" not in done.message
    assert max(event.ByteSize() for event in seen.events) < 4 * 2**20
    if encoding == events.ROW_ENCODING_COLUMNS:
        bodies = [text for batch in batches for text in batch.columns[2].texts.values]
        assert bodies == ["short", long[: 2**20 // 3], ""]


async def test_a_row_of_many_long_values_fits_a_message_too(tmp_path: Path):
    names = [f"part_{number}" for number in range(20)]
    with closing(sqlite3.connect(tmp_path / "long.db")) as database:
        database.execute(f"CREATE TABLE papers ({', '.join(f'{name} TEXT' for name in names)})")
        database.execute(f"INSERT INTO papers VALUES ({', '.join('?' * 20)})", ["x" * 900_000] * 20)
        database.commit()
    async with House(tmp_path, str(tmp_path / "long.db")) as house:
        house.plays(draft("SELECT * FROM papers"))
        seen = await house.ask()
    assert seen.one("table_completed").rows == 1
    assert 2 * 2**20 < max(event.ByteSize() for event in seen.events) < 4 * 2**20


async def test_arrow_is_what_was_asked_for(house: House):
    import pyarrow as pa

    house.plays(draft("SELECT ship_id, name FROM ships ORDER BY ship_id"))
    seen = await house.ask(options=RunOptions(row_encoding=events.ROW_ENCODING_ARROW))
    schema = pa.ipc.read_schema(pa.BufferReader(seen.one("table_started").arrow_schema))
    batch = pa.ipc.read_record_batch(pa.BufferReader(seen.one("table_rows").arrow), schema)
    assert batch.to_pydict() == {"ship_id": [1, 2, 3, 4], "name": ["Aurora", "Borealis", "Calypso", "Dorado"]}


async def test_a_query_that_takes_too_long_says_what_to_do(tmp_path: Path, harbour_url: str):
    async with House(tmp_path, harbour_url, query_seconds=0.2) as house:
        house.plays(draft(FOREVER), draft("SELECT 1 AS n"))
        seen = await house.ask()
    assert ErrorReason.Name(seen.end.reason) == "ERROR_REASON_QUERY_TIMEOUT"
    assert "Query took too long. Try a more specific question." in seen.end.message
    assert "analyze_error" not in seen.steps


async def test_cancelling_stops_the_query_in_the_database(house: House):
    house.plays(draft(FOREVER))
    run = await house.create()
    await house.watch(run, "operation_started")
    with pace() as since:
        await house.engine.cancel(LOCAL, run, "changed my mind")
        seen = await house.watch(run)
        assert since.seconds < 5
    assert seen.kinds[-1] == "cancelled"
    # The file is free again: a query that had run on would still hold its connection's thread.
    house.plays(draft("SELECT count(*) AS n FROM ships"))
    assert (await house.ask()).end.outcome == events.OUTCOME_ANSWERED


@pytest.mark.parametrize("encoding", [events.ROW_ENCODING_COLUMNS, events.ROW_ENCODING_ARROW])
async def test_nulls_and_types_survive(house: House, encoding: int):
    house.plays(draft("SELECT code, length, ship_id FROM ships ORDER BY ship_id"))
    seen = await house.ask(options=RunOptions(row_encoding=encoding))
    kinds = [column.type for column in seen.one("table_started").columns]
    assert kinds == [events.COLUMN_TYPE_TEXT, events.COLUMN_TYPE_DOUBLE, events.COLUMN_TYPE_INTEGER]

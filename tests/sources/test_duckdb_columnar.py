"""What DuckDB gives as Arrow is what it gives as Python's values."""

import asyncio
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from core.errors import QueryFailed, QueryTimeout
from core.sources import open_source, rows
from core.sources.base import Limits, Source

ROWS = 20_000
# Each is a column of its own, NULL now and then; "n" counts the rows.
QUICK = {
    "yes": "n % 3 = 0",
    "tiny": "(n % 100)::TINYINT",
    "small": "(n % 100)::USMALLINT",
    "big": "9223372036854775807 - n",
    "word": "'wörd ' || n",
    "figure": "n / 7",
    "rough": "(n / 7)::FLOAT",
    "price": "(n / 7 - 500)::DECIMAL(12, 2)",
    "fine": "(n / 1e6)::DECIMAL(38, 6)",
    "raw": "('x' || n)::BLOB",
    "day": "CASE n % 50 WHEN 1 THEN DATE 'infinity' WHEN 2 THEN DATE '-infinity' ELSE DATE '2026-01-31' - n::INT END",
    "at": "CASE n % 50 WHEN 1 THEN TIMESTAMP 'infinity' ELSE TIMESTAMP '2026-01-31 13:05:06.789' END",
    "zoned": "CASE n % 50 WHEN 1 THEN TIMESTAMPTZ 'infinity' ELSE TIMESTAMPTZ '2026-01-31 13:05:06+02' END",
}
SLOW = {
    "key": "('00000000-0000-0000-0000-' || lpad(n::VARCHAR, 12, '0'))::UUID",
    "tiniest": "(n / 1e8)::DECIMAL(18, 8)",
    "huge": "n::HUGEINT",
    "clock": "TIME '10:00'",
    "list": "[n, n + 1]",
}


@pytest.fixture
async def source(tmp_path: Path):
    with duckdb.connect(str(tmp_path / "x.duckdb")) as db:
        columns = ", ".join(
            f"CASE WHEN n % 11 <> 5 THEN {value} END AS {name}" for name, value in {**QUICK, **SLOW}.items()
        )
        db.execute(f"CREATE TABLE t AS SELECT n, {columns} FROM range({ROWS}) AS r(n)")
        db.execute(
            f"CREATE TABLE late AS SELECT CASE n WHEN {ROWS - 5} THEN 'x' ELSE '1' END AS x FROM range({ROWS}) AS r(n)"
        )
        db.execute(
            "CREATE TABLE far AS SELECT CASE n WHEN 15000 THEN DATE '12000-01-01' ELSE DATE '2026-01-31' END AS x "
            f"FROM range({ROWS}) AS r(n)"
        )
    found = open_source("x", f"duckdb:///{tmp_path}/x.duckdb")
    yield found
    await found.close()


async def fetched(source: Source, sql: str, after: int | None) -> tuple[pa.Table, int]:
    """Return the rows, and how many columns came as Arrow arrays."""
    query = source.check(sql, await source.describe(), ROWS)
    batches, arrays = [], 0
    async with source.query(query, Limits(rows=ROWS, arrow_after=after)) as found:
        async for batch in found:
            arrays += sum(isinstance(values, pa.Array) for values in batch.columns)
            batches.append(rows.record_batch(batch, found.columns))
    return pa.Table.from_batches(batches), arrays


async def test_each_type_has_the_same_values(source: Source):
    sql = f"SELECT n, {', '.join(QUICK)} FROM t ORDER BY n"
    plain, none = await fetched(source, sql, None)
    quick, arrays = await fetched(source, sql, 100)

    for name in plain.column_names:
        assert quick.column(name).equals(plain.column(name)), name
    assert quick.num_rows == ROWS
    assert none == 0
    assert arrays > len(QUICK)


@pytest.mark.parametrize("name", SLOW)
async def test_what_arrow_says_otherwise_comes_as_pythons_values(source: Source, name: str):
    sql = f"SELECT n, {name} FROM t ORDER BY n"
    plain, _ = await fetched(source, sql, None)
    other, arrays = await fetched(source, sql, 100)

    assert other.equals(plain)
    assert arrays == 0


async def test_a_day_out_of_range_far_into_the_rows_is_refused(source: Source):
    for after in (None, 100):
        with pytest.raises(QueryFailed, match="The date 12000-01-01 is out of the range"):
            await fetched(source, "SELECT x FROM far", after)


async def test_what_fails_far_into_the_rows_is_said_in_our_words(source: Source):
    for after in (None, 100):
        with pytest.raises(QueryFailed, match="DuckDB refused the query: Conversion Error"):
            await fetched(source, "SELECT CAST(x AS INTEGER) AS x FROM late", after)


async def test_time_is_up_before_and_between_the_rows(source: Source):
    for what in ("count(*) AS n", "a.n"):
        sql = f"SELECT {what} FROM t AS a JOIN t AS b ON a.n + b.n > 0 JOIN t AS c ON b.n <> c.n"
        query = source.check(sql, await source.describe(), 10**9)
        with pytest.raises(QueryTimeout):
            async with source.query(query, Limits(rows=10**9, seconds=0.3, arrow_after=100)) as found:
                async for _ in found:
                    pass


async def test_leaving_in_the_middle_stops_at_once(source: Source):
    query = source.check(
        "SELECT a.n FROM t AS a JOIN t AS b ON a.n + b.n > 0 JOIN t AS c ON b.n <> c.n", await source.describe(), 10**9
    )
    seen = asyncio.Event()

    async def reading() -> None:
        async with source.query(query, Limits(rows=10**9, seconds=100, arrow_after=100)) as found:
            async for batch in found:
                if isinstance(batch.columns[0], pa.Array):
                    seen.set()

    task = asyncio.create_task(reading())
    await seen.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(60):
            await task

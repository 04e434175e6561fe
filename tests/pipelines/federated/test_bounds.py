"""What a join may use: its time ends it, its rows are capped, the rest of the server goes on meanwhile."""

import sqlite3
from pathlib import Path

import pyarrow
import pytest

from core.models.plans import Plan
from levada.v1 import event_pb2 as events
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.run_pb2 import ANALYSIS_NONE, RunOptions
from tests.pipelines.federated.house import SpreadHouse, rows
from tests.pipelines.federated.world import asks, joins, plan
from tests.servers import until

ROWS = RunOptions(analyze=ANALYSIS_NONE)
SAME = "SELECT n, 1 AS same FROM numbers"


def numbers(folder: Path, count: int = 5_000) -> dict[str, str]:
    for name in ("one", "two"):
        with sqlite3.connect(folder / f"{name}.db") as db:
            db.execute("CREATE TABLE numbers (n INTEGER)")
            db.executemany("INSERT INTO numbers VALUES (?)", [(n,) for n in range(count)])
        db.close()
    return {name: f"sqlite:///{folder}/{name}.db" for name in ("one", "two")}


def exploding(select: str) -> Plan:
    """Return a plan whose join has 5,000 to the third power rows, which is 125 billion."""
    pairs = "a JOIN b ON a.same = b.same JOIN b AS c ON c.same = a.same"
    return plan(asks("a", "one", SAME), asks("b", "two", SAME), joins(f"SELECT {select} FROM {pairs}"))


async def test_a_join_of_billions_of_rows_is_stopped_in_time_while_others_are_served(tmp_path: Path):
    async with SpreadHouse(tmp_path, numbers(tmp_path), query_seconds=5) as house:
        house.plans(exploding("count(*) AS n, sum(hash(a.n + b.n + c.n)) AS h"))
        run = await house.create(sources=["one", "two"], options=ROWS)
        await house.joins(run)
        house.plans(plan(asks("a", "one", "SELECT n FROM numbers WHERE n = 5"), joins("SELECT n FROM a")))
        other = await house.ask(sources=["one", "two"], options=ROWS)
        assert rows(other) == [(5,)], other.end
        seen = await house.watch(run)
        assert seen.end.reason == ErrorReason.ERROR_REASON_QUERY_TIMEOUT
        await until(lambda: not house.left)


async def test_a_join_that_gives_too_many_rows_ends_with_the_first_of_them(tmp_path: Path):
    async with SpreadHouse(tmp_path, numbers(tmp_path)) as house:
        house.plans(exploding("a.n, b.n AS m"))
        seen = await house.ask(sources=["one", "two"], options=RunOptions(analyze=ANALYSIS_NONE, row_limit=500))
        assert len(rows(seen)) == 500
        ended = [one for one in seen.all("table_completed") if one.table_id == "t-combine"]
        assert ended[0].truncation == events.TRUNCATION_ROW_LIMIT


async def test_tables_that_nothing_ties_together_are_refused(tmp_path: Path):
    async with SpreadHouse(tmp_path, numbers(tmp_path, 20_000)) as house:
        house.plans(plan(asks("a", "one", SAME), asks("b", "two", SAME), joins("SELECT count(*) AS n FROM a, b")))
        seen = await house.ask(sources=["one", "two"], options=ROWS)
        assert seen.end.reason == ErrorReason.ERROR_REASON_QUERY_REFUSED
        assert "Nothing ties" in seen.end.message


async def test_an_operation_that_gives_more_rows_than_may_be_is_cut_and_the_answer_says_so(tmp_path: Path):
    async with SpreadHouse(tmp_path, numbers(tmp_path, 3_000), rows=1_000, default_rows=1_000) as house:
        house.plans(plan(asks("a", "one", SAME), joins("SELECT count(*) AS n FROM a")))
        seen = await house.ask(sources=["one", "two"])
        assert rows(seen) == [(1_000,)]
        assert "Only the first 1,000 rows were taken" in seen.text(events.CHANNEL_ANSWER)


async def test_rows_that_fill_the_scratch_folder_end_the_operation_and_leave_nothing(tmp_path: Path):
    async with SpreadHouse(tmp_path, numbers(tmp_path), scratch_bytes=10_000) as house:
        house.plans(plan(asks("a", "one", SAME), joins("SELECT count(*) AS n FROM a")))
        seen = await house.ask(sources=["one", "two"], options=ROWS)
        assert seen.end.reason == ErrorReason.ERROR_REASON_QUERY_FAILED
        assert "may keep until it is joined" in seen.end.message
        await until(lambda: not house.left)


async def test_rows_that_the_disk_does_not_take_are_told_with_what_to_do(tmp_path: Path):
    async with SpreadHouse(tmp_path, numbers(tmp_path, 10)) as house:
        (tmp_path / "scratch").write_text("no folder")
        house.plans(plan(asks("a", "one", SAME), joins("SELECT count(*) AS n FROM a")))
        seen = await house.ask(sources=["one", "two"], options=ROWS)
        assert seen.end.reason == ErrorReason.ERROR_REASON_STORE_UNAVAILABLE
        assert "set LEVADA_SCRATCH" in seen.end.message


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
async def test_a_disk_that_fills_up_ends_the_operation_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async with SpreadHouse(tmp_path, numbers(tmp_path, 10)) as house:
        monkeypatch.setattr(pyarrow, "OSFile", lambda _, mode, real=pyarrow.OSFile: real("/dev/full", mode))
        house.plans(plan(asks("a", "one", SAME), joins("SELECT count(*) AS n FROM a")))
        seen = await house.ask(sources=["one", "two"], options=ROWS)
        assert seen.end.reason == ErrorReason.ERROR_REASON_STORE_UNAVAILABLE
        assert "Free some space" in seen.end.message

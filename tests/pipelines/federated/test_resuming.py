"""A run that goes on after a crash asks nobody again whose rows are still there, and asks again whose are not."""

import asyncio
import shutil
from pathlib import Path

import pytest

from core.identity import LOCAL
from core.sources.base import CheckedQuery
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import ANALYSIS_NONE, RunOptions
from levada.v1.run_service_pb2 import ForkRunRequest
from tests.pipelines.federated import world
from tests.pipelines.federated.house import SpreadHouse, rows
from tests.pipelines.federated.world import BY_COUNTRY
from tests.servers import until

ROWS = RunOptions(analyze=ANALYSIS_NONE)
REVENUE = [("Norway", "125.75"), ("Japan", "70.00")]


async def stopped_in_the_middle(folder: Path, urls: dict[str, str]) -> str:
    """Have a server stop when one of two operations is done; return the run."""
    async with SpreadHouse(folder, urls) as house:

        async def hang(_: CheckedQuery) -> None:
            await asyncio.Event().wait()

        house.watched("sales", hang)
        house.plans(BY_COUNTRY)
        run = await house.create(sources=["crm", "sales"], options=ROWS)
        await house.watch(run, "operation_completed")
        return run


@pytest.mark.parametrize("gone", [False, True])
async def test_a_server_that_stops_keeps_what_was_fetched(tmp_path: Path, gone: bool):
    urls = world.write(tmp_path)
    run = await stopped_in_the_middle(tmp_path, urls)
    if gone:
        shutil.rmtree(tmp_path / "scratch")
    async with SpreadHouse(tmp_path, urls) as house:
        asked = house.watched("crm")
        seen = await house.watch(run)
        assert rows(seen) == REVENUE, seen.end
        assert len(asked.asked) <= int(gone)
        await until(lambda: not house.left)


async def test_a_run_that_ended_leaves_no_rows_behind(tmp_path: Path):
    async with SpreadHouse(tmp_path) as house:
        house.plans(BY_COUNTRY)
        assert rows(await house.ask(options=ROWS)) == REVENUE
        await until(lambda: not list((tmp_path / "scratch").iterdir()))


@pytest.mark.parametrize("pipeline", ["federated", "auto"])
async def test_a_cancelled_run_leaves_no_rows_behind(tmp_path: Path, pipeline: str):
    async with SpreadHouse(tmp_path) as house:

        async def hang(_: CheckedQuery) -> None:
            await asyncio.Event().wait()

        house.watched("sales", hang)
        house.plans(BY_COUNTRY)
        run = await house.create(
            "Amount of orders by country of customers?", pipeline=pipeline, sources=["crm", "sales"], options=ROWS
        )
        await house.watch(run, "operation_completed")
        assert house.left
        await house.engine.cancel(LOCAL, run)
        assert (await house.watch(run)).kinds[-1] == "cancelled"
        await until(lambda: not list((tmp_path / "scratch").iterdir()))


async def test_a_fork_from_the_join_fetches_anew_what_its_origin_took_away(tmp_path: Path):
    async with SpreadHouse(tmp_path) as house:
        house.plans(BY_COUNTRY)
        first = await house.ask()
        run = first.events[0].run_id
        planner = house.plans()
        wanted = ForkRunRequest(run_id=run, step="execute_operations", options=RunOptions(row_limit=1))
        fork, _ = await house.engine.fork(LOCAL, wanted)
        seen = await house.watch(fork.run_id)
        assert seen.end.outcome == events.OUTCOME_ANSWERED, seen.end
        assert not planner.planned
        assert rows(seen) == REVENUE[:1]
        assert "combine/orders" in seen.steps

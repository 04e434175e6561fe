"""A worker that lost its runs, because it was stopped for too long or cut off, stops working on them."""

import asyncio
import signal
import sys
import time
from pathlib import Path

import pytest

from core.pipeline import Run, Step, step
from levada.v1.run_pb2 import RunState
from tests.engine.stage import Stage, answered, assert_whole, kind, kinds
from tests.engine.zombie import TOIL
from tests.postgres import PostgresDatabase
from tests.servers import ROOT, environment, until

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("stage", ["postgres"], indirect=True)]

LEASE = 1.5


async def resting(run: Run):
    """Do what the zombie toils at in no time."""

    @step(TOIL)
    async def toil(step: Step) -> None:
        pass

    await run.step(toil)
    return answered()


async def test_a_worker_that_wakes_after_its_lease_says_nothing_and_stops_at_once(stage: Stage, tmp_path: Path):
    await stage.play(resting, TOIL, concurrent_runs=0)
    toil = tmp_path / "toil"
    zombie = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.engine.zombie", stage.url, str(LEASE), str(toil)),
        cwd=ROOT,
        env=environment(tmp_path),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        run_id = await stage.create()
        assert zombie.stdout is not None
        async with asyncio.timeout(30):
            assert await zombie.stdout.readline() == b"toils\n"
            await stage.until(run_id, "step_progressed")
        zombie.send_signal(signal.SIGSTOP)
        await stage.restart(concurrent_runs=1)
        async with asyncio.timeout(45):
            seen = await stage.watch(run_id)
        assert_whole(seen)
        assert next(event.resumed.cause for event in seen if kind(event) == "resumed") == "worker lost"
        before = toil.read_text()
        zombie.send_signal(signal.SIGCONT)
        await asyncio.sleep(1.5)
        # Far less than it does in the second between two heartbeats.
        assert len(toil.read_text()) - len(before) < 20 * 20
        assert await stage.watch(run_id) == seen
    finally:
        zombie.kill()
        await zombie.communicate()


async def test_a_worker_that_can_t_renew_stops_when_its_lease_is_over_and_goes_on_later(
    stage: Stage, postgres_store: PostgresDatabase
):
    stage.lease = LEASE
    began, stopped = asyncio.Event(), asyncio.Event()

    async def run(run: Run):
        @step(TOIL)
        async def toil(step: Step) -> None:
            began.set()
            if step.attempt == 1:
                try:
                    await asyncio.Event().wait()
                finally:
                    stopped.set()

        await run.step(toil)
        return answered()

    await stage.play(run, TOIL)
    run_id = await stage.create()
    await began.wait()
    name = postgres_store.name
    maintenance = PostgresDatabase("postgres", postgres_store.host, "postgres")
    cut = time.monotonic()
    maintenance.run(
        f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    )
    await until(stopped.is_set)
    assert time.monotonic() - cut > LEASE / 4
    maintenance.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    async with asyncio.timeout(60):
        seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kinds(seen).count("step_started") == 2
    assert (await stage.get(run_id)).state == RunState.RUN_STATE_COMPLETED

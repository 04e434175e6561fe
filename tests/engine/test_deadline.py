"""A run is over by its deadline, whatever it is about then, and says what that was."""

import asyncio
from types import SimpleNamespace

import pytest
from google.protobuf.duration_pb2 import Duration
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from core import unheld
from core.errors import StoreError
from core.identity import LOCAL
from core.pipeline import Run, Step, step
from core.store import Store, open_store
from core.store.tables import runs
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunOptions, RunState
from tests.engine.conftest import EVERYWHERE
from tests.engine.stage import Stage, answered, assert_whole, kind, kinds, spec

pytestmark = EVERYWHERE

WORK, THEN = spec("work"), spec("then", 0.5)
WHICH = events.InputRequested(input_id="which", kind=events.INPUT_KIND_CLARIFICATION, prompt="Which?")


def by(seconds: float) -> RunOptions:
    deadline = Duration()
    deadline.FromMilliseconds(int(seconds * 1000))
    return RunOptions(deadline=deadline)


def said(seen: list[events.Event]) -> str:
    assert_whole(seen)
    assert seen[-1].failed.reason == reasons.ERROR_REASON_RUN_TIMEOUT
    return seen[-1].failed.message


async def sweep(stage: Stage) -> None:
    """Do what one of the servers does every few seconds, whichever has the duty."""
    for row in await stage.engine.store.due():
        await unheld.settle(stage.engine.store, row)


async def overdue(store: Store, run_id: str) -> None:
    """Have the deadline of a run be over."""

    async def move(c: AsyncConnection) -> None:
        await c.execute(update(runs).where(runs.c.id == run_id).values(deadline=runs.c.created))

    await store._writer.do(move)


class Play:
    """Works until it is let go, or asks a person."""

    def __init__(self) -> None:
        self.go = asyncio.Event()

    async def run(self, run: Run):
        @step(WORK)
        async def work(step: Step) -> None:
            step.emit(events.TableRows(row_count=3))
            await self.go.wait()

        @step(THEN)
        async def then(step: Step) -> None:
            pass

        if run.request.question == "ask":
            await run.ask(WHICH)
        await run.step(work)
        await run.step(then)
        return answered()


async def test_a_run_at_work_ends_at_its_deadline(stage: Stage):
    await stage.play(Play().run, WORK, THEN)
    assert "was not done by its deadline, 2 seconds after" in said(await stage.ask(options=by(2)))


async def test_a_run_that_waits_for_people_ends_at_its_deadline(stage: Stage):
    await stage.play(Play().run, WORK, THEN)
    assert "Nobody had answered" in said(await stage.ask("ask", options=by(4)))


async def test_a_run_whose_end_the_store_refuses_does_not_hold_up_the_others(stage: Stage, monkeypatch):
    await stage.play(Play().run, WORK, THEN)
    runner, settled = stage.engine._runner, []

    async def due():
        return [SimpleNamespace(id="refused"), SimpleNamespace(id="fine")]

    async def settle(store, row):
        if row.id == "refused":
            raise StoreError
        settled.append(row.id)

    async def mine(name, seconds):
        return True

    monkeypatch.setattr(unheld, "settle", settle)
    monkeypatch.setattr(stage.engine.store, "due", due)
    monkeypatch.setattr(runner._duties, "mine", mine)
    await runner._sweep()
    assert "fine" in settled


async def test_a_deadline_is_lowered_to_the_limit(stage: Stage):
    await stage.play(Play().run, WORK, THEN, deadline_seconds=0.4)
    run_id = await stage.create(options=by(3600))
    assert (await stage.get(run_id)).request.options.deadline.ToMilliseconds() == 400
    assert "its deadline, 0.4 seconds" in said(await stage.watch(run_id))


async def test_a_run_that_still_waits_in_the_queue_at_its_deadline_says_so(stage: Stage):
    play = Play()
    await stage.play(play.run, WORK, THEN, concurrent_runs=1)
    first = await stage.create()
    await stage.until(first, "step_started")
    run_id = await stage.create(options=by(0.2))
    await asyncio.sleep(0.25)
    await sweep(stage)
    seen = await stage.watch(run_id)
    assert "still waited in the queue" in said(seen)
    assert "started" not in kinds(seen)
    play.go.set()
    assert kind((await stage.watch(first))[-1]) == "completed"


async def test_a_run_that_nobody_swept_up_is_not_begun_after_its_deadline(stage: Stage):
    await stage.play(Play().run, WORK, THEN)
    stage.engine._runner._claims = False
    run_id = await stage.create(options=by(0.1))
    await asyncio.sleep(0.15)
    stage.engine._runner._claims = True
    stage.engine._runner.wake()
    seen = await stage.watch(run_id)
    assert "still waited in the queue" in said(seen)
    assert "started" not in kinds(seen)


async def test_a_paused_run_ends_at_its_deadline_with_the_rows_that_it_fetched(stage: Stage):
    play = Play()
    await stage.play(play.run, WORK, THEN)
    run_id = await stage.create(options=by(3600))
    await stage.until(run_id, "step_started")
    await stage.engine.pause(LOCAL, run_id)
    play.go.set()
    await stage.until(run_id, "paused")
    assert (await stage.get(run_id)).state == RunState.RUN_STATE_PAUSED
    await overdue(stage.engine.store, run_id)
    await sweep(stage)
    seen = await stage.watch(run_id)
    assert "still paused" in said(seen)
    assert seen[-1].failed.totals.rows == 3


@pytest.mark.parametrize("question", ["?", "ask"])
async def test_a_run_that_its_server_died_with_ends_at_its_deadline(stage: Stage, question: str):
    play = Play()
    await stage.play(play.run, WORK, THEN)
    run_id = await stage.create(question, options=by(3600))
    await stage.until(run_id, "step_started", "input_requested")
    await stage.stop()
    store = open_store(stage.url)
    await store.open()
    await overdue(store, run_id)
    await store.close()
    await stage.start()
    await sweep(stage)
    said(await stage.watch(run_id))

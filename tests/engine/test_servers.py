"""Two servers on one store: what is asked of one reaches the other at once, without anybody looking every second."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from core import runner
from core.identity import LOCAL
from core.pipeline import Run
from core.store import follower
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import InputAnswer, RunState
from tests.engine.stage import Stage, answered, assert_whole, kind

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("stage", ["postgres"], indirect=True)]

WHICH = events.InputRequested(input_id="which", kind=events.INPUT_KIND_CLARIFICATION, prompt="Which?")


async def playing(run: Run):
    match run.request.question:
        case "stay":
            await asyncio.Event().wait()
        case "ask":
            return answered((await run.ask(WHICH)).text)
    return answered()


@pytest.fixture
async def both(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Stage, Stage]]:
    """Two servers that look for themselves only once in a while, with a place for one run each."""
    for module in (runner, follower):
        monkeypatch.setattr(module, "POLL", 60.0)
    await stage.play(playing, concurrent_runs=1)
    async with stage.elsewhere() as other:
        yield stage, other


async def held(stages: tuple[Stage, Stage], question: str) -> tuple[Stage, Stage, str]:
    """Have a run worked on; return who does, the other one, and its id."""
    run_id = await stages[0].create(question)
    await stages[0].until(run_id, "started")
    holder = next(one for one in stages if run_id in one.engine._runner._lives)
    return holder, stages[1] if holder is stages[0] else stages[0], run_id


async def test_a_cancel_given_elsewhere_reaches_the_run_at_once(both: tuple[Stage, Stage]):
    _, other, run_id = await held(both, "stay")
    began = time.monotonic()
    await other.engine.cancel(LOCAL, run_id, "changed my mind")
    seen = await asyncio.wait_for(other.watch(run_id), 5)
    assert time.monotonic() - began < 0.8
    assert (kind(seen[-1]), seen[-1].cancelled.cause) == ("cancelled", "changed my mind")


async def test_an_answer_given_elsewhere_is_heard_at_once(both: tuple[Stage, Stage]):
    _, other, run_id = await held(both, "ask")
    await other.until(run_id, "input_requested")
    began = time.monotonic()
    await other.engine.respond(LOCAL, run_id, InputAnswer(input_id="which", text="that one"))
    seen = await asyncio.wait_for(other.watch(run_id), 5)
    assert time.monotonic() - began < 0.8
    assert seen[-1].completed.summary == "that one"


async def test_a_run_created_on_a_busy_server_is_taken_by_an_idle_one_at_once(both: tuple[Stage, Stage]):
    busy, _, run_id = await held(both, "stay")
    began = time.monotonic()
    assert_whole(await asyncio.wait_for(busy.ask("go"), 5))
    assert time.monotonic() - began < 0.8
    await busy.engine.cancel(LOCAL, run_id)


async def test_a_reader_elsewhere_sees_every_event_once(both: tuple[Stage, Stage]):
    _, other, run_id = await held(both, "ask")
    watching = asyncio.create_task(other.watch(run_id))
    await other.until(run_id, "input_requested")
    await other.engine.respond(LOCAL, run_id, InputAnswer(input_id="which", text="this"))
    seen = await asyncio.wait_for(watching, 5)
    assert_whole(seen)
    assert (await other.get(run_id)).state == RunState.RUN_STATE_COMPLETED

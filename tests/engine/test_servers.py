"""Two servers on one store: what is asked of one reaches the other at once, without anybody looking every second."""

import asyncio
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

# However busy the machine is: far less than the time after which somebody would look anyway.
AT_ONCE = 40
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
        monkeypatch.setattr(module, "POLL", 90.0)
    stage.lease = 240.0
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
    await other.engine.cancel(LOCAL, run_id, "changed my mind")
    async with asyncio.timeout(AT_ONCE):
        seen = await other.watch(run_id)
    assert (kind(seen[-1]), seen[-1].cancelled.cause) == ("cancelled", "changed my mind")


async def test_an_answer_given_elsewhere_is_heard_at_once(both: tuple[Stage, Stage]):
    _, other, run_id = await held(both, "ask")
    await other.until(run_id, "input_requested")
    await other.engine.respond(LOCAL, run_id, InputAnswer(input_id="which", text="that one"))
    async with asyncio.timeout(AT_ONCE):
        seen = await other.watch(run_id)
    assert seen[-1].completed.summary == "that one"


async def test_a_run_created_on_a_busy_server_is_taken_by_an_idle_one_at_once(both: tuple[Stage, Stage]):
    busy, _, run_id = await held(both, "stay")
    async with asyncio.timeout(AT_ONCE):
        assert_whole(await busy.ask("go"))
    await busy.engine.cancel(LOCAL, run_id)


async def test_a_reader_elsewhere_sees_every_event_once(both: tuple[Stage, Stage]):
    _, other, run_id = await held(both, "ask")
    watching = asyncio.create_task(other.watch(run_id))
    await other.until(run_id, "input_requested")
    await other.engine.respond(LOCAL, run_id, InputAnswer(input_id="which", text="this"))
    async with asyncio.timeout(AT_ONCE):
        seen = await watching
    assert_whole(seen)
    assert (await other.get(run_id)).state == RunState.RUN_STATE_COMPLETED

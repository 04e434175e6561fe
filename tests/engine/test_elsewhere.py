"""A server dies, and what people want of its runs is done by another one, once the lease of the first is over."""

from collections.abc import AsyncIterator

import pytest

from core import live
from core.identity import LOCAL
from core.pipeline import Run
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import InputAnswer, RunState
from tests.engine.stage import Stage, answered, assert_whole, kind, kinds
from tests.servers import until

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("stage", ["postgres"], indirect=True)]

WHICH = events.InputRequested(input_id="which", kind=events.INPUT_KIND_CLARIFICATION, prompt="Which?")
A = InputAnswer(input_id="which", text="a")


async def asking(run: Run):
    return answered((await run.ask(WHICH)).text)


@pytest.fixture
async def other(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A second server, which takes nothing up as long as the first one lives."""
    monkeypatch.setattr(live, "HAND_BACK_SECONDS", 0.2)
    stage.lease = 3.0
    await stage.play(asking)
    async with stage.elsewhere() as made:
        made.engine._runner._claims = False
        yield made


async def lost(stage: Stage, other: Stage) -> str:
    """Have a run ask its question, and its server die."""
    run_id = await stage.create()
    await other.until(run_id, "input_requested")
    await stage.crash()
    other.engine._runner._claims = True
    return run_id


async def test_an_answer_is_heard_though_the_server_that_asked_is_dead(stage: Stage, other: Stage):
    run_id = await lost(stage, other)
    # Nobody knows yet that it is dead.
    assert (await other.engine.respond(LOCAL, run_id, A)).state == RunState.RUN_STATE_WAITING
    seen = await other.watch(run_id)
    assert_whole(seen)
    assert seen[-1].completed.summary == "a"
    assert kinds(seen).count("input_requested") == kinds(seen).count("input_received") == 1


async def test_a_cancel_is_heard_though_the_server_at_work_is_dead(stage: Stage, other: Stage):
    run_id = await lost(stage, other)
    await other.engine.cancel(LOCAL, run_id, "enough")
    seen = await other.watch(run_id)
    assert_whole(seen)
    assert (kind(seen[-1]), seen[-1].cancelled.cause) == ("cancelled", "enough")


async def test_a_pause_is_heard_though_the_server_at_work_is_dead(stage: Stage, other: Stage):
    run_id = await lost(stage, other)
    await other.engine.pause(LOCAL, run_id)
    await other.until(run_id, "paused")
    assert (await other.get(run_id)).state == RunState.RUN_STATE_PAUSED
    await other.engine.respond(LOCAL, run_id, A)
    await other.engine.resume(LOCAL, run_id)
    seen = await other.watch(run_id)
    assert_whole(seen)
    assert seen[-1].completed.summary == "a"


async def test_a_paused_run_is_held_by_nobody_and_resumed_after_its_server_died(stage: Stage, other: Stage):
    run_id = await stage.create()
    await other.until(run_id, "input_requested")
    await other.engine.pause(LOCAL, run_id)
    await other.until(run_id, "paused")
    await until(lambda: not stage.engine._runner._lives)
    await stage.crash()
    other.engine._runner._claims = True
    await other.engine.resume(LOCAL, run_id)
    await other.engine.respond(LOCAL, run_id, A)
    seen = await other.watch(run_id)
    assert_whole(seen)
    resumed = [event.resumed for event in seen if kind(event) == "resumed"]
    assert [(one.by, one.cause) for one in resumed] == [("local", "resumed")]

"""A paused run rests between two steps, holds nothing meanwhile, and goes on anywhere as if it had not been paused."""

import time
from collections import Counter
from types import SimpleNamespace

import pytest

from core.errors import Conflict, NotFound
from core.identity import LOCAL, Principal
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.run_pb2 import RunState
from tests.engine.conftest import EVERYWHERE
from tests.engine.gates import NAMES, PAUSED, SPECS, Play, begun, paused, rested
from tests.engine.stage import Stage, assert_whole, kind, kinds
from tests.servers import until

pytestmark = EVERYWHERE

HOUR = 3600


async def test_a_run_rests_before_its_next_step_and_goes_on_from_there(stage: Stage):
    play, run_id = await begun(stage)
    asked = await stage.engine.pause(LOCAL, run_id)
    # The step that is at work is let alone.
    assert (asked.state, asked.pause_by) == (RunState.RUN_STATE_RUNNING, "local")
    play.let(*NAMES)
    seen = await paused(stage, run_id)
    assert kinds(seen)[-2:] == ["step_completed", "paused"]
    assert seen[-1].paused.by == "local"
    await stage.engine.resume(LOCAL, run_id)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    resumed = next(event for event in seen if kind(event) == "resumed")
    assert (resumed.resumed.by, resumed.resumed.cause) == ("local", "resumed")
    assert seen[-1].completed.summary == "/one/two/three/four"
    assert play.began == play.done == Counter(NAMES)
    assert [event.attempt for event in seen if kind(event) == "step_started"] == [1, 1, 1, 1]
    assert (await stage.get(run_id)).pause_by == ""


async def test_a_paused_run_takes_no_worker_s_place_and_no_time_of_its_own(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    _, run_id, _ = await rested(stage, concurrent_runs=1, run_seconds=60.0)
    assert kind((await stage.ask())[-1]) == "completed"
    clock, clock_ns, counted = time.time, time.time_ns, time.monotonic
    monkeypatch.setattr(time, "time", lambda: clock() + HOUR)
    monkeypatch.setattr(time, "time_ns", lambda: clock_ns() + HOUR * 10**9)
    monkeypatch.setattr("core.clock.time", SimpleNamespace(monotonic=lambda: counted() + HOUR))
    await stage.engine.resume(LOCAL, run_id)
    assert kind((await stage.watch(run_id))[-1]) == "completed"


async def test_another_server_takes_a_resumed_run_up(stage: Stage):
    play, run_id, before = await rested(stage)
    async with stage.elsewhere() as other:
        if other is not stage:
            stage.engine._runner._claims = False
        await other.engine.resume(LOCAL, run_id)
        seen = await other.watch(run_id)
    assert_whole(seen)
    assert seen[: len(before)] == before
    assert play.done == Counter(NAMES)


async def test_a_pause_asked_of_another_server_is_heard_by_the_one_at_work(stage: Stage):
    if not stage.engine.store.shared:
        pytest.skip("one server only")
    play, run_id = await begun(stage)
    async with stage.elsewhere() as other:
        await other.engine.pause(LOCAL, run_id)
        await until(lambda: stage.engine._runner._lives[run_id].execution.boundary.wanted_by == "local")
        await other.engine.resume(LOCAL, run_id)
        await until(lambda: not stage.engine._runner._lives[run_id].execution.boundary.wanted_by)
    play.let(*NAMES)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert "paused" not in kinds(seen)


async def test_a_queued_run_is_paused_at_once_and_starts_when_it_is_resumed(stage: Stage):
    play, first = await begun(stage, concurrent_runs=1)
    run_id = await stage.create()
    assert (await stage.engine.pause(LOCAL, run_id)).state == PAUSED
    play.let(*NAMES)
    assert_whole(await stage.watch(first))
    assert (await stage.engine.resume(LOCAL, run_id)).pause_by == ""
    seen = await stage.watch(run_id)
    assert_whole(seen)
    said = [name for name in kinds(seen) if name in {"paused", "resumed", "started"}]
    assert said == ["paused", "resumed", "started"]


async def test_pausing_twice_is_pausing_once(stage: Stage):
    play, run_id = await begun(stage)
    await stage.engine.pause(LOCAL, run_id)
    await stage.engine.pause(LOCAL, run_id)
    play.let(*NAMES)
    await paused(stage, run_id)
    assert (await stage.engine.pause(LOCAL, run_id)).state == PAUSED
    await stage.engine.resume(LOCAL, run_id)
    assert kinds(await stage.watch(run_id)).count("paused") == 1


async def test_a_request_to_pause_can_be_taken_back_before_it_takes_effect(stage: Stage):
    play, run_id = await begun(stage)
    await stage.engine.pause(LOCAL, run_id)
    after = await stage.engine.resume(LOCAL, run_id)
    assert (after.state, after.pause_by) == (RunState.RUN_STATE_RUNNING, "")
    play.let(*NAMES)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert not {"paused", "resumed"} & set(kinds(seen))


async def test_a_request_taken_back_while_the_run_comes_to_rest_does_not_leave_it_there(stage: Stage):
    play, run_id = await begun(stage)
    live = stage.engine._runner._lives[run_id]
    await stage.engine.store.request_pause(run_id, "local")
    # The worker has not heard that it is taken back.
    await stage.engine.store.request_resume(run_id, "local")
    live.execution.boundary.want("local")
    play.let(*NAMES)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kinds(seen).count("paused") == kinds(seen).count("resumed") == 1
    assert play.done == Counter(NAMES)


async def test_what_is_not_paused_can_t_be_resumed(stage: Stage):
    play, run_id = await begun(stage)
    with pytest.raises(Conflict) as caught:
        await stage.engine.resume(LOCAL, run_id)
    assert caught.value.reason == reasons.ERROR_REASON_RUN_NOT_PAUSED
    play.let(*NAMES)
    await stage.watch(run_id)
    for steer in (stage.engine.pause, stage.engine.resume):
        with pytest.raises(Conflict) as caught:
            await steer(LOCAL, run_id)
        assert caught.value.reason == reasons.ERROR_REASON_RUN_ENDED
        with pytest.raises(NotFound):
            await steer(Principal("other", "other"), run_id)


async def test_a_paused_run_is_cancelled_at_once(stage: Stage):
    _, run_id, _ = await rested(stage)
    assert (await stage.engine.cancel(LOCAL, run_id)).state == RunState.RUN_STATE_CANCELLED
    assert_whole(await stage.watch(run_id))


async def test_a_paused_run_stays_where_it_is_when_servers_come_and_go(stage: Stage):
    _, run_id, before = await rested(stage)
    await stage.restart()
    await stage.engine._runner._sweep()
    run = await stage.get(run_id)
    assert (run.state, run.last_sequence) == (PAUSED, before[-1].sequence)


@pytest.mark.parametrize("boundary", range(1, 4))
async def test_paused_at_any_boundary_a_run_ends_as_if_it_had_not_been(stage: Stage, boundary: int):
    play = Play()
    await stage.play(play.in_a_row, *SPECS)
    run_id = await stage.create()
    for name in NAMES[: boundary - 1]:
        play.let(name)
    await play.reached[NAMES[boundary - 1]].wait()
    await stage.engine.pause(LOCAL, run_id)
    play.let(*NAMES)
    seen = await paused(stage, run_id)
    assert kinds(seen).count("step_completed") == boundary
    await stage.engine.resume(LOCAL, run_id)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert seen[-1].completed.summary == "/one/two/three/four"
    assert [event.step for event in seen if kind(event) == "step_completed"] == list(NAMES)
    assert play.began == Counter(NAMES)


async def test_a_request_to_pause_survives_the_worker(stage: Stage):
    play, run_id = await begun(stage)
    play.let("one")
    await play.reached["two"].wait()
    await stage.engine.store.request_pause(run_id, "local")
    # Handed back without having heard of it.
    await stage.restart()
    play.let(*NAMES)
    seen = await paused(stage, run_id)
    assert kinds(seen).count("step_completed") == 1
    await stage.engine.resume(LOCAL, run_id)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert play.done == Counter(NAMES)

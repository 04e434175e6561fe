"""A run that is held from the start rests before any step: nobody works on it until somebody resumes it."""

import pytest
from grpc import StatusCode

from core.errors import Conflict, Limited, NotFound
from core.identity import LOCAL, Principal
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.run_pb2 import RunOptions, RunState
from levada.v1.run_service_pb2 import ForkRunRequest
from tests.engine.conftest import EVERYWHERE
from tests.engine.gates import NAMES, PAUSED, SPECS, Play, begun
from tests.engine.stage import Stage, assert_whole, kind, kinds

pytestmark = EVERYWHERE
HOLD = RunOptions(hold=True)


async def held(stage: Stage, **limits: float) -> tuple[Play, str]:
    """Have a play made that is held, all of whose gates are open."""
    play = Play()
    play.let(*NAMES)
    await stage.play(play.in_a_row, *SPECS, **limits)
    return play, await stage.create(options=HOLD)


async def test_a_held_run_rests_from_its_creation_on_and_says_so(stage: Stage):
    play, run_id = await held(stage)
    run = await stage.get(run_id)
    assert (run.state, run.pause_by, run.queue_position) == (PAUSED, "local", 0)
    # Others that come later are worked on, and the sweep lets it rest.
    assert kind((await stage.ask())[-1]) == "completed"
    await stage.engine._runner._sweep()
    seen, ended = await stage.engine.read(LOCAL, run_id, 0)
    assert (len(seen), ended) == (1, False)
    assert kinds(await stage.until(run_id, "paused")) == ["paused"]
    assert sum(play.began.values()) == len(NAMES)


async def test_it_starts_when_it_is_resumed_and_ends_like_any_other(stage: Stage):
    play, run_id = await held(stage)
    assert (await stage.engine.resume(LOCAL, run_id)).pause_by == ""
    seen = await stage.watch(run_id)
    assert_whole(seen)
    told = [name for name in kinds(seen) if name in {"paused", "resumed", "started"}]
    assert told == ["paused", "resumed", "started"]
    assert seen[-1].completed.summary == "/one/two/three/four"
    assert all(play.began[name] == 1 for name in NAMES)
    with pytest.raises(Conflict) as caught:
        await stage.engine.resume(LOCAL, run_id)
    assert caught.value.reason == reasons.ERROR_REASON_RUN_ENDED


async def test_it_rests_on_when_servers_come_and_go_and_another_one_starts_it(stage: Stage):
    _, run_id = await held(stage)
    await stage.restart()
    assert (await stage.get(run_id)).state == PAUSED
    async with stage.elsewhere() as other:
        await other.engine.resume(LOCAL, run_id)
        assert_whole(await other.watch(run_id))


async def test_it_takes_no_place_in_the_queue_but_is_refused_when_that_is_full(stage: Stage):
    play, first = await begun(stage, concurrent_runs=1, queue=2)
    await stage.create(options=HOLD)
    waiting = [await stage.create() for _ in range(2)]
    with pytest.raises(Limited, match="are waiting already"):
        await stage.create(options=HOLD)
    play.let(*NAMES)
    for run_id in (first, *waiting):
        assert_whole(await stage.watch(run_id))


async def test_whoever_holds_as_many_runs_as_may_wait_gets_no_more_to_rest_until_one_goes_on(stage: Stage):
    play, first = await begun(stage, concurrent_runs=1, queue=2)
    one, _ = [await stage.create(options=HOLD) for _ in range(2)]
    said = {"so no other is held. Resume or cancel": stage.create(options=HOLD)}
    said["so this one goes on. Resume or cancel"] = stage.engine.pause(LOCAL, first)
    for message, parking in said.items():
        with pytest.raises(Limited, match=message) as refused:
            await parking
        assert (refused.value.code, refused.value.details) == (
            StatusCode.RESOURCE_EXHAUSTED,
            {"limit": "2", "name": "queue"},
        )
    assert (await stage.get(first)).pause_by == ""
    await stage.engine.cancel(LOCAL, one)
    assert (await stage.get(await stage.create(options=HOLD))).state == PAUSED
    play.let(*NAMES)
    assert_whole(await stage.watch(first))


async def test_it_can_be_cancelled_before_it_began_and_misses_its_deadline_like_a_paused_run(stage: Stage):
    play, run_id = await held(stage)
    assert (await stage.engine.cancel(LOCAL, run_id)).state == RunState.RUN_STATE_CANCELLED
    assert kinds(await stage.watch(run_id)) == ["paused", "cancelled"]
    late = RunOptions(hold=True)
    late.deadline.FromMilliseconds(1)
    run_id = await stage.create(options=late)
    await stage.engine._runner._sweep()
    (_, end) = await stage.watch(run_id)
    assert end.failed.reason == reasons.ERROR_REASON_RUN_TIMEOUT
    assert "still paused" in end.failed.message
    assert not play.began


async def test_the_same_request_id_gives_the_same_held_run(stage: Stage):
    _, run_id = await held(stage)
    first, again = [await stage.create(options=HOLD, request_id="once") for _ in range(2)]
    assert first == again != run_id
    with pytest.raises(NotFound):
        await stage.engine.resume(Principal("other", "other"), first)


async def test_a_fork_of_a_held_run_goes_by_itself_unless_it_is_to_be_held_too(stage: Stage):
    _, run_id = await held(stage)
    fork, _ = await stage.engine.fork(LOCAL, ForkRunRequest(run_id=run_id))
    assert kind((await stage.watch(fork.run_id))[-1]) == "completed"
    fork, _ = await stage.engine.fork(LOCAL, ForkRunRequest(run_id=run_id, options=HOLD))
    assert fork.state == PAUSED

"""Where a run comes to rest that does several things at once, has steps within steps, or waits for people."""

import asyncio
from collections import Counter
from contextlib import suppress

import pytest

from core.identity import LOCAL
from core.pipeline import Run, StepSpec
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import InputAnswer, RunState
from tests.engine.conftest import EVERYWHERE
from tests.engine.gates import NAMES, PAUSED, SPECS, Play, paused
from tests.engine.stage import Stage, answered, assert_whole, kind, kinds
from tests.servers import until

pytestmark = EVERYWHERE


async def test_with_steps_side_by_side_a_run_rests_when_the_last_one_is_done(stage: Stage):
    play = Play()

    async def run(run: Run):
        async def branch(*specs: StepSpec) -> str:
            word = ""
            for one in specs:
                word = (await run.step(play.step(one), word)).text
            return word

        async with asyncio.TaskGroup() as tasks:
            left = tasks.create_task(branch(SPECS[0], SPECS[1]))
            right = tasks.create_task(branch(SPECS[2]))
        return answered(left.result() + right.result())

    await stage.play(run, *SPECS)
    run_id = await stage.create()
    await asyncio.gather(play.reached["one"].wait(), play.reached["three"].wait())
    await stage.engine.pause(LOCAL, run_id)
    # This branch comes to its boundary while the other is at work.
    play.let("one", "two")
    await until(lambda: play.done["one"])
    await asyncio.sleep(0.1)
    assert not play.began["two"]
    assert (await stage.get(run_id)).state == RunState.RUN_STATE_RUNNING
    # The other one ends with its step, and with it the last work.
    play.let("three")
    await paused(stage, run_id)
    await stage.engine.resume(LOCAL, run_id)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert seen[-1].completed.summary == "/one/two/three"
    assert play.began == Counter(NAMES[:3])


async def one_fails_while_the_other_rests(stage: Stage, *forgiven: type[Exception]) -> str:
    """Have a run, of which a pause is asked, whose one branch fails while the other rests; return its id."""
    play = Play()

    async def run(run: Run):
        async def failing() -> None:
            with suppress(*forgiven):
                await run.step(play.step(SPECS[0], fails=True), "")

        async def two() -> None:
            await run.step(play.step(SPECS[1]), "")
            await run.step(play.step(SPECS[2]), "")

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(failing())
            tasks.create_task(two())
        return answered()

    await stage.play(run, *SPECS)
    run_id = await stage.create()
    await asyncio.gather(play.reached["one"].wait(), play.reached["two"].wait())
    await stage.engine.pause(LOCAL, run_id)
    play.let("two", "three")
    await until(lambda: stage.engine._runner._lives[run_id].execution.boundary._resting)
    play.let("one")
    return run_id


async def test_a_branch_that_goes_on_after_its_step_failed_is_waited_for(stage: Stage):
    stage.lease = 300.0
    run_id = await one_fails_while_the_other_rests(stage, LookupError)
    # At once, not when the worker happens to hear again that it is wanted.
    async with asyncio.timeout(30):
        await paused(stage, run_id)
    await stage.engine.resume(LOCAL, run_id)
    assert kind((await stage.watch(run_id))[-1]) == "completed"


async def test_a_failing_branch_fails_the_run_though_another_rests(stage: Stage):
    run_id = await one_fails_while_the_other_rests(stage)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert "paused" not in kinds(seen)
    assert kind(seen[-1]) == "failed"


async def test_steps_within_a_step_are_boundaries_too(stage: Stage):
    play = Play()

    async def run(run: Run):
        return answered((await run.step(play.step(SPECS[0], SPECS[1], SPECS[2]), "")).text)

    await stage.play(run, *SPECS)
    run_id = await stage.create()
    await play.reached["one"].wait()
    await stage.engine.pause(LOCAL, run_id)
    play.let("one")
    first = await paused(stage, run_id)
    assert not play.began["one/two"]
    await stage.engine.resume(LOCAL, run_id)
    await play.reached["one/two"].wait()
    await stage.engine.pause(LOCAL, run_id)
    play.let("one/two", "one/three")
    await paused(stage, run_id, after=len(first))
    await stage.engine.resume(LOCAL, run_id)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert seen[-1].completed.summary == "/two/three/one"
    # What had completed was not done again; the step around it was.
    assert play.began == Counter({"one": 3, "one/two": 1, "one/three": 1})


WHICH = events.InputRequested(input_id="which", kind=events.INPUT_KIND_CLARIFICATION, prompt="Which?")


async def asking(run: Run):
    return answered((await run.ask(WHICH)).text)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_run_that_waits_for_people_is_paused_at_once_and_an_answer_is_kept(stage: Stage, when: str):
    await stage.play(asking)
    run_id = await stage.create()
    await stage.until(run_id, "input_requested")
    await stage.engine.pause(LOCAL, run_id)
    await paused(stage, run_id)
    answer = InputAnswer(input_id="which", text="a")
    if when == "before":
        assert (await stage.engine.respond(LOCAL, run_id, answer)).state == PAUSED
        await stage.engine.resume(LOCAL, run_id)
    else:
        await stage.engine.resume(LOCAL, run_id)
        await stage.until(run_id, "resumed")
        await stage.engine.respond(LOCAL, run_id, answer)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert seen[-1].completed.summary == "a"
    assert kinds(seen).count("input_requested") == kinds(seen).count("input_received") == 1


async def test_a_resumed_run_waits_for_its_answer_again(stage: Stage):
    await stage.play(asking)
    run_id = await stage.create()
    await stage.until(run_id, "input_requested")
    await stage.engine.pause(LOCAL, run_id)
    await paused(stage, run_id)
    await stage.engine.resume(LOCAL, run_id)
    for _ in range(500):
        run = await stage.get(run_id)
        if run.state == RunState.RUN_STATE_WAITING:
            break
        await asyncio.sleep(0.01)
    assert run.input.input_id == "which"


async def test_a_waiting_run_whose_server_is_gone_is_paused_and_cancelled_from_elsewhere(stage: Stage):
    await stage.play(asking)
    runs = [await stage.create() for _ in range(2)]
    for run_id in runs:
        await stage.until(run_id, "input_requested")
    await stage.restart()
    assert (await stage.engine.pause(LOCAL, runs[0])).state == PAUSED
    assert (await stage.engine.cancel(LOCAL, runs[1])).state == RunState.RUN_STATE_CANCELLED

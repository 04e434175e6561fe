"""Guarantees 5 and 6: exactly one end, whatever happens at once; cancelling is real, leaving is not cancelling."""

import asyncio
import contextlib
import random

import pytest

from core import measures
from core.errors import Conflict
from core.identity import LOCAL
from core.pipeline import Run, Step, step
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunState
from tests.engine.conftest import EVERYWHERE
from tests.engine.stage import TERMINAL, Stage, answered, assert_whole, gather, kind, kinds, spec

pytestmark = EVERYWHERE

NAMES = ("classify", "write", "execute", "chart")
STEPS = tuple(spec(name, index / 4) for index, name in enumerate(NAMES))


class Driver:
    """Stands where a database driver does: a context manager that must be left for the query to stop."""

    def __init__(self) -> None:
        self.open = 0
        self.entered = asyncio.Event()

    async def __aenter__(self) -> None:
        self.open += 1
        self.entered.set()

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0)
        self.open -= 1


def stuck_at(name: str, driver: Driver):
    """Return a story that hangs in the step *name* until it is stopped."""

    async def work(step: Step) -> None:
        step.text(events.CHANNEL_ANSWER, step.name)
        if step.name == name:
            async with driver:
                await asyncio.Event().wait()

    async def run(run: Run):
        for one in STEPS:
            await run.step(_marked(one, work))
        return answered()

    return run


def _marked(one, work):
    async def fn(step: Step) -> None:
        await work(step)

    return step(one)(fn)


@pytest.mark.parametrize("name", NAMES)
async def test_a_run_can_be_cancelled_at_every_step(stage: Stage, name: str):
    driver = Driver()
    stage.lease = 3600.0  # so that its worker does not ask the store by itself, where there is one server
    await stage.play(stuck_at(name, driver), *STEPS)
    run_id = await stage.create()
    reader = asyncio.create_task(stage.watch(run_id))
    await driver.entered.wait()
    await stage.engine.cancel(LOCAL, run_id, "changed my mind")
    (seen,) = await gather(reader)
    assert_whole(seen)
    assert (seen[-1].cancelled.by, seen[-1].cancelled.cause) == ("local", "changed my mind")
    assert seen[-1].progress == pytest.approx(NAMES.index(name) / 4)
    assert driver.open == 0
    run = await stage.get(run_id)
    assert run.state == RunState.RUN_STATE_CANCELLED
    assert run.message == "changed my mind"


async def test_cancelling_twice_does_nothing_and_after_another_end_is_refused(stage: Stage):
    driver = Driver()
    await stage.play(stuck_at("write", driver), *STEPS)
    run_id = await stage.create()
    await driver.entered.wait()
    await gather(*(stage.engine.cancel(LOCAL, run_id, str(number)) for number in range(5)))
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert (await stage.engine.cancel(LOCAL, run_id, "again")).state == RunState.RUN_STATE_CANCELLED
    assert await stage.watch(run_id) == seen

    await stage.play(stuck_at("nowhere", driver), *STEPS)
    ended = await stage.create()
    await stage.watch(ended)
    with pytest.raises(Conflict) as caught:
        await stage.engine.cancel(LOCAL, ended)
    assert caught.value.reason == reasons.ERROR_REASON_RUN_ENDED


async def test_cancelling_again_does_not_interrupt_the_driver_s_clean_up(stage: Stage):
    entered, leaving, left, cleaned = (asyncio.Event() for _ in range(4))

    async def work(step: Step) -> None:
        try:
            entered.set()
            await asyncio.Event().wait()
        finally:
            leaving.set()
            await left.wait()
            cleaned.set()

    async def run(run: Run):
        await run.step(_marked(STEPS[0], work))
        return answered()

    await stage.play(run, *STEPS)
    run_id = await stage.create()
    await entered.wait()
    await stage.engine.cancel(LOCAL, run_id, "once")
    await leaving.wait()
    await stage.engine.cancel(LOCAL, run_id, "twice")
    left.set()
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert cleaned.is_set()
    assert seen[-1].cancelled.cause == "once"


async def test_a_run_can_be_cancelled_while_it_waits_for_a_worker(stage: Stage):
    driver = Driver()
    await stage.play(stuck_at("classify", driver), *STEPS, concurrent_runs=1)
    busy = await stage.create()
    await driver.entered.wait()
    queued = await stage.create()
    assert (await stage.engine.cancel(LOCAL, queued)).state == RunState.RUN_STATE_CANCELLED
    seen = await stage.watch(queued)
    assert_whole(seen)
    assert "started" not in kinds(seen)
    await stage.engine.cancel(LOCAL, busy)
    assert_whole(await stage.watch(busy))


async def test_an_end_comes_exactly_once_when_cancel_timeout_and_finish_race(stage: Stage):
    chance = random.Random(11)

    async def work(step: Step) -> None:
        await asyncio.sleep(chance.uniform(0, 0.4))
        step.text(events.CHANNEL_ANSWER, "almost")

    async def run(run: Run):
        await run.step(_marked(STEPS[0], work))
        if chance.random() < 0.2:
            raise Conflict("lost")
        return answered()

    await stage.play(run, *STEPS, concurrent_runs=200, run_seconds=0.3)

    async def one() -> str:
        run_id = await stage.create()
        await asyncio.sleep(chance.choice((0, 0.1, 0.3, 0.5)))
        with contextlib.suppress(Conflict):
            await stage.engine.cancel(LOCAL, run_id)
        seen = await stage.watch(run_id)
        assert_whole(seen)
        stored = await stage.get(run_id)
        assert stored.last_sequence == len(seen)
        assert RunState.Name(stored.state).endswith(kind(seen[-1]).upper())
        return kind(seen[-1])

    ends = await gather(*(one() for _ in range(150)))
    # Which of them wins depends on the machine; that they race does not.
    assert len(set(ends)) > 1
    assert set(ends) <= TERMINAL


async def test_a_pipeline_that_swallows_its_cancellation_gets_no_further(stage: Stage):
    entered = asyncio.Event()

    async def stubborn(step: Step) -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return

    async def run(run: Run):
        await run.step(_marked(STEPS[0], stubborn))
        await run.step(_marked(STEPS[1], stubborn))
        return answered()

    await stage.play(run, *STEPS)
    run_id = await stage.create()
    await entered.wait()
    await stage.engine.cancel(LOCAL, run_id)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kind(seen[-1]) == "cancelled"
    assert "write" not in {event.step for event in seen}


async def test_an_error_that_a_driver_makes_of_a_cancellation_is_still_a_cancellation(stage: Stage):
    entered = asyncio.Event()

    async def interrupted(step: Step) -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise RuntimeError("interrupted") from None

    async def run(run: Run):
        await run.step(_marked(STEPS[0], interrupted))
        return answered()

    await stage.play(run, *STEPS)
    run_id = await stage.create()
    await entered.wait()
    await stage.engine.cancel(LOCAL, run_id)
    assert kind((await stage.watch(run_id))[-1]) == "cancelled"


async def test_an_end_that_is_being_written_is_not_interrupted(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    writing, go = asyncio.Event(), asyncio.Event()
    ended: list[str] = []
    monkeypatch.setattr(measures.runs_ended, "add", lambda _, attributes: ended.append(attributes["levada.outcome"]))

    async def run(run: Run):
        writer = stage.engine.store._writer
        commit = writer._commit

        async def held_up(group) -> None:
            writing.set()
            await go.wait()
            await commit(group)

        writer._commit = held_up
        return answered()

    await stage.play(run)
    run_id = await stage.create()
    await writing.wait()
    assert stage.engine._runner.cancel(run_id, "local", "late")
    go.set()
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kind(seen[-1]) == "completed"
    await stage.engine.drain()
    assert ended == ["completed"]


async def test_nothing_is_said_after_the_end(stage: Stage):
    leftovers: list[Step] = []

    async def leave_behind(step: Step) -> None:
        leftovers.append(step)

    async def run(run: Run):
        await run.step(_marked(STEPS[0], leave_behind))
        return answered()

    await stage.play(run, *STEPS)
    run_id = await stage.create()
    seen = await stage.watch(run_id)
    leftovers[0].text(events.CHANNEL_ANSWER, "one more thing")
    leftovers[0].emit(events.Finding(text="late"))
    await leftovers[0].flush()
    assert (await stage.get(run_id)).last_sequence == len(seen)
    assert await stage.watch(run_id) == seen

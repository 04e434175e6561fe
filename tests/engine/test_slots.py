"""Places at work: held while any branch of a run works, given up while all it does is wait, limited per tenant."""

import asyncio
from collections import defaultdict

import pytest

from core import runner
from core.pipeline import Run, Step, step
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import InputAnswer, RunState
from tests.engine.conftest import EVERYWHERE
from tests.engine.stage import LOCAL, Stage, answered, assert_whole, kind, kinds, spec
from tests.servers import until

pytestmark = EVERYWHERE

WORK, AFTER = spec("work"), spec("after", 0.5)


class Play:
    """Runs that do as their question says: `ask` asks; `work` works until let go; `both` does both at once."""

    def __init__(self) -> None:
        self.go: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.at_work: list[str] = []
        self.began: list[str] = []

    async def run(self, run: Run):
        name = run.request.question

        @step(WORK)
        async def work(step: Step) -> None:
            await self._work(name)

        @step(AFTER)
        async def after(step: Step) -> None:
            await self._work(f"{name} after")

        async def ask() -> None:
            await run.ask(events.InputRequested(input_id=name, kind=events.INPUT_KIND_CLARIFICATION, prompt="?"))
            await run.step(after)

        async with asyncio.TaskGroup() as branches:
            if "ask" in name or "both" in name:
                branches.create_task(ask())
            if "work" in name or "both" in name:
                branches.create_task(run.step(work))
        return answered()

    async def _work(self, name: str) -> None:
        self.began.append(name)
        self.at_work.append(name)
        await self.go[name].wait()
        self.at_work.remove(name)


def answer(name: str) -> InputAnswer:
    return InputAnswer(input_id=name, text="so")


async def state(stage: Stage, run_id: str) -> RunState:
    return (await stage.get(run_id)).state


async def rests(stage: Stage, run_id: str) -> None:
    async with asyncio.timeout(30):
        while await state(stage, run_id) != RunState.RUN_STATE_WAITING:  # noqa: ASYNC110 - another task's doing
            await asyncio.sleep(0.01)


async def test_a_run_keeps_its_place_while_one_branch_asks_and_another_works(stage: Stage):
    play = Play()
    await stage.play(play.run, WORK, AFTER, concurrent_runs=1)
    both = await stage.create("both")
    await stage.until(both, "input_requested")
    other = await stage.create("work")
    await until(lambda: play.at_work == ["both"])
    # Longer than a run needs to be found at rest, and than a queue needs to be looked at.
    await asyncio.sleep(0.3)
    run = await stage.get(both)
    assert (run.state, run.input.input_id) == (RunState.RUN_STATE_RUNNING, "both")
    assert await state(stage, other) == RunState.RUN_STATE_QUEUED
    play.go["both"].set()
    await until(lambda: play.at_work == ["work"])
    assert await state(stage, both) == RunState.RUN_STATE_WAITING
    # Answered, it has to wait for a place like others.
    await stage.engine.respond(LOCAL, both, answer("both"))
    await asyncio.sleep(0.3)
    assert play.at_work == ["work"]
    play.go["work"].set()
    await until(lambda: play.at_work == ["both after"])
    play.go["both after"].set()
    for run_id in (both, other):
        assert_whole(await stage.watch(run_id))


async def test_a_branch_that_is_answered_while_another_works_goes_on_at_once(stage: Stage):
    play = Play()
    await stage.play(play.run, WORK, AFTER, concurrent_runs=1)
    both = await stage.create("both")
    await stage.until(both, "input_requested")
    await stage.engine.respond(LOCAL, both, answer("both"))
    await until(lambda: play.at_work == ["both", "both after"])
    await stage.until(both, "input_received")
    assert not (await stage.get(both)).HasField("input")
    for name in ("both", "both after"):
        play.go[name].set()
    assert_whole(await stage.watch(both))


async def test_an_answered_run_comes_before_its_tenant_s_next_one_and_never_beside_too_many(stage: Stage):
    play = Play()
    await stage.play(play.run, WORK, AFTER, tenant_concurrent_runs=1)
    asks = await stage.create("ask")
    await rests(stage, asks)
    first = await stage.create("work 1")
    await until(lambda: play.at_work == ["work 1"])
    second = await stage.create("work 2")
    await stage.engine.respond(LOCAL, asks, answer("ask"))
    await asyncio.sleep(0.3)
    assert play.at_work == ["work 1"]
    play.go["work 1"].set()
    await until(lambda: play.at_work == ["ask after"])
    assert await state(stage, second) == RunState.RUN_STATE_QUEUED
    play.go["ask after"].set()
    await until(lambda: play.at_work == ["work 2"])
    play.go["work 2"].set()
    for run_id in (asks, first, second):
        assert_whole(await stage.watch(run_id))
    assert play.began == ["work 1", "ask after", "work 2"]


async def test_a_run_that_works_beside_its_question_when_the_server_stops_goes_on_by_itself(stage: Stage):
    play = Play()
    await stage.play(play.run, WORK, AFTER)
    both = await stage.create("both")
    await until(lambda: play.at_work == ["both"])
    await stage.until(both, "input_requested")
    await stage.restart()
    await until(lambda: play.began == ["both", "both"])
    play.go["both"].set()
    await rests(stage, both)
    await stage.engine.respond(LOCAL, both, answer("both"))
    play.go["both after"].set()
    seen = await stage.watch(both)
    assert_whole(seen)
    assert kinds(seen).count("input_requested") == 1


async def test_runs_that_go_on_ask_the_store_for_their_tenant_s_place_one_after_the_other(stage: Stage):
    play = Play()
    await stage.play(play.run, WORK, AFTER, tenant_concurrent_runs=1)
    store, asked = stage.engine.store, []
    go_on = store.go_on

    async def noting(run_id: str, epoch: int, most: int) -> bool:
        asked.append(run_id)
        return await go_on(run_id, epoch, most)

    store.go_on = noting
    names = [f"ask {number}" for number in range(4)]
    runs = [await stage.create(name) for name in names]
    for run_id in runs:
        await rests(stage, run_id)
    await stage.until(await stage.create("work"), "step_started")
    for run_id, name in zip(runs, names, strict=True):
        await stage.engine.respond(LOCAL, run_id, answer(name))
    await until(lambda: len(asked) >= 3)
    assert len(set(asked)) == 1
    for name in ("work", *(f"{name} after" for name in names)):
        play.go[name].set()
    for run_id in runs:
        assert_whole(await stage.watch(run_id))


async def test_of_many_runs_that_wait_only_some_are_kept_in_memory(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runner, "AT_REST", 1)
    play = Play()
    await stage.play(play.run, WORK, AFTER)
    names = [f"ask {number}" for number in range(3)]
    runs = [await stage.create(name) for name in names]
    for run_id in runs:
        await rests(stage, run_id)
    await until(lambda: list(stage.engine._runner._lives) == runs[-1:])
    for run_id, name in zip(runs, names, strict=True):
        assert await state(stage, run_id) == RunState.RUN_STATE_WAITING
        play.go[f"{name} after"].set()
        await stage.engine.respond(LOCAL, run_id, answer(name))
        seen = await stage.watch(run_id)
        assert_whole(seen)
        assert kinds(seen).count("input_requested") == 1
        assert [one.resumed.cause for one in seen if kind(one) == "resumed"] == ["waited"] * (run_id != runs[-1])

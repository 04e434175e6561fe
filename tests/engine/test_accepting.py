"""Guarantee 8 and the queue: what is accepted is kept, a request id gives one run, the queue has its order."""

import asyncio
import sqlite3

import pytest

from core.errors import InvalidRequest, Limited, NotFound, RequestIdReused
from core.identity import LOCAL, Principal
from core.pipeline import Pipeline, Run, Step, step
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunRequest, RunState
from tests.engine.stage import Stage, answered, assert_whole, gather, kind, kinds, pipeline, spec

WAIT = spec("wait")


class Gate:
    """A pipeline whose runs wait until they are let go, and which remembers their order."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.entered = asyncio.Event()
        self.go = asyncio.Event()

    async def run(self, run: Run):
        @step(WAIT)
        async def wait(step: Step) -> None:
            self.order.append(run.request.question)
            self.entered.set()
            await self.go.wait()

        await run.step(wait)
        return answered()


async def test_a_request_id_gives_one_run_however_often_and_at_once_it_is_sent(stage: Stage):
    gate = Gate()
    gate.go.set()
    await stage.play(gate.run, WAIT)
    request = RunRequest(pipeline="play", question="?", request_id="r-1")
    made = await gather(*(stage.engine.create(LOCAL, request) for _ in range(50)))
    assert len({run.run_id for run, _ in made}) == 1
    assert sorted(existed for _, existed in made) == [False] + [True] * 49
    assert_whole(await stage.watch(made[0][0].run_id))
    assert gate.order == ["?"]
    await stage.restart()
    again, existed = await stage.engine.create(LOCAL, request)
    assert (again.run_id, existed) == (made[0][0].run_id, True)


async def test_a_request_id_is_the_caller_s_own_and_bound_to_its_request(stage: Stage):
    gate = Gate()
    gate.go.set()
    await stage.play(gate.run, WAIT)
    mine = await stage.create("one", request_id="r-1")
    with pytest.raises(RequestIdReused):
        await stage.create("two", request_id="r-1")
    other = Principal("local", "somebody else")
    theirs, existed = await stage.engine.create(other, RunRequest(pipeline="play", question="one", request_id="r-1"))
    assert theirs.run_id != mine
    assert not existed


async def test_a_request_id_may_be_used_again_after_a_day(stage: Stage):
    gate = Gate()
    gate.go.set()
    await stage.play(gate.run, WAIT)
    first = await stage.create("one", request_id="r-1")
    await stage.stop()
    with sqlite3.connect(stage.url.removeprefix("sqlite:///")) as c:
        c.execute("UPDATE request_ids SET created = created - 86400000000")
    await stage.start()
    assert await stage.create("two", request_id="r-1") != first


async def test_a_full_queue_refuses_and_says_when_to_come_back(stage: Stage):
    gate = Gate()
    await stage.play(gate.run, WAIT, concurrent_runs=1, queue=3)
    await stage.create("busy")
    await gate.entered.wait()
    kept = [await stage.create(f"{number}", request_id=f"{number}") for number in range(3)]
    with pytest.raises(Limited) as caught:
        await stage.create("too many", request_id="new")
    assert caught.value.reason == reasons.ERROR_REASON_QUEUE_FULL
    assert caught.value.retry_after
    # A repeated request is not a new one.
    assert await stage.create("2", request_id="2") == kept[2]
    gate.go.set()
    for run_id in kept:
        assert_whole(await stage.watch(run_id))
    assert_whole(await stage.ask("too many", request_id="new"))


async def test_runs_are_taken_by_priority_then_by_age_and_told_their_places(stage: Stage):
    gate = Gate()
    await stage.play(gate.run, WAIT, concurrent_runs=1)
    await stage.create("busy")
    await gate.entered.wait()
    low, first, second = (
        await stage.create("low", priority=-1),
        await stage.create("first"),
        await stage.create("second"),
    )
    urgent = await stage.create("urgent", priority=5)
    for place, run_id in enumerate((urgent, first, second, low), 1):
        await until_place(stage, run_id, place)
        assert (await stage.get(run_id)).queue_position == place
    assert [run.queue_position for run in await stage.engine.list(LOCAL, limit=4)] == [1, 3, 2, 4]
    # It was first when it came, and is told as others come before it.
    moved = await until_place(stage, low, 4)
    assert next(event.queued.position for event in moved) == 1
    gate.go.set()
    for run_id in (low, first, second, urgent):
        assert_whole(await stage.watch(run_id))
    assert gate.order == ["busy", "urgent", "first", "second", "low"]


async def until_place(stage: Stage, run_id: str, place: int) -> list[events.Event]:
    seen = []
    async for batch in stage.engine.watch(LOCAL, run_id, 0):
        seen += [events.Event.FromString(data) for data in batch]
        if seen[-1].queued.position == place:
            return seen
    raise AssertionError(kinds(seen))


async def test_runs_are_listed_newest_first_page_by_page_by_state_and_conversation(stage: Stage):
    gate = Gate()
    gate.go.set()
    await stage.play(gate.run, WAIT)
    runs = [await stage.create(f"{n}", conversation_id="odd" if n % 2 else "even") for n in range(5)]
    for run_id in runs:
        await stage.watch(run_id)

    async def listed(**wanted) -> list[str]:
        return [run.run_id for run in await stage.engine.list(LOCAL, **{"limit": 10, **wanted})]

    assert await listed() == runs[::-1]
    first = await listed(limit=2)
    assert first + await listed(before=first[-1]) == runs[::-1]
    assert await listed(conversation_id="odd") == [runs[3], runs[1]]
    assert await listed(states=[RunState.RUN_STATE_QUEUED]) == []
    assert await listed(states=[RunState.RUN_STATE_COMPLETED]) == runs[::-1]


async def test_a_request_is_checked_before_anything_is_stored(stage: Stage):
    def refuse(*_: object) -> None:
        raise InvalidRequest({"question": "Ask something."})

    async def never(run: Run):
        raise AssertionError

    refusing = Pipeline("refusing", "", "", (), never, refuse, lambda *_: ())
    await stage.restart(refusing, pipeline(never))
    with pytest.raises(InvalidRequest):
        await stage.create(pipeline="refusing")
    with pytest.raises(NotFound) as caught:
        await stage.create(pipeline="nope")
    assert caught.value.reason == reasons.ERROR_REASON_UNKNOWN_PIPELINE
    assert await stage.engine.list(LOCAL, limit=10) == []


async def test_what_a_request_leaves_open_is_filled_in_and_its_timeout_lowered(stage: Stage):
    gate = Gate()
    gate.go.set()
    await stage.play(gate.run, WAIT, run_seconds=60)
    request = RunRequest(pipeline="play", question="?")
    request.options.timeout.FromSeconds(3600)
    run, _ = await stage.engine.create(LOCAL, request)
    options = run.request.options
    assert (options.interactive, options.row_limit, options.timeout.seconds) == (True, 10_000, 60)


async def test_a_run_that_says_too_much_is_stopped_and_still_ends(stage: Stage):
    async def run(run: Run):
        @step(WAIT)
        async def shout(step: Step) -> None:
            for _ in range(1_000):
                step.emit(events.Finding(text="!"))
                await step.flush()

        await run.step(shout)
        return answered()

    await stage.play(run, WAIT, events_per_run=100)
    seen = await stage.ask()
    assert_whole(seen)
    assert len(seen) <= 100
    assert seen[-1].failed.reason == reasons.ERROR_REASON_TOO_MANY_EVENTS


async def test_a_step_that_never_waits_for_the_store_is_stopped_before_it_fills_memory(stage: Stage):
    said = 0

    async def run(run: Run):
        @step(WAIT)
        async def flood(step: Step) -> None:
            nonlocal said
            while True:
                step.emit(events.TableRows(row_count=1, arrow=bytes(2**20)))
                said += 1

        await run.step(flood)
        return answered()

    await stage.play(run, WAIT)
    seen = await stage.ask()
    assert_whole(seen)
    assert said < 10
    assert seen[-1].failed.reason == reasons.ERROR_REASON_TOO_MANY_EVENTS
    assert kind(seen[-2]) == "step_failed"

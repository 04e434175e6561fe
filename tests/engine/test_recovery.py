"""After a crash or a stop a run goes on from its last completed step, on the same store."""

import asyncio

import pytest

from core import live
from core.errors import ServerStopping
from core.identity import LOCAL
from core.pipeline import Run, Step, step
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Schema
from levada.v1.run_pb2 import RunRequest, RunState
from tests.engine.conftest import EVERYWHERE
from tests.engine.stage import Stage, Word, answered, assert_whole, kind, kinds, spec

pytestmark = EVERYWHERE

LOOK, WRITE = spec("look"), spec("write", 0.5)


class Play:
    """Two steps; the second waits for *go*. Counts how often each was done."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.reached = asyncio.Event()
        self.go = asyncio.Event()

    async def run(self, run: Run):
        @step(LOOK)
        async def look(step: Step) -> Schema:
            self.done.append("look")
            step.emit(events.TableRows(row_count=3))
            return Schema(source="shop")

        @step(WRITE)
        async def write(step: Step, schema: Schema) -> Word:
            self.done.append("write")
            step.text(events.CHANNEL_SQL, "SELECT")
            step.emit(events.TableRows(row_count=5))
            await step.flush()
            self.reached.set()
            await self.go.wait()
            return Word(text=f"{schema.source} {step.attempt}")

        word = await run.step(write, await run.step(look))
        return answered(word.text)


@pytest.fixture(autouse=True)
def _no_patience(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """A crashed run can't be handed back, so do not wait for that; other servers wait for the lease."""
    monkeypatch.setattr(live, "HAND_BACK_SECONDS", 0.2)
    stage.lease = 3.0


async def test_a_crashed_run_goes_on_from_its_last_completed_step(stage: Stage):
    play = Play()
    await stage.play(play.run, LOOK, WRITE)
    run_id = await stage.create()
    await play.reached.wait()
    before = await stage.until(run_id, "table_rows")
    await stage.crash()
    play.go.set()
    await stage.start()
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert play.done == ["look", "write", "write"]
    assert seen[: len(before)] == before
    resumed = next(event for event in seen if kind(event) == "resumed")
    assert (resumed.resumed.by, resumed.resumed.cause) == ("server", "worker lost")
    assert [event.attempt for event in seen if kind(event) == "step_started"] == [1, 1, 2]
    assert seen[-1].completed.summary == "shop 2"
    # The rows of the first attempt are void.
    assert seen[-1].completed.totals.rows == 8


async def test_a_run_whose_step_kills_its_worker_is_given_up_after_three_attempts(stage: Stage):
    play = Play()
    await stage.play(play.run, LOOK, WRITE)
    run_id = await stage.create()
    for _ in range(3):
        await play.reached.wait()
        play.reached.clear()
        await stage.crash()
        await stage.start()
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert seen[-1].failed.reason == reasons.ERROR_REASON_WORKER_LOST
    assert "write" in seen[-1].failed.message
    assert play.done == ["look", "write", "write", "write"]


async def test_lost_workers_are_counted_anew_after_each_completed_step(stage: Stage):
    reached, go = asyncio.Event(), asyncio.Event()

    def hard(one):
        @step(one)
        async def work(step: Step) -> None:
            reached.set()
            # The third attempt succeeds.
            if step.attempt < 3:
                await go.wait()

        return work

    async def run(run: Run):
        await run.step(hard(LOOK))
        await run.step(hard(WRITE))
        return answered()

    await stage.play(run, LOOK, WRITE)
    run_id = await stage.create()
    for name, attempt in (("look", 1), ("look", 2), ("write", 1), ("write", 2)):
        async for batch in stage.engine.watch(LOCAL, run_id, 0):
            if any((event.step, event.attempt) == (name, attempt) for event in map(events.Event.FromString, batch)):
                break
        await stage.crash()
        await stage.start()
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kind(seen[-1]) == "completed"


async def test_a_stopping_server_lets_runs_end_and_accepts_no_more(stage: Stage):
    play = Play()
    await stage.play(play.run, LOOK, WRITE)
    run_id = await stage.create()
    await play.reached.wait()
    reader = asyncio.create_task(stage.watch(run_id))
    stopping = asyncio.create_task(stage.engine.drain(30))
    await asyncio.sleep(0)
    with pytest.raises(ServerStopping):
        await stage.engine.create(LOCAL, RunRequest(pipeline="play"))
    play.go.set()
    await stopping
    assert kind((await reader)[-1]) == "completed"


async def test_a_stopped_server_hands_its_runs_back_and_the_next_one_goes_on(stage: Stage):
    play = Play()
    await stage.play(play.run, LOOK, WRITE, concurrent_runs=1)
    run_id, queued = await stage.create(), await stage.create()
    await play.reached.wait()
    reader = asyncio.create_task(stage.watch(run_id))
    await stage.engine.drain(0.01)
    assert (await stage.get(run_id)).state == RunState.RUN_STATE_QUEUED
    await stage.stop()
    with pytest.raises(ServerStopping):
        await reader
    play.go.set()
    await stage.start()
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert next(event for event in seen if kind(event) == "resumed").resumed.cause == "server stopped"
    assert seen[-1].completed.summary == "shop 2"
    assert play.done[:3] == ["look", "write", "write"]
    assert_whole(await stage.watch(queued))


async def test_handing_back_does_not_count_as_a_lost_worker(stage: Stage):
    play = Play()
    await stage.play(play.run, LOOK, WRITE)
    run_id = await stage.create()
    for _ in range(4):
        await play.reached.wait()
        play.reached.clear()
        await stage.restart()
    await play.reached.wait()
    play.go.set()
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kinds(seen).count("resumed") == 4
    assert kind(seen[-1]) == "completed"


async def test_what_a_claim_brings_while_the_server_stops_is_handed_back(stage: Stage):
    async def run(run: Run):
        return answered()

    await stage.play(run)
    store, claimed, let_in = stage.engine.store, asyncio.Event(), asyncio.Event()
    claim = store.claim

    async def slowly(*args):
        found = await claim(*args)
        if found:
            claimed.set()
            await let_in.wait()
        return found

    store.claim = slowly
    run_id = await stage.create()
    await claimed.wait()
    stopping = asyncio.create_task(stage.engine.drain(0))
    await asyncio.sleep(0.05)
    let_in.set()
    await stopping
    assert (await stage.get(run_id)).state == RunState.RUN_STATE_QUEUED
    await stage.restart()
    assert kinds(await stage.watch(run_id)) == ["queued", "started", "completed"]


async def test_a_cancel_comes_before_a_hand_back_whose_end_is_not_being_written(stage: Stage):
    play = Play()
    await stage.play(play.run, LOOK, WRITE)
    run_id = await stage.create()
    await play.reached.wait()
    held = stage.engine._runner._lives[run_id]
    held.halt(live.HandBack())
    held.halt(live.Cancel("anna", "no longer needed"))
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kind(seen[-1]) == "cancelled"


async def test_a_worker_that_lost_its_run_can_append_nothing(stage: Stage):
    play = Play()
    await stage.play(play.run, LOOK, WRITE)
    run_id = await stage.create()
    await play.reached.wait()
    held = stage.engine._runner._lives.pop(run_id)
    await stage.engine.store.take_over()
    claimed = await stage.engine.store.claim("somebody else", 1, 30, [])
    assert [one.id for one in claimed] == [run_id]
    before = await stage.get(run_id)
    play.go.set()
    await asyncio.wait([held._task])
    after = await stage.get(run_id)
    assert (after.last_sequence, after.state) == (before.last_sequence, RunState.RUN_STATE_RUNNING)
    # What is left of the work speaks to nobody: it is neither stored nor told again that the run is lost.
    journal = held.execution.journal
    journal.text(events.CHANNEL_ANSWER, "late", step="write", attempt=1)
    journal.record(run={"losses": 0})
    await journal.flush()


async def test_a_checkpoint_of_another_version_is_done_again(stage: Stage):
    results: list[object] = []
    reached, go = asyncio.Event(), asyncio.Event()

    def story(declared: type):
        @step(LOOK)
        async def look(step: Step) -> declared:
            results.append(declared)
            return Word(text="x") if declared is Word else Schema(source="x")

        @step(WRITE)
        async def write(step: Step) -> None:
            reached.set()
            await go.wait()

        async def run(run: Run):
            await run.step(look)
            await run.step(write)
            return answered()

        return run

    await stage.play(story(Word), LOOK, WRITE)
    run_id = await stage.create()
    await reached.wait()
    go.set()
    go.clear()
    await stage.play(story(Schema), LOOK, WRITE)
    go.set()
    assert_whole(await stage.watch(run_id))
    assert results == [Word, Schema]

"""Runs that had their time: what is left of them, and what is said to whoever comes late."""

import asyncio

import pytest

from core.errors import CursorExpired, LevadaError, NotFound
from core.export import export
from core.identity import LOCAL
from core.pipeline import Run, Step, step
from core.settings import Limits
from core.store.records import Keep
from levada.v1 import event_pb2 as events
from levada.v1.run_service_pb2 import ExportRunRequest, ForkRunRequest
from tests.engine.conftest import EVERYWHERE
from tests.engine.stage import Stage, Word, answered, assert_whole, kinds, spec

pytestmark = EVERYWHERE
LOOK = spec("look")


@step(LOOK)
async def look(step: Step) -> Word:
    step.emit(events.TableStarted(table_id="t"))
    step.emit(events.TableCompleted(table_id="t"))
    return Word(text="seen")


async def story(run: Run):
    await run.step(look)
    return answered("All seen.")


async def forgotten(stage: Stage) -> str:
    """Play a run and have its log forgotten."""
    await stage.play(story, LOOK)
    run_id = await stage.create("What is there?")
    assert_whole(await stage.watch(run_id))
    assert (await stage.engine.store.expire(Keep(2**62, 2**62, 0))).logs == 1
    return run_id


async def test_a_late_reader_is_told_of_the_gap_and_then_gets_the_end(stage: Stage):
    run_id = await forgotten(stage)
    with pytest.raises(CursorExpired) as gap:
        await stage.watch(run_id)
    (end,) = await stage.watch(run_id, gap.value.oldest - 1)
    assert (kinds([end]), end.sequence, end.completed.summary) == (["completed"], gap.value.oldest, "All seen.")
    run = await stage.get(run_id)
    assert (run.request.question, run.summary) == ("What is there?", "All seen.")
    assert run.oldest_sequence == run.last_sequence == end.sequence


async def test_what_needs_rows_or_steps_says_what_is_left_and_what_to_do(stage: Stage):
    run_id = await forgotten(stage)
    late = "not kept any more: they are for 7 days .* Its question and answer stay until .* Ask the question again"
    with pytest.raises(CursorExpired, match=late):
        await export(stage.engine, Limits(), LOCAL, ExportRunRequest(run_id=run_id))
    with pytest.raises(CursorExpired, match=late):
        await stage.engine.fork(LOCAL, ForkRunRequest(run_id=run_id, step="look"))


async def test_a_fork_from_the_beginning_needs_only_the_question(stage: Stage):
    run_id = await forgotten(stage)
    again, _ = await stage.engine.fork(LOCAL, ForkRunRequest(run_id=run_id))
    seen = await stage.watch(again.run_id)
    assert_whole(seen)
    assert "table_started" in kinds(seen)


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.runner.EXPIRY", 0.1)


async def test_the_runner_forgets_by_itself_what_the_limits_say(often: None, stage: Stage):
    await stage.play(story, LOOK, retention_days=0.0)
    run_id = await stage.create()
    await told(stage, run_id, CursorExpired)
    assert (await stage.get(run_id)).summary == "All seen."
    await stage.restart(record_days=0.0)
    await told(stage, run_id, NotFound)


async def told(stage: Stage, run_id: str, wanted: type[LevadaError]) -> None:
    """Wait until whoever reads the run is told *wanted*."""
    async with asyncio.timeout(30):
        while True:
            try:
                await stage.engine.read(LOCAL, run_id, 0)
            except LevadaError as error:
                if isinstance(error, wanted):
                    return
            await asyncio.sleep(0.01)

"""A step that a fork keeps is told again as it was, out of the log of the run that it is from."""

import asyncio
from collections import Counter

from core.errors import NotFound
from core.identity import LOCAL
from core.pipeline import Ending, Run, Step, step
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import InputAnswer
from tests.engine.conftest import EVERYWHERE
from tests.engine.forks import FETCH, READ, SAY, SPECS, WHICH, Play, fork, told
from tests.engine.stage import Stage, Word, answered, assert_whole, kind, kinds, spec

pytestmark = EVERYWHERE


async def test_a_kept_step_that_asked_within_tells_that_too(stage: Stage):
    play = Play()

    @step(READ)
    async def ask(step: Step) -> Word:
        return Word(text=(await step.run.ask(WHICH)).text)

    async def run(run: Run) -> Ending:
        word = await run.step(ask)
        return answered((await run.step(play.step(SAY), word.text)).text)

    await stage.play(run, *SPECS)
    origin_id = await stage.create()
    await stage.until(origin_id, "input_requested")
    # The question belongs to the step's first attempt, the answer to the second.
    await stage.restart()
    await stage.engine.respond(LOCAL, origin_id, InputAnswer(input_id="which", text="a"))
    await stage.watch(origin_id)
    seen = await stage.watch(await fork(stage, origin_id, "read"))
    assert_whole(seen)
    assert kinds(seen).count("input_requested") == kinds(seen).count("input_received") == 1
    assert seen[-1].completed.summary == "a/say ?"


async def test_a_kept_step_is_told_with_the_steps_within_it(stage: Stage):
    play, outer = Play(), spec("outer")

    @step(outer)
    async def around(step: Step) -> Word:
        word = (await step.run.step(play.step(READ), "")).text
        return await step.run.step(play.step(FETCH), word)

    async def run(run: Run) -> Ending:
        word = await run.step(around)
        return answered((await run.step(play.step(SAY), word.text)).text)

    await stage.play(run, outer, *SPECS)
    origin_id = await stage.create()
    origin = await stage.watch(origin_id)
    steps = ["outer", "outer/read", "outer/fetch"]
    whole = await stage.watch(await fork(stage, origin_id, "outer"))
    assert_whole(whole)
    assert told(whole, *steps) == told(origin, *steps)
    assert play.done == Counter({"read": 1, "fetch": 1, "say": 2})
    assert whole[-1].completed.totals.rows == 6
    # Without the step around them, each is told when the step around gets there.
    part_id = await fork(stage, origin_id, "outer/read")
    part = await stage.watch(part_id)
    assert_whole(part)
    assert told(part, "outer/read") == told(origin, "outer/read")
    assert play.done == Counter({"read": 1, "fetch": 2, "say": 3})
    again = await stage.watch(await fork(stage, part_id, "outer"))
    assert told(again, *steps) == told(part, *steps)


async def test_what_is_gone_can_t_be_told_and_is_done_anew_with_what_may_rest_on_it(stage: Stage):
    play = Play()
    await stage.play(play.run, *SPECS)
    origin_id = await stage.create()
    fetched = next(event for event in await stage.watch(origin_id) if event.step == "fetch")
    before = stage.engine.store.read

    async def gone(run_id: str, after: int, limit: int, max_bytes: int):
        if run_id == origin_id and after < fetched.sequence - 1:
            raise NotFound
        return await before(run_id, after, limit, max_bytes)

    stage.engine.store.read = gone
    seen = await stage.watch(await fork(stage, origin_id, "fetch"))
    assert_whole(seen)
    assert kind(seen[-1]) == "completed"
    attempts = [(event.step, event.attempt) for event in seen if kind(event) == "step_started"]
    assert attempts == [("read", 2), ("fetch", 1), ("say", 1)]
    assert play.done == Counter({"read": 2, "fetch": 2, "say": 2})


async def test_what_an_earlier_attempt_said_is_not_told_again(stage: Stage):
    play, outer = Play(), spec("outer")
    reached = asyncio.Event()

    @step(FETCH)
    async def fetch(step: Step, word: str) -> Word:
        step.text(events.CHANNEL_ANSWER, f"attempt {step.attempt}")
        await step.flush()
        if step.attempt == 1:
            reached.set()
            await asyncio.Event().wait()
        return Word(text=word)

    @step(outer)
    async def around(step: Step) -> Word:
        step.progress(f"attempt {step.attempt}")
        word = (await step.run.step(play.step(READ), "")).text
        return await step.run.step(fetch, word)

    async def run(run: Run) -> Ending:
        return answered((await run.step(around)).text)

    await stage.play(run, outer, *SPECS)
    origin_id = await stage.create()
    await reached.wait()
    await stage.restart()
    await stage.watch(origin_id)
    seen = await stage.watch(await fork(stage, origin_id, "outer"))
    assert_whole(seen)
    mine = [event for event in seen if event.step == "outer"]
    said = [event.step_progressed.message for event in mine if kind(event) == "step_progressed"]
    assert said == ["attempt 2"]
    assert [event.text_delta.text for event in seen if event.step == "outer/fetch"][1] == "attempt 2"
    assert [event.step for event in seen if kind(event) == "step_completed"] == ["outer/read", "outer/fetch", "outer"]
    assert {event.attempt for event in seen if event.step} == {1}


async def test_a_fork_that_is_stopped_while_it_tells_begins_that_step_again(stage: Stage):
    play = Play()
    await stage.play(play.run, *SPECS)
    origin_id = await stage.create()
    await stage.watch(origin_id)
    before = stage.engine.store.read
    fetched = next(event for event in await stage.watch(origin_id) if event.step == "fetch")

    reached = asyncio.Event()

    async def stuck(run_id: str, after: int, limit: int, max_bytes: int):
        if run_id == origin_id and after > fetched.sequence:
            reached.set()
            await asyncio.Event().wait()
        return await before(run_id, after, 2 if run_id == origin_id else limit, max_bytes)

    stage.engine.store.read = stuck
    forked = await fork(stage, origin_id, "fetch")
    await reached.wait()
    await stage.restart()
    seen = await stage.watch(forked)
    assert_whole(seen)
    attempts = [(event.step, event.attempt) for event in seen if kind(event) == "step_started"]
    assert attempts == [("read", 1), ("fetch", 1), ("fetch", 2), ("say", 1)]
    assert play.done == Counter({"read": 1, "fetch": 1, "say": 2})
    assert seen[-1].completed.totals.rows == 6


async def test_the_rows_of_a_large_step_are_told_again_a_little_at_a_time(stage: Stage):
    batch = events.TableRows(
        row_count=1, columns=[events.ColumnValues(texts=events.TextValues(values=["x" * 400_000]))]
    )

    @step(FETCH)
    async def fetch(step: Step) -> Word:
        for _ in range(40):
            step.emit(batch)
            await step.flush()
        return Word(text="rows")

    async def run(run: Run) -> Ending:
        return answered((await run.step(fetch)).text)

    await stage.play(run, FETCH)
    origin_id = await stage.create()
    origin = await stage.watch(origin_id)
    seen = await stage.watch(await fork(stage, origin_id, "fetch"))
    assert_whole(seen)
    assert told(seen, "fetch") == told(origin, "fetch")
    assert seen[-1].completed.totals.rows == 40

"""What a pipeline's author can rely on: announced steps, unique names, progress, estimates, timeouts."""

import asyncio

import pytest

from core.errors import LevadaError, QueryFailed
from core.pipeline import Run, Step, step
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as events
from tests.engine.conftest import EVERYWHERE
from tests.engine.stage import Stage, Word, answered, assert_whole, kind, kinds, spec

pytestmark = EVERYWHERE

CLASSIFY, WRITE, MEND, CHART = (
    spec("classify"),
    spec("write", 0.3),
    spec("mend", 0.9, conditional=True),
    spec("chart", 0.9),
)


@step(CLASSIFY)
async def classify(step: Step, question: str) -> Word:
    step.summary("simple")
    return Word(text=question)


@step(WRITE)
async def write(step: Step, word: Word) -> Word:
    step.progress("half way", 0.5)
    return Word(text=word.text.upper())


@step(MEND)
async def mend(step: Step, word: Word) -> Word:
    step.progress("mending", 0.5)
    return word


@step(CHART)
async def chart(step: Step, word: Word) -> None:
    step.emit(events.Chart(title=word.text))


async def story(run: Run):
    word = await run.step(classify, run.request.question)
    word = await run.step(write, word)
    word = await run.step(mend, word)
    await run.step(chart, word)
    return answered(word.text)


STEPS = (CLASSIFY, WRITE, MEND, CHART)


async def test_a_run_tells_its_story_in_order(stage: Stage):
    await stage.play(story, *STEPS)
    seen = await stage.ask("hi")
    assert_whole(seen)
    assert [(kind(event), event.step) for event in seen] == [
        ("queued", ""),
        ("started", ""),
        ("step_started", "classify"),
        ("step_completed", "classify"),
        ("step_started", "write"),
        ("step_progressed", "write"),
        ("step_completed", "write"),
        ("step_started", "mend"),
        ("step_progressed", "mend"),
        ("step_completed", "mend"),
        ("step_started", "chart"),
        ("chart", "chart"),
        ("step_completed", "chart"),
        ("completed", ""),
    ]
    assert [info.step for info in seen[1].started.steps] == ["classify", "write", "mend", "chart"]
    assert seen[3].step_completed.summary == "simple"
    assert seen[-1].completed.summary == "HI"


async def test_progress_is_exact_at_steps_between_them_within_and_held_by_conditional_ones(stage: Stage):
    await stage.play(story, *STEPS)
    seen = await stage.ask()
    at = {(event.step, kind(event)): event.progress for event in seen}
    assert at["classify", "step_started"] == 0
    assert at["write", "step_started"] == 0.3
    assert at["write", "step_progressed"] == pytest.approx(0.6)
    assert at["mend", "step_progressed"] == pytest.approx(0.6)
    assert at["chart", "step_started"] == 0.9
    assert seen[-1].progress == 1.0


async def test_a_failed_run_keeps_its_progress_and_says_what_was_tried(stage: Stage):
    @step(WRITE)
    async def fail(step: Step) -> None:
        raise QueryFailed("no such column: nmae")

    async def run(run: Run):
        for _ in range(2):
            try:
                await run.step(fail)
            except QueryFailed:
                continue
        raise LevadaError("The query could not be mended.", reason=reasons.ERROR_REASON_QUERY_FAILED)

    await stage.play(run, *STEPS)
    seen = await stage.ask()
    assert_whole(seen)
    failed = seen[-1].failed
    assert (failed.reason, failed.message) == (reasons.ERROR_REASON_QUERY_FAILED, "The query could not be mended.")
    assert list(failed.tried) == ["Write: no such column: nmae"] * 2
    assert seen[-1].progress == 0.3
    assert [event.step for event in seen if kind(event) == "step_failed"] == ["write", "write#2"]


async def test_steps_may_run_at_once_and_nest_and_keep_names_of_their_own(stage: Stage):
    inner, outer = spec("part"), spec("round")

    @step(inner)
    async def part(step: Step, number: int) -> Word:
        return Word(text=str(number))

    @step(outer)
    async def round_of(step: Step) -> Word:
        async with asyncio.TaskGroup() as tasks:
            parts = [tasks.create_task(step.run.step(part, number)) for number in range(3)]
        return Word(text="".join([task.result().text for task in parts]))

    async def run(run: Run):
        return answered((await run.step(round_of)).text + (await run.step(round_of)).text)

    await stage.play(run, outer)
    seen = await stage.ask()
    assert_whole(seen)
    assert [event.step for event in seen if kind(event) == "step_started"] == [
        *("round", "round/part", "round/part#2", "round/part#3"),
        *("round#2", "round#2/part", "round#2/part#2", "round#2/part#3"),
    ]
    assert seen[-1].completed.summary == "012012"


async def test_an_estimate_is_the_median_of_earlier_runs_told_ahead_too_and_absent_before(stage: Stage):
    await stage.play(story, *STEPS)
    first, second = await stage.ask(), await stage.ask()
    started = [
        event.step_started for event in (*first, *second) if event.step == "write" and kind(event) == "step_started"
    ]
    assert [one.HasField("estimated_duration") for one in started] == [False, True]
    took = next(event.step_completed for event in first if event.step == "write" and kind(event) == "step_completed")
    assert started[1].estimated_duration == took.duration
    ahead = [
        next(step for step in event.started.steps if step.step == "write")
        for event in (*first, *second)
        if kind(event) == "started"
    ]
    assert [one.HasField("estimated_duration") for one in ahead] == [False, True]
    assert ahead[1].estimated_duration == took.duration
    await stage.restart()
    third = await stage.ask()
    estimate = next(event.step_started for event in third if event.step == "write").estimated_duration
    assert estimate.ToMicroseconds() > 0


async def test_a_step_that_takes_too_long_fails_the_run_by_name(stage: Stage):
    slow = spec("fetch", seconds=0.05)

    @step(slow)
    async def fetch(step: Step) -> None:
        await asyncio.Event().wait()

    async def run(run: Run):
        await run.step(fetch)
        return answered()

    await stage.play(run, slow)
    seen = await stage.ask()
    assert kinds(seen)[-2:] == ["step_failed", "failed"]
    assert seen[-1].failed.reason == reasons.ERROR_REASON_STEP_TIMEOUT
    assert "0.05 seconds" in seen[-1].failed.message


async def test_a_run_that_takes_too_long_ends_with_the_words_users_know(stage: Stage):
    stopped = asyncio.Event()

    @step(WRITE)
    async def forever(step: Step) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async def run(run: Run):
        await run.step(forever)
        return answered()

    await stage.play(run, *STEPS, run_seconds=0.05)
    seen = await stage.ask()
    assert_whole(seen)
    assert seen[-1].failed.reason == reasons.ERROR_REASON_RUN_TIMEOUT
    assert seen[-1].failed.message == "Query took too long. Try a more specific question."
    assert stopped.is_set()


async def test_an_unexpected_error_ends_the_run_without_telling_secrets(stage: Stage, caplog: pytest.LogCaptureFixture):
    async def run(run: Run):
        raise ZeroDivisionError("password=hunter2")

    await stage.play(run)
    seen = await stage.ask()
    assert seen[-1].failed.reason == reasons.ERROR_REASON_INTERNAL
    assert "hunter2" not in seen[-1].failed.message
    assert "ZeroDivisionError" in caplog.text


async def test_a_long_text_is_said_in_pieces_that_every_client_takes(stage: Stage):
    text = "0123456789" * 1_000_000

    async def run(run: Run):
        @step(WRITE)
        async def speak(step: Step) -> None:
            step.text(events.CHANNEL_ANSWER, text[:5_000_000])
            await step.flush()
            step.text(events.CHANNEL_ANSWER, text[5_000_000:])

        await run.step(speak)
        return answered()

    await stage.play(run, WRITE)
    seen = await stage.ask()
    assert_whole(seen)
    assert "".join(event.text_delta.text for event in seen) == text
    assert max(event.ByteSize() for event in seen) < 2**16


async def test_an_error_among_parallel_steps_is_the_run_s_error(stage: Stage):
    @step(WRITE)
    async def fail(step: Step) -> None:
        raise QueryFailed("syntax error")

    async def run(run: Run):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(run.step(fail))
            tasks.create_task(run.step(classify, "x"))
        return answered()

    await stage.play(run, *STEPS)
    seen = await stage.ask()
    assert_whole(seen)
    assert seen[-1].failed.message == "syntax error"


async def test_totals_are_what_was_said(stage: Stage):
    @step(WRITE)
    async def speak(step: Step) -> None:
        step.emit(events.TableRows(row_count=500))
        step.emit(events.TableRows(row_count=7))
        step.emit(events.ModelCalled(model="m", input_tokens=10, output_tokens=3, cost_usd=0.5))

    async def run(run: Run):
        await run.step(speak)
        return answered()

    await stage.play(run, *STEPS)
    totals = (await stage.ask())[-1].completed.totals
    assert (totals.rows, totals.input_tokens, totals.output_tokens, totals.cost_usd) == (507, 10, 3, 0.5)
    assert totals.duration.ToMicroseconds() > 0

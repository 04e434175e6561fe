"""Questions to people: the run waits as long as it takes, across restarts, and its own time stands still."""

import asyncio

import pytest

from core.errors import Conflict, InvalidRequest, LevadaError
from core.identity import LOCAL
from core.pipeline import Run, Step, step
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import InputAnswer, RunState
from tests.engine.conftest import EVERYWHERE
from tests.engine.stage import Stage, Word, answered, assert_whole, gather, kind, kinds, spec

pytestmark = EVERYWHERE

VALIDATE, EXECUTE = spec("validate", seconds=1), spec("execute", 0.5)
APPROVAL = events.InputRequested(
    input_id="approve-1", kind=events.INPUT_KIND_APPROVAL, prompt="Run this?", query="SELECT 1", language="sql"
)
WHICH = events.InputRequested(
    input_id="which-1",
    kind=events.INPUT_KIND_CLARIFICATION,
    prompt="Which?",
    options=[events.InputOption(value="a", label="A"), events.InputOption(value="b", label="B")],
)
YES = InputAnswer(input_id="approve-1", decision=events.DECISION_APPROVE)


@step(VALIDATE)
async def validate(step: Step) -> Word:
    answer = await step.run.ask(APPROVAL)
    return Word(text=events.Decision.Name(answer.decision))


@step(EXECUTE)
async def execute(step: Step) -> None:
    pass


async def approving(run: Run):
    word = await run.step(validate)
    await run.step(execute)
    return answered(word.text)


async def clarifying(run: Run):
    return answered((await run.ask(WHICH)).text)


async def waiting(stage: Stage) -> str:
    run_id = await stage.create()
    await stage.until(run_id, "input_requested")
    return run_id


async def test_a_run_waits_for_a_decision_and_goes_on_with_it(stage: Stage):
    await stage.play(approving, VALIDATE, EXECUTE)
    run_id = await waiting(stage)
    run = await stage.get(run_id)
    assert (run.state, run.input) == (RunState.RUN_STATE_WAITING, APPROVAL)
    await stage.engine.respond(LOCAL, run_id, YES)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    asked = next(event for event in seen if kind(event) == "input_requested")
    assert (asked.step, asked.attempt) == ("validate", 1)
    heard = next(event.input_received for event in seen if kind(event) == "input_received")
    assert (heard.by, heard.decision) == ("local", events.DECISION_APPROVE)
    assert seen[-1].completed.summary == "DECISION_APPROVE"
    assert not (await stage.get(run_id)).HasField("input")


async def test_waiting_for_a_person_is_not_the_run_s_nor_the_step_s_time(stage: Stage):
    await stage.play(approving, VALIDATE, EXECUTE, run_seconds=3.0)
    run_id = await waiting(stage)
    # Longer than the step and the run may take.
    await asyncio.sleep(3.1)
    await stage.engine.respond(LOCAL, run_id, YES)
    assert kind((await stage.watch(run_id))[-1]) == "completed"


async def test_a_waiting_run_takes_no_worker_s_place(stage: Stage):
    await stage.play(approving, VALIDATE, EXECUTE, concurrent_runs=1)
    runs = [await waiting(stage) for _ in range(3)]
    await gather(*(stage.engine.respond(LOCAL, run_id, YES) for run_id in runs))
    for run_id in runs:
        assert_whole(await stage.watch(run_id))


async def test_runs_that_are_answered_together_work_no_more_at_once_than_others(stage: Stage):
    at_work: list[str] = []
    most = 0

    @step(EXECUTE)
    async def execute(step: Step) -> None:
        nonlocal most
        at_work.append(step.run.id)
        most = max(most, len(at_work))
        await asyncio.sleep(0.01)
        at_work.remove(step.run.id)

    async def run(run: Run):
        if run.request.question != "new":
            await run.ask(APPROVAL)
        await run.step(execute)
        return answered()

    await stage.play(run, EXECUTE, concurrent_runs=2, run_seconds=20)
    runs = [await waiting(stage) for _ in range(12)]
    await gather(*(stage.engine.respond(LOCAL, run_id, YES) for run_id in runs))
    runs += [await stage.create("new") for _ in range(4)]
    for run_id in runs:
        assert kind((await stage.watch(run_id))[-1]) == "completed"
    assert most == 2


async def test_an_answered_run_that_waits_for_its_turn_can_be_cancelled_or_taken_up_later(stage: Stage):
    go = asyncio.Event()

    async def run(run: Run):
        if run.request.question == "long":
            await go.wait()
        else:
            await run.ask(APPROVAL)
        return answered()

    await stage.play(run, concurrent_runs=1)
    cancelled, kept = await waiting(stage), await waiting(stage)
    long = await stage.create("long")
    await stage.until(long, "started")
    for run_id in (cancelled, kept):
        await stage.engine.respond(LOCAL, run_id, YES)
    await stage.engine.cancel(LOCAL, cancelled)
    assert kind((await stage.watch(cancelled))[-1]) == "cancelled"
    go.set()
    await stage.restart()
    seen = await stage.watch(kept)
    assert_whole(seen)
    assert kinds(seen).count("input_received") == 1
    assert kind(seen[-1]) == "completed"


async def test_an_answer_survives_restarts_and_the_question_is_asked_once(stage: Stage):
    await stage.play(approving, VALIDATE, EXECUTE)
    run_id = await waiting(stage)
    await stage.restart()
    assert (await stage.get(run_id)).state == RunState.RUN_STATE_WAITING
    assert (await stage.engine.respond(LOCAL, run_id, YES)).state in {
        RunState.RUN_STATE_QUEUED,
        RunState.RUN_STATE_RUNNING,
        RunState.RUN_STATE_COMPLETED,
    }
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kinds(seen).count("input_requested") == 1
    assert kinds(seen).count("input_received") == 1
    assert kind(seen[-1]) == "completed"


async def test_an_answer_that_came_just_before_a_crash_is_not_lost(stage: Stage):
    await stage.play(approving, VALIDATE, EXECUTE)
    run_id = await waiting(stage)
    # Stored, but the worker never hears of it.
    await stage.engine.store.answer(run_id, YES, "local")
    await stage.restart()
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert kinds(seen).count("input_received") == 1


@pytest.mark.parametrize(
    ("question", "answer", "field"),
    [
        (approving, InputAnswer(input_id="approve-1"), "decision"),
        (approving, InputAnswer(input_id="approve-1", decision=99), "decision"),
        (approving, InputAnswer(input_id="approve-1", decision=events.DECISION_EDIT, text=" "), "text"),
        (clarifying, InputAnswer(input_id="which-1"), "text"),
        (clarifying, InputAnswer(input_id="which-1", text="a", decision=events.DECISION_APPROVE), "decision"),
    ],
)
async def test_an_answer_that_does_not_fit_is_refused_by_field(stage: Stage, question, answer, field):
    await stage.play(question, VALIDATE, EXECUTE)
    run_id = await waiting(stage)
    with pytest.raises(InvalidRequest) as caught:
        await stage.engine.respond(LOCAL, run_id, answer)
    assert list(caught.value.violations) == [field]
    assert (await stage.get(run_id)).state == RunState.RUN_STATE_WAITING


async def test_only_one_of_many_answers_counts_and_none_after_the_end(stage: Stage):
    await stage.play(clarifying)
    run_id = await waiting(stage)

    async def respond(text: str) -> str:
        try:
            await stage.engine.respond(LOCAL, run_id, InputAnswer(input_id="which-1", text=text))
        except Conflict as error:
            assert error.reason in {reasons.ERROR_REASON_INPUT_NOT_EXPECTED, reasons.ERROR_REASON_RUN_ENDED}
            return ""
        return text

    taken = [text for text in await gather(*map(respond, "abcdefgh")) if text]
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert [seen[-1].completed.summary] == taken
    with pytest.raises(Conflict) as caught:
        await stage.engine.respond(LOCAL, run_id, InputAnswer(input_id="which-1", text="z"))
    assert caught.value.reason == reasons.ERROR_REASON_RUN_ENDED


async def test_an_answer_to_a_question_never_asked_is_refused(stage: Stage):
    await stage.play(clarifying)
    run_id = await waiting(stage)
    with pytest.raises(Conflict) as caught:
        await stage.engine.respond(LOCAL, run_id, InputAnswer(input_id="other", text="a"))
    assert caught.value.reason == reasons.ERROR_REASON_INPUT_NOT_EXPECTED


async def test_a_question_that_nobody_answers_ends_the_run(stage: Stage):
    await stage.play(clarifying, input_seconds=0.1)
    seen = await stage.ask()
    assert_whole(seen)
    assert seen[-1].failed.reason == reasons.ERROR_REASON_INPUT_TIMEOUT


async def test_a_question_that_nobody_answers_ends_the_run_even_if_the_server_was_away(stage: Stage):
    await stage.play(clarifying)
    run_id = await waiting(stage)
    await stage.restart(input_seconds=0.01)
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert seen[-1].failed.reason == reasons.ERROR_REASON_INPUT_TIMEOUT


async def test_a_waiting_run_can_be_cancelled_whether_or_not_somebody_holds_it(stage: Stage):
    await stage.play(clarifying)
    held, left = await waiting(stage), await waiting(stage)
    await stage.engine.cancel(LOCAL, held)
    assert kind((await stage.watch(held))[-1]) == "cancelled"
    await stage.restart()
    assert (await stage.engine.cancel(LOCAL, left)).state == RunState.RUN_STATE_CANCELLED
    assert_whole(await stage.watch(left))


async def test_an_answer_given_before_the_run_asks_again_is_not_lost(stage: Stage):
    gate = asyncio.Event()

    async def run(run: Run):
        async def late():
            if run.attempts > 1:
                await gate.wait()
            return await run.ask(APPROVAL)

        async with asyncio.TaskGroup() as tasks:
            which, approval = tasks.create_task(run.ask(WHICH)), tasks.create_task(late())
        return answered(which.result().text + str(approval.result().decision))

    await stage.play(run)
    run_id = await stage.create()
    asked: list[str] = []
    async for batch in stage.engine.watch(LOCAL, run_id, 0):
        asked += [kind(event) for event in map(events.Event.FromString, batch)]
        if asked.count("input_requested") == 2:
            break
    await stage.restart()
    await stage.engine.respond(LOCAL, run_id, InputAnswer(input_id="which-1", text="a"))
    await stage.until(run_id, "input_received")
    await stage.engine.respond(LOCAL, run_id, YES)
    gate.set()
    seen = await stage.watch(run_id)
    assert_whole(seen)
    assert seen[-1].completed.summary == "a1"
    assert kinds(seen).count("input_received") == 2


async def test_a_pipeline_can_handle_that_nobody_answered(stage: Stage):
    async def run(run: Run):
        try:
            await run.ask(WHICH)
        except LevadaError as error:
            return answered(f"gave up: {error.reason}")

    await stage.play(run, input_seconds=0.05)
    assert (await stage.ask())[-1].completed.summary == f"gave up: {reasons.ERROR_REASON_INPUT_TIMEOUT}"

"""Steering the making of an exercise: cancelled at each step, paused, too slow, gone on with after a stop, forked."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration

from core.identity import LOCAL
from core.models.scripted_language import Answer
from core.pipelines.assessment import answers
from core.settings import ModelSettings
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.run_pb2 import AssessmentParameters, RunOptions
from levada.v1.run_service_pb2 import ForkRunRequest
from tests.pipelines.assessment import play
from tests.pipelines.assessment.house import STEPS, Table, step_of
from tests.pipelines.assessment.play import MISTAKES
from tests.pipelines.query.house import Seen
from tests.servers import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEVER = 3_600.0
SEVEN = STEPS[:-1]
# Who is asked in which step, as which of that role's answers.
ASKED = {
    "generate_difficulty_categories": ("mid", 0),
    "generate_error_catalog": ("mid", 1),
    "generate_challenge": ("strong", 0),
    "answer_strong_enough": ("mid", 2),
    "answer_weak": ("weak", 0),
    "judge": ("strong", 1),
    "create_assessment": ("strong", 2),
}


def silent_at(step: str) -> dict[str, list[Answer]]:
    """Return a cast of which somebody never says a word in *step*."""
    cast = play.cast()
    role, place = ASKED[step]
    cast[role][place] = cast[role][place].model_copy(update={"pause": NEVER})
    return cast


def chatty(key: str) -> Answer:
    """Return an answer that comes without a pause to be impatient about, and does not end."""
    return Answer(text=["word "] * 100_000, pause=0.01, key=key)


async def reached(table: Table, run: str, step: str) -> Seen:
    """Return what was seen once *step* is under way, and the answer beside it, if any, is there."""
    beside = {"answer_weak": {"answer_strong_enough"}, "answer_strong_enough": {"answer_weak"}}.get(step, set())
    return await table.watch_until(
        run, lambda seen: step in seen.steps and beside <= set(step_of(seen, "step_completed"))
    )


@pytest.mark.parametrize("step", SEVEN)
async def test_cancelled_at_any_step_no_model_goes_on_and_no_end_is_made_up(table: Table, step: str):
    table.seats(**silent_at(step))
    run = await table.begin()
    await reached(table, run, step)
    role, place = ASKED[step]
    await until(lambda: len(table.models[role].asked) > place)
    await table.engine.cancel(LOCAL, run)
    seen = await table.watch(run)
    assert seen.kinds[-1] == "cancelled"
    assert not seen.all("assessment_ended")
    assert table.models[role].left == 1
    asked = sum(len(model.asked) for model in table.models.values())
    assert asked == len(set(seen.steps))


@pytest.mark.parametrize("step", SEVEN)
async def test_a_server_that_stops_at_any_step_loses_only_that_step(tmp_path: Path, step: str):
    async with Table(tmp_path) as first:
        first.seats(**silent_at(step))
        run = await first.begin(assessment=AssessmentParameters(seed=3))
        before = await reached(first, run, step)
    kept = set(step_of(before, "step_completed"))
    async with Table(tmp_path) as second:
        second.seats()
        seen = await second.watch(run)
        assert seen.one("assessment_ended").success, seen.end
        again = {event.step for event in seen.events if event.attempt > 1}
        assert again == {step}
        assert sum(len(model.asked) for model in second.models.values()) == len(SEVEN) - len(kept)
    if step in ("answer_weak", "answer_strong_enough"):
        assert kept >= set(SEVEN[:3]) | ({"answer_weak", "answer_strong_enough"} - {step})


async def test_a_paused_run_rests_between_two_steps_and_goes_on(table: Table):
    run = await held(table, "mid", 1)
    await table.engine.pause(LOCAL, run)
    table.go.set()
    seen = await table.watch(run, "paused")
    assert seen.steps[-1] == "generate_error_catalog"
    await table.engine.resume(LOCAL, run)
    seen = await table.watch(run)
    assert seen.one("assessment_ended").success
    assert sum(len(model.asked) for model in table.models.values()) == len(SEVEN)


async def held(table: Table, role: str, number: int) -> str:
    """Begin a run and return once *role* is asked for the *number*-th time, which waits for `table.go`."""
    model = table.models[role]
    stream, asked, table.go = model.stream, asyncio.Event(), asyncio.Event()

    async def waiting(prompt: Any):
        if len(model.asked) == number:
            asked.set()
            await table.go.wait()
        async for piece in stream(prompt):
            yield piece

    model.stream = waiting  # type: ignore[method-assign]
    run = await table.begin()
    async with asyncio.timeout(30):
        await asked.wait()
    return run


IMPATIENT = ModelSettings(retries=0, first_token_seconds=1)


async def test_a_model_that_says_nothing_for_too_long_costs_the_attempt(table: Table):
    table.seats(IMPATIENT, **silent_at("generate_challenge"))
    seen = await table.make(options=RunOptions(max_attempts=1))
    ended = seen.one("assessment_ended")
    assert (ended.success, ended.stopped_at_step) == (False, 3)
    assert "did not begin to answer within 1 second" in ended.message


async def test_a_model_that_says_nothing_for_too_long_at_the_beginning_ends_the_run(table: Table):
    table.seats(IMPATIENT, **silent_at("generate_error_catalog"))
    seen = await table.make()
    assert seen.one("assessment_ended").stopped_at_step == 2
    assert seen.end.reason == reasons.ERROR_REASON_MODEL_UNAVAILABLE
    assert seen.end.retryable


async def test_a_step_that_takes_too_long_ends_the_run_and_the_step_beside_it(
    table: Table, monkeypatch: pytest.MonkeyPatch
):
    hasty = replace(answers.answer_weak.spec, seconds=1)
    monkeypatch.setattr(answers.answer_weak, "spec", hasty)
    cast = silent_at("answer_strong_enough")
    table.seats(strong=[play.challenge()], mid=cast["mid"], weak=[chatty("assessment/challenge_answer")])
    seen = await table.make()
    ended = seen.one("assessment_ended")
    assert (ended.success, ended.stopped_at_step, ended.total_attempts) == (False, 5, 1)
    assert seen.end.reason == reasons.ERROR_REASON_STEP_TIMEOUT
    assert (table.models["mid"].left, table.models["weak"].left) == (1, 1)


async def test_a_run_that_takes_too_long_fails_as_that(table: Table):
    table.seats(strong=[play.challenge(), chatty("assessment/judgement")])
    run = await table.begin(options=RunOptions(timeout=Duration(seconds=100)))
    await reached(table, run, "judge")
    clock = table.engine._runner._lives[run].execution.clock
    clock.rest()
    clock._seconds = 0.0
    clock.go_on()
    seen = await table.watch(run)
    assert seen.end.reason == reasons.ERROR_REASON_RUN_TIMEOUT
    assert seen.steps[-1] == "judge"


async def test_a_fork_may_try_more_often_than_its_origin_and_pays_only_for_what_is_new(table: Table):
    avoided = play.judgement(verdict="both_avoided")
    table.seats(strong=[play.challenge(), avoided])
    origin = await table.make(options=RunOptions(max_attempts=1))
    assert origin.end.reason == reasons.ERROR_REASON_TRIES_EXHAUSTED
    table.seats(
        mid=[play.answer(play.STRONG_ANSWER)], strong=[play.challenge(), play.judgement(MISTAKES[0]), play.exercise()]
    )
    wanted = ForkRunRequest(run_id=origin.events[0].run_id, step="judge", options=RunOptions(max_attempts=2))
    fork, _ = await table.engine.fork(LOCAL, wanted)
    seen = await table.watch(fork.run_id)
    ended = seen.one("assessment_ended")
    assert (ended.success, ended.total_attempts, ended.stopped_at_step) == (True, 2, 7)
    assert set(seen.one("started").kept_steps) == set(SEVEN[:6])
    assert "Both models avoided every mistake" in table.prompt("strong", 0)


async def test_a_fork_of_a_run_that_broke_off_does_what_was_missing(table: Table):
    table.seats(strong=[play.challenge(), play.judgement(MISTAKES[0]), play.exercise(fails="rejected")])
    origin = await table.make()
    assert origin.one("assessment_ended").stopped_at_step == 7
    table.seats(strong=[play.exercise()])
    fork, _ = await table.engine.fork(LOCAL, ForkRunRequest(run_id=origin.events[0].run_id, step="judge"))
    seen = await table.watch(fork.run_id)
    assert seen.one("assessment_ended").success
    assert table.calls("strong") == ["assessment"]

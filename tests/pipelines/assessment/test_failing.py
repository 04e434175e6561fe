"""Answers of models that are of no use: which cost an attempt, and which end the run, and what is told of it."""

import pytest

from core.models.language import Stop
from core.models.scripted_language import Answer
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.run_pb2 import RunOptions
from tests.pipelines.assessment import play
from tests.pipelines.assessment.house import STEPS, Table, step_of
from tests.pipelines.assessment.play import MISTAKES

pytestmark = pytest.mark.asyncio(loop_scope="module")

MALFORMED = Answer(text='{"reasoning": "It depends", "verdict": ', key="assessment/judgement")


async def test_a_judge_whose_answer_is_malformed_is_asked_once_more(table: Table):
    table.seats(strong=[play.challenge(), MALFORMED, play.judgement(MISTAKES[0]), play.exercise()])
    seen = await table.make()
    assert seen.one("assessment_ended").success
    assert seen.steps.count("judge") == 1
    assert len(seen.all("model_called", "judge")) == 2


async def test_a_judge_that_stays_malformed_costs_the_attempt(table: Table):
    table.seats(
        strong=[
            play.challenge(), MALFORMED, MALFORMED, play.challenge(), play.judgement(MISTAKES[0]), play.exercise()
        ],
        mid=[play.CATEGORIES, play.catalog(), *[play.answer(play.STRONG_ANSWER)] * 2],
        weak=[play.answer(play.WEAK_ANSWER)] * 2,
    )  # fmt: skip
    seen = await table.make()
    assert (seen.one("assessment_ended").success, seen.one("assessment_ended").total_attempts) == (True, 2)
    assert [(event.step, event.step_failed.will_retry) for event in seen.events if event.HasField("step_failed")] == [
        ("judge", True)
    ]


USELESS = {
    "generate_challenge": {"strong": [play.challenge(fails="unavailable")]},
    "answer_strong_enough": {
        "strong": [play.challenge()],
        "mid": [play.CATEGORIES, play.catalog(), Answer(text="", key="assessment/challenge_answer")],
    },
    "answer_weak": {"strong": [play.challenge()], "weak": [play.answer("half an ans", stop=Stop.LENGTH)]},
    "judge": {"strong": [play.challenge(), play.judgement(refusal="I judge nobody.")]},
}


@pytest.mark.parametrize("step", USELESS)
async def test_an_answer_of_no_use_costs_the_attempt(table: Table, step: str):
    table.seats(**USELESS[step])
    seen = await table.make(options=RunOptions(max_attempts=1))
    ended = seen.one("assessment_ended")
    assert (ended.success, ended.total_attempts) == (False, 1)
    assert ended.stopped_at_step == STEPS.index(step) + 1
    assert seen.end.reason == reasons.ERROR_REASON_TRIES_EXHAUSTED
    assert [failed.will_retry for failed in seen.all("step_failed", step)] == [False]
    assert "a model's answer could not be used" in seen.end.message


async def test_after_an_answer_of_no_use_the_next_attempt_hears_of_it(table: Table):
    table.seats(
        strong=[
            play.challenge(refusal="Not this."), play.challenge(), play.judgement(MISTAKES[0]), play.exercise()
        ],
    )  # fmt: skip
    seen = await table.make()
    assert seen.one("assessment_ended").total_attempts == 2
    assert "It could not be used:" in table.prompt("strong", 1)
    assert "generate_challenge#2" in seen.steps
    assert "answer_weak#2" not in seen.steps


ENDING = {
    "generate_difficulty_categories": {"mid": [Answer(text="No.", key="assessment/difficulty_categories")] * 2},
    "generate_error_catalog": {"mid": [play.CATEGORIES, play.catalog(fails="unavailable")]},
    "generate_challenge": {"strong": [play.challenge(fails="rejected")]},
    "answer_weak": {"weak": [play.answer("", fails="rejected")]},
    "create_assessment": {
        "strong": [play.challenge(), play.judgement(MISTAKES[0]), play.exercise(fails="rejected")],
    },
}


@pytest.mark.parametrize("step", ENDING)
async def test_what_no_other_attempt_would_mend_ends_the_run_where_it_happens(table: Table, step: str):
    table.seats(**ENDING[step])
    seen = await table.make()
    ended = seen.one("assessment_ended")
    assert (ended.success, ended.stopped_at_step) == (False, STEPS.index(step) + 1)
    assert ended.message == seen.end.message
    assert seen.end.reason in (reasons.ERROR_REASON_MODEL_UNAVAILABLE, reasons.ERROR_REASON_MODEL_OUTPUT_INVALID)
    assert step_of(seen, "step_failed")[-2:] == [step, "conclude"]
    assert f"{step}#2" not in seen.steps

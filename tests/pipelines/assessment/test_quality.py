"""Soft checks: by name, the same for the same output, and each sees the one thing that it is for."""

from collections.abc import Callable
from typing import Any

import pytest

from core import measures
from core.pipelines.assessment import quality
from core.pipelines.assessment.forms import Categories, Challenge, ErrorCatalog, Exercise, Judgement
from levada.v1.event_pb2 import QualityCheck
from tests.pipelines.assessment import play
from tests.pipelines.assessment.house import STEPS, Table
from tests.pipelines.assessment.play import MISTAKES

NAMES = {
    "generate_difficulty_categories": ["levels_differ", "concrete_sub_topics"],
    "generate_error_catalog": ["six_distinct_errors", "impacts_vary", "weak_likelier", "short_hints"],
    "generate_challenge": ["contains_no_error", "distinct_requirements", "gives_context"],
    "answer_strong_enough": ["three_sections", "answers_at_length", "not_the_task_again"],
    "answer_weak": ["three_sections", "answers_at_length", "not_the_task_again"],
    "judge": ["evidence_quoted", "only_catalogued_errors", "score_fits"],
    "create_assessment": [
        "level_as_chosen",
        "kind_as_challenged",
        "one_error_a_line",
        "gives_nothing_away",
        "descriptions_differ",
    ],
}


@pytest.mark.asyncio(loop_scope="module")
async def test_each_step_says_what_was_looked_at_in_its_output(table: Table, monkeypatch: pytest.MonkeyPatch):
    counted: list[dict[str, Any]] = []
    monkeypatch.setattr(measures, "quality_checks", Counter(counted))
    seen = await table.make()
    told = {event.step: event.quality_checked.checks for event in seen.events if event.HasField("quality_checked")}
    assert {step: [check.name for check in checks] for step, checks in told.items()} == NAMES
    assert list(NAMES) == STEPS[:-1]
    assert all(check.message for checks in told.values() for check in checks)
    rates = [(one["levada.step"], one["levada.check"], one["levada.passed"]) for one in counted]
    assert sorted(rates) == sorted((step, check.name, check.passed) for step in told for check in told[step])


class Counter:
    def __init__(self, counted: list[dict[str, Any]]) -> None:
        self._counted = counted

    def add(self, amount: int, attributes: dict[str, Any]) -> None:
        self._counted += [attributes] * amount


CATEGORIES = Categories.model_validate(play.SUB_TOPICS)
CATALOG = ErrorCatalog.model_validate(play.catalog().value)
CHALLENGE = Challenge.model_validate(play.challenge().value)
JUDGEMENT = Judgement.model_validate(play.judgement(MISTAKES[0]).value)
EXERCISE = Exercise.model_validate(play.exercise().value)


def with_first(**what: Any) -> ErrorCatalog:
    return ErrorCatalog(errors=[CATALOG.errors[0].model_copy(update=what), *CATALOG.errors[1:]])


def judged(**what: Any) -> list[QualityCheck]:
    return quality.of_judgement(JUDGEMENT.model_copy(update=what), play.WEAK_ANSWER, [])


def exercise(level: str = "Advanced", artifact: str = "query", **what: Any) -> list[QualityCheck]:
    return quality.of_exercise(EXERCISE.model_copy(update=what), level, artifact)


def posed(**what: Any) -> list[QualityCheck]:
    return quality.of_challenge(CHALLENGE.model_copy(update=what), CATALOG)


def answered(text: str) -> list[QualityCheck]:
    return quality.of_answer(text, CHALLENGE)


def listed(**what: Any) -> list[QualityCheck]:
    return quality.of_categories(CATEGORIES.model_copy(update=what), play.TOPIC)


ONE, TWO = play.ERRORS
GOOD = [
    listed(),
    quality.of_catalog(CATALOG),
    posed(),
    answered(play.STRONG_ANSWER),
    judged(),
    exercise(),
]
SEES: dict[str, Callable[[], list[QualityCheck]]] = {
    "levels_differ": lambda: listed(beginner=["Self Joins ", "Left joins", "Inner joins"]),
    "concrete_sub_topics": lambda: listed(beginner=["Basics", "Left joins", "Inner joins"]),
    "six_distinct_errors": lambda: quality.of_catalog(with_first(mistake=f"{MISTAKES[1].upper()}.")),
    "impacts_vary": lambda: quality.of_catalog(
        ErrorCatalog(errors=[one.model_copy(update={"impact": "Minor"}) for one in CATALOG.errors])
    ),
    "weak_likelier": lambda: quality.of_catalog(with_first(likelihood_weak_makes=0.05)),
    "short_hints": lambda: quality.of_catalog(with_first(match_hint="h" * 101)),
    "contains_no_error": lambda: posed(context=f"{CHALLENGE.context} {MISTAKES[2].lower()}"),
    "distinct_requirements": lambda: posed(requirements=["One row", "one row.", "No NULL", "Named"]),
    "gives_context": lambda: posed(context="Two tables."),
    "three_sections": lambda: answered(play.STRONG_ANSWER.replace("## Checks", "Checks")),
    "answers_at_length": lambda: answered("## Approach\nJoin.\n## Answer\nSELECT 1\n## Checks\nRun."),
    "not_the_task_again": lambda: answered(f"{play.STRONG_ANSWER}\n{CHALLENGE.question_text.upper()}"),
    "evidence_quoted": lambda: judged(evidence=["LEFT JOIN payments"]),
    "only_catalogued_errors": lambda: quality.of_judgement(JUDGEMENT, play.WEAK_ANSWER, ["something else"]),
    "score_fits": lambda: judged(quality_score=2),
    "level_as_chosen": lambda: exercise(level="Beginner"),
    "kind_as_challenged": lambda: exercise(artifact="prose"),
    "one_error_a_line": lambda: exercise(content=[" ".join(f"<<{one}>>" for one in play.ERRORS)]),
    "gives_nothing_away": lambda: exercise(content=[*EXERCISE.content, "-- This join is WRONG."]),
    "descriptions_differ": lambda: exercise(
        errors=[one.model_copy(update={"description": "Wrong. "}) for one in EXERCISE.errors]
    ),
}


def test_good_output_passes_every_check():
    assert [check.name for checks in GOOD for check in checks if not check.passed] == []
    assert {check.name for checks in GOOD for check in checks} == set(SEES)


@pytest.mark.parametrize("name", SEES)
def test_a_check_sees_what_it_is_for_and_nothing_else(name: str):
    assert [check.name for check in SEES[name]() if not check.passed] == [name]

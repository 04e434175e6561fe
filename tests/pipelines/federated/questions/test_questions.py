"""Questions over the sample world: every answer equals the one that the generator knows."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from core.models import planner
from levada.v1 import event_pb2 as events
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.run_pb2 import ANALYSIS_NONE, RunOptions
from tests.pipelines.federated.house import SpreadHouse, rows
from tests.pipelines.federated.questions.answers import Row, Truth
from tests.pipelines.federated.questions.of_feedback import OF_FEEDBACK
from tests.pipelines.federated.questions.of_talk import OF_TALK
from tests.pipelines.federated.questions.of_visits import OF_VISITS
from tests.pipelines.federated.questions.plain import PLAIN

# Several servers and the shop are set up before the first question.
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(400)]
PLANNED = OF_FEEDBACK | OF_VISITS | OF_TALK
QUIETLY = RunOptions(analyze=ANALYSIS_NONE)


def told(found: Sequence[Row]) -> list[Row]:
    """Return *found* as it can be compared: in an order of its own, numbers as they are worth."""
    return sorted((tuple(_value(one) for one in row) for row in found), key=repr)


def _value(one: Any) -> Any:
    try:
        return round(float(Decimal(str(one))), 6)
    except ArithmeticError:
        return one


@pytest.mark.parametrize("question", PLAIN)
async def test_a_question_is_answered_without_a_language_model(house: SpreadHouse, truth: Truth, question: str):
    house.catalog.at_hand = planner()
    seen = await house.ask(question, sources=[], options=QUIETLY)
    assert seen.end.outcome == events.OUTCOME_ANSWERED, seen.end
    assert len({one.source for one in seen.one("sources_selected").sources}) > 1
    assert told(rows(seen)) == told(PLAIN[question](truth))


@pytest.mark.parametrize("question", PLANNED)
async def test_a_question_is_answered_by_a_plan(house: SpreadHouse, truth: Truth, question: str):
    plan, answer = PLANNED[question]
    house.plans(plan)
    asked = dict.fromkeys(operation.source for operation in plan.operations if operation.source)
    seen = await house.ask(question, sources=list(asked), options=QUIETLY)
    assert seen.end.outcome == events.OUTCOME_ANSWERED, seen.end
    expected = answer(truth)
    assert expected
    assert told(rows(seen)) == told(expected)


async def test_there_are_forty_questions():
    assert len(PLAIN) + len(PLANNED) >= 40


async def test_what_is_named_and_can_t_be_brought_in_is_not_passed_over(house: SpreadHouse):
    house.catalog.at_hand = planner()
    seen = await house.ask("How many customers with newsletter wrote feedback?", sources=["shop", "reviews"])
    assert seen.kinds[-1] == "failed"
    assert seen.end.reason == ErrorReason.ERROR_REASON_QUESTION_NOT_UNDERSTOOD
    assert "feedback" in seen.end.message

"""Without a language model: which sources a question is taken to need, and its answer over sources read as one."""

import pytest

from core.models import planner
from levada.v1 import event_pb2 as events
from tests.pipelines.federated.house import SpreadHouse, rows

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    ("question", "sources"),
    [
        ("How many customers are there in each country?", ["crm"]),
        ("How many tickets have customers from Norway?", ["support", "crm"]),
        ("What is the total amount of the orders of each country?", ["sales", "crm"]),
        ("How many tickets are late?", ["support"]),
        ("Anything new?", ["crm"]),
    ],
)
async def test_the_sources_that_know_a_questions_words_are_chosen(
    house: SpreadHouse, question: str, sources: list[str]
):
    house.plans("Not now.")
    seen = await house.ask(question, sources=[])
    assert sorted(one.source for one in seen.one("sources_selected").sources) == sorted(sources)
    assert all(one.cause for one in seen.one("sources_selected").sources)


async def test_a_question_over_two_sources_is_answered_without_a_model(house: SpreadHouse):
    house.catalog.at_hand = planner()
    seen = await house.ask("How many tickets are there by country of the customer?", sources=["support", "crm"])
    assert seen.end.outcome == events.OUTCOME_ANSWERED, seen.end
    assert sorted((country, n) for country, n in rows(seen)) == [("Japan", 3), ("Norway", 1)]

"""Several queries for one question, over the harbour: the result that most agree on wins, and it is said."""

import pytest

from core.errors import InvalidRequest
from core.models.base import Probe
from core.models.scripted_language import Answer
from core.pipelines.answering.candidates import result
from levada.v1 import event_pb2 as events
from tests.pipelines.query.house import House, Seen

SORTED = Answer(value={"cause": "One figure.", "intent": "simple", "question": "?"}, key="answering/classify")
COUNT = "SELECT count(*) AS ships FROM ships"
SAME = "SELECT count(ship_id) AS number_of_ships FROM ships"
OTHER = "SELECT count(*) AS calls FROM calls"


def written(sql: str) -> Answer:
    return Answer(value={"explanation": "Read so.", "sql": sql, "confidence": 1, "missing": ""}, key="answering/nl2sql")


async def ask(house: House, *answers: Answer | str, candidates: int = 3) -> Seen:
    house.speaks(SORTED, *answers)
    return await house.ask("How many ships?", options={"candidates": candidates, "dry_run": True})


async def test_the_result_that_most_queries_give_wins_over_the_first(house: House):
    seen = await ask(house, written(OTHER), written(COUNT), written(SAME))
    assert seen.one("query_proposed").text == COUNT
    assert round(seen.one("query_proposed").confidence, 2) == 0.67
    assert "2 of 3 queries that were written for it give the same result" in seen.text(events.CHANNEL_EXPLANATION)
    assert (
        seen.text(events.CHANNEL_SQL)
        == f"{OTHER}\n-- Another query was chosen, for most of them give its result:\n{COUNT}"
    )


async def test_the_first_stays_when_it_is_as_good_as_any(house: House):
    seen = await ask(house, written(COUNT), written(SAME))
    assert seen.text(events.CHANNEL_SQL) == COUNT
    seen = await ask(house, written(OTHER), written(COUNT), candidates=2)
    assert seen.one("query_proposed").text == OTHER
    assert "no two give the same result" in seen.text(events.CHANNEL_EXPLANATION)


async def test_queries_that_do_not_work_or_would_change_data_have_no_vote(house: House):
    seen = await ask(house, written("DROP TABLE ships"), written("DROP TABLE ships"), written(COUNT))
    assert seen.one("query_proposed").text == COUNT
    assert "Of 3 queries that were written for it only this one works" in seen.text(events.CHANNEL_EXPLANATION)


async def test_when_none_works_the_first_is_mended(house: House):
    seen = await ask(
        house, written("SELECT count(*) FROM shipz"), written("SELECT nothing"), written("DROP TABLE ships")
    )
    assert [proposed.author for proposed in seen.all("query_proposed")] == ["scripted", "repair"]
    assert seen.end.outcome == events.OUTCOME_PLANNED


async def test_calls_that_fail_take_nothing_from_those_that_do_not(house: House):
    seen = await ask(house, written(COUNT), Answer(fails="unavailable"), "prose", "prose")
    assert seen.one("query_proposed").text == COUNT


async def test_the_order_of_columns_and_rows_is_no_disagreement(house: House):
    one, two = (
        "SELECT flag, name FROM ships ORDER BY 1",
        "SELECT name AS ship, flag AS country FROM ships ORDER BY 1 DESC",
    )
    seen = await ask(house, written(OTHER), written(one), written(two))
    assert seen.one("query_proposed").text == one


def test_the_same_figures_under_other_names_are_another_answer():
    north_and_south, swapped, turned = [("n", 1), ("s", 2)], [("n", 2), ("s", 1)], [("2.0", "s"), ("1", "n")]
    assert result(Probe(north_and_south)) == result(Probe(turned))
    assert result(Probe(north_and_south)) != result(Probe(swapped))


async def test_a_model_that_breaks_off_leaves_it_to_the_planner(house: House):
    seen = await ask(house, Answer(fails="unavailable"))
    assert [proposed.author for proposed in seen.all("query_proposed")] == ["offline"]


@pytest.mark.parametrize("candidates", [-1, 6])
async def test_more_than_five_are_refused_before_a_run_is_made(house: House, candidates: int):
    with pytest.raises(InvalidRequest) as refused:
        await house.create("How many ships?", options={"candidates": candidates})
    assert list(refused.value.violations) == ["options.candidates"]

"""The story of a question over several sources in order: every step, what it says, and the ways it can end."""

import asyncio
from pathlib import Path

import pytest

from core.pipelines.answering import asking
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import ANALYSIS_NONE, RunOptions
from tests.pipelines.federated.house import STEPS, SpreadHouse, rows
from tests.pipelines.federated.world import BY_COUNTRY

pytestmark = pytest.mark.asyncio(loop_scope="module")
REVENUE = [("Norway", "125.75"), ("Japan", "70.00")]


async def test_a_question_goes_through_all_steps_in_order(house: SpreadHouse):
    house.plans(BY_COUNTRY)
    seen = await house.ask("Revenue by country?")
    assert seen.end.outcome == events.OUTCOME_ANSWERED, seen.end
    assert [step for step in seen.steps if "/" not in step] == STEPS
    assert {step for step in seen.steps if "/" in step} == {"execute_operations/customers", "execute_operations/orders"}
    assert rows(seen) == REVENUE
    assert "Norway" in seen.end.summary


async def test_values_that_are_not_known_in_time_are_told_as_names_may_not_be_recognised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(asking, "INDEX_SECONDS", 0)
    async with SpreadHouse(tmp_path) as house:
        house.plans(BY_COUNTRY)
        monkeypatch.setattr(house.catalog, "indexed", lambda *_: asyncio.Event().wait())
        seen = await house.ask("Revenue by country?", sources=[])
    for step in ("classify_sources", "search_schemas", "plan"):
        told = [event.step_progressed for event in seen.events if event.step == step]
        assert any(one.lasting and "may not be recognised" in one.message for one in told), told


async def test_rows_are_joined_exactly_though_keys_are_text_in_one_place_and_numbers_in_another(house: SpreadHouse):
    house.plans(BY_COUNTRY)
    seen = await house.ask(options=RunOptions(analyze=ANALYSIS_NONE))
    assert rows(seen) == REVENUE

"""A run that goes on from any step's checkpoint ends the same way, and no step that is done is done again."""

import asyncio
from pathlib import Path

import pytest

from core.models import planner
from core.pipelines.query import answer
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunOptions
from tests.pipelines.query.house import House, draft
from tests.pipelines.query.replay import Replay

SQL = "SELECT flagg, count(*) AS n FROM ships GROUP BY flagg"
PATHS = [
    "classify_intent",
    "fetch_context",
    "generate_sql",
    "validate_sql",
    "analyze_error",
    "validate_sql#2",
    "execute_sql",
    "analyze_results",
    "generate_viz",
]


@pytest.mark.parametrize("last", PATHS)
async def test_a_run_goes_on_after_its_last_completed_step(house: House, last: str):
    house.plays(draft(SQL))
    first = Replay(house)
    whole = await answer(first)
    assert list(first.checkpoints) == PATHS
    kept = {path: first.checkpoints[path] for path in PATHS[: PATHS.index(last) + 1]}
    house.plays(*([] if "generate_sql" in kept else [draft(SQL)]))
    second = Replay(house, kept)
    again = await answer(second)
    assert (again.outcome, again.summary) == (whole.outcome, whole.summary)
    assert second.done == PATHS[PATHS.index(last) + 1 :]


async def test_a_step_that_is_the_first_of_its_server_knows_where_the_data_ends(tmp_path: Path, harbour_url: str):
    question = "How many calls were there in the last month?"
    async with House(tmp_path, harbour_url, planner()) as house:
        first = Replay(house, question=question)
        await answer(first)
    kept = {path: first.checkpoints[path] for path in ("classify_intent", "fetch_context")}
    async with House(tmp_path, harbour_url, planner()) as house:
        second = Replay(house, kept, question=question)
        await answer(second)
    assert second.checkpoints["generate_sql"] == first.checkpoints["generate_sql"]


async def test_a_server_that_stops_while_a_person_is_asked_goes_on_with_the_answer(tmp_path: Path, harbour_url: str):
    async with House(tmp_path, harbour_url) as house:
        house.plays(draft("SELECT count(*) AS n FROM ships"))
        run = await house.create(options=RunOptions(require_approval=True))
        asked = (await house.watch(run, "input_requested")).one("input_requested")
    async with House(tmp_path, harbour_url) as house:
        await house.respond(run, input_id=asked.input_id, decision=events.DECISION_APPROVE)
        seen = await house.watch(run)
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert seen.steps.count("generate_sql") == 1
    assert len(seen.all("input_requested")) == 1


async def test_a_run_that_went_on_elsewhere_is_found_by_similar_questions(tmp_path: Path, harbour_url: str):
    async with House(tmp_path, harbour_url) as house:
        house.plays(draft("SELECT count(*) AS n FROM ships"))
        run = await house.create("How many ships are there?", options=RunOptions(require_approval=True))
        asked = (await house.watch(run, "input_requested")).one("input_requested")
    async with House(tmp_path, harbour_url) as house:
        await house.respond(run, input_id=asked.input_id, decision=events.DECISION_APPROVE)
        await house.watch(run)
        house.plays(draft("SELECT count(*) AS n FROM ships"))
        seen = await house.ask("How many ships are there now?")
    assert list(seen.one("schema_matched").similar_questions) == ["How many ships are there?"]


async def test_a_server_that_stops_in_the_middle_of_a_query_runs_it_again_elsewhere(tmp_path: Path, harbour_url: str):
    endless = "SELECT count(*) AS n FROM calls a JOIN calls b ON a.fee <> b.fee + 1 JOIN calls c ON b.fee <> c.fee + 1 "
    endless += "JOIN calls d ON c.fee <> d.fee + 1 JOIN calls e ON d.fee <> e.fee + 1"
    async with House(tmp_path, harbour_url) as house:
        house.plays(draft(endless))
        run = await house.create()
        await house.watch(run, "operation_started")
    async with House(tmp_path, harbour_url, query_seconds=0.2) as house:
        async with asyncio.timeout(60):
            seen = await house.watch(run)
    assert seen.steps.count("generate_sql") == 1
    assert max(event.attempt for event in seen.events if event.step == "execute_sql") == 2

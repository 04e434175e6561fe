"""Research that a server's end cuts in the middle of a query goes on, and asks no model what it said before."""

import asyncio
from collections import Counter
from contextlib import aclosing
from pathlib import Path

import pytest

from core.errors import SourceUnavailable
from core.identity import LOCAL
from core.models import planner
from core.settings import Limits
from core.sources.base import CheckedQuery
from levada.v1.event_pb2 import CHANNEL_REPORT, Event
from levada.v1.run_pb2 import RunOptions
from tests.pipelines.federated.faults import watch
from tests.pipelines.query import harbour
from tests.pipelines.query.house import House, Seen
from tests.pipelines.research.play import steps
from tests.pipelines.research.test_prompted import (
    BY_FLAG,
    TONNES,
    asks,
    enough,
    finds,
    outline,
    plan,
    planned,
    query,
    writes,
)

ONE_AT_ONCE = RunOptions(breadth=1)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(harbour.write(tmp_path / "harbour.db"))


def hangs_at(house: House, words: str) -> None:
    """Have queries with *words* never end; what is looked up beside them does."""

    async def before(asked: CheckedQuery) -> None:
        if asked.row_limit == Limits().default_rows and words in asked.text.casefold():
            await asyncio.Event().wait()

    watch(house.catalog._sources, "default", before)


def whole(seen: Seen) -> None:
    assert seen.kinds[-1] == "completed", seen.end
    done = Counter(event.step for event in seen.events if event.WhichOneof("payload") == "step_completed")
    assert set(done.values()) == {1}


async def until_asked(house: House, run_id: str, step: str) -> None:
    """Return once the query of *step* has begun."""
    told = []
    async with asyncio.timeout(60), aclosing(house.engine.watch(LOCAL, run_id, 0)) as batches:
        async for batch in batches:
            told += [event.step for event in map(Event.FromString, batch) if event.HasField("operation_started")]
            if step in told:
                return
    raise AssertionError(told)


async def test_a_model_s_task_goes_on_after_the_questions_that_were_answered(tmp_path: Path, url: str):
    first, second = "Counted [cargo-1.q1].", "By flag [cargo-2.q1]."
    async with House(tmp_path, url) as house:
        house.speaks(
            plan(planned("cargo")), asks("How many tonnes?"), *query(TONNES), asks("By flag?"), *query(BY_FLAG)
        )
        hangs_at(house, "flag")
        run_id = await house.create("What comes?", pipeline="research", options=ONE_AT_ONCE)
        await until_asked(house, run_id, "iteration-1/cargo/cargo-2/execute_sql")
    async with House(tmp_path, url) as house:
        model = house.speaks(finds(f"{first} {second}"), enough(), outline(first), writes(f"{first} {second}"))
        seen = await house.watch(run_id)
    whole(seen)
    assert [prompt.key.partition("@")[0] for prompt in model.asked if prompt.key.startswith("research/")] == [
        "research/research_task",
        "research/research_reflect",
        "research/research_outline",
        "research/research_report",
    ]
    assert steps(seen.events).count("plan") == 1


async def test_a_question_that_failed_before_a_crash_is_not_taken_for_those_after_it(tmp_path: Path, url: str):
    async def before(asked: CheckedQuery) -> None:
        if "sum(" in asked.text.casefold():
            raise SourceUnavailable("The harbour can't be reached.")
        if "count(*)" in asked.text.casefold() and "flag" not in asked.text:
            await asyncio.Event().wait()

    three = asks("How many tonnes?", "By flag?", "How many ships?")
    ships = query("SELECT count(*) AS ships FROM ships")
    async with House(tmp_path, url) as house:
        house.speaks(plan(planned("cargo")), three, *query(TONNES), *query(BY_FLAG), *ships)
        watch(house.catalog._sources, "default", before)
        run_id = await house.create("What comes?", pipeline="research", options=ONE_AT_ONCE)
        await until_asked(house, run_id, "iteration-1/cargo/cargo-3/execute_sql")
    said = "By flag [cargo-2.q1]."
    async with House(tmp_path, url) as house:
        model = house.speaks(finds(said), enough(), outline(said), writes(said))
        seen = await house.watch(run_id)
    whole(seen)
    turn = next(prompt for prompt in model.asked if prompt.key.startswith("research/research_task"))
    told = [one.text for one in turn.messages if one.role == "tool"]
    assert "can't be reached" in told[0]
    assert told[1].startswith('[cargo-2.q1] "By flag?"')
    assert told[2].startswith('[cargo-3.q1] "How many ships?"')


async def test_what_another_try_asks_has_ids_of_its_own(tmp_path: Path, url: str):
    failures = [SourceUnavailable("The harbour can't be reached.")]

    async def before(asked: CheckedQuery) -> None:
        if failures and asked.row_limit == Limits().default_rows:
            raise failures.pop()

    async with House(tmp_path, url, planner()) as house:
        watch(house.catalog._sources, "default", before)
        tasks = [{"task_id": "flags", "objective": "How many ships by flag?", "retries": 1}]
        seen = await house.ask("Look", pipeline="research", research={"tasks": tasks})
    whole(seen)
    assert [one.query_id for one in seen.all("query_proposed")] == ["flags.q1", "flags--2.q1"]
    report = next(one.text for one in seen.all("text_completed") if one.channel == CHANNEL_REPORT)
    assert "[flags--2.q1]" in report
    assert "| flags--2.q1 |" in report


async def test_without_a_model_the_tasks_beside_it_are_not_done_again(tmp_path: Path, url: str):
    async with House(tmp_path, url, planner()) as house:
        hangs_at(house, "ships")
        run_id = await house.create("How do tonnes develop?", pipeline="research", options=ONE_AT_ONCE)
        await until_asked(house, run_id, "iteration-1/t2/execute_sql")
    async with House(tmp_path, url, planner()) as house:
        asked = watch(house.catalog._sources, "default")
        seen = await house.watch(run_id)
    whole(seen)
    assert not [one for one in asked.asked if one.row_limit == Limits().default_rows and "ships" not in one.text]
    report = next(one.text for one in seen.all("text_completed") if one.channel == CHANNEL_REPORT)
    assert "[t1.q1]" in report
    assert "[t2.q1]" in report

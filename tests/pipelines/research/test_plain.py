"""Research without a model over data that nobody described, and over documents."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from core.models import planner
from core.settings import SourceSettings
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.event_pb2 import CHANNEL_EXPLANATION, CHANNEL_REPORT
from levada.v1.run_pb2 import RunOptions
from tests.pipelines.query import harbour
from tests.pipelines.query.house import House, Seen

HANDBOOK = """# Handbook

## Mooring

Ships moor at the north pier. The pilot boards two miles out.

## Dues

What a ship owes is payable within 14 days.
"""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house over the harbour and its handbook."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "handbook.md").write_text(HANDBOOK, "utf-8")
    url = str(harbour.write(tmp_path / "harbour.db"))
    made = House(tmp_path, url, planner())
    sources = {"harbour": SourceSettings(url=url), "handbook": SourceSettings(url=f"knowledge:///{folder}")}
    made.settings = made.settings.model_copy(update={"source": "", "sources": sources})
    async with made:
        yield made


def said(seen: Seen, channel: int) -> str:
    return next(one.text for one in seen.all("text_completed") if one.channel == channel)


async def test_a_column_that_the_objective_names_is_a_figure(house: House):
    seen = await house.ask("How does cargo in tonnes develop?", pipeline="research")
    assert seen.kinds[-1] == "completed", seen.end
    assert [one.objective for one in seen.all("task_planned")] == [
        "Total tonnes by month",
        "Total tonnes by month and ship",
    ]
    assert "Words that say nothing here: does, cargo." in said(seen, CHANNEL_EXPLANATION)


async def test_a_break_that_all_have_in_common_is_not_blamed_on_one(house: House):
    seen = await house.ask("What stands out in tonnes, and why?", pipeline="research")
    conclusion = said(seen, CHANNEL_REPORT).partition("\n## ")[0]
    total = sum(row[4] for row in harbour.calls() if row[3] == harbour.OUTLIER.isoformat())
    assert f"{total:,.0f} in June 2024" in conclusion
    assert not any(ship in conclusion for _, ship, *_ in harbour.SHIPS)


def inspect(path: Path) -> None:
    """Add inspections of each ship's crane to the harbour at *path*, passed each day of May 2024, failed in June."""
    days = [f"2024-{month:02}-{day:02}" for month in (5, 6) for day in range(1, 31)]
    failed = ("failed", "Crane overload")
    rows = [
        (ship, day, *(failed if day >= "2024-06" else ("passed", None))) for ship, *_ in harbour.SHIPS for day in days
    ]
    with closing(sqlite3.connect(path)) as database:
        database.execute(
            "CREATE TABLE inspections (inspection_id INTEGER PRIMARY KEY, ship_id INTEGER REFERENCES ships (ship_id), "
            "inspected DATE NOT NULL, result TEXT NOT NULL, fault TEXT)"
        )
        database.executemany("INSERT INTO inspections (ship_id, inspected, result, fault) VALUES (?, ?, ?, ?)", rows)
        database.commit()


async def test_what_else_happened_is_looked_at_for_the_one_that_the_objective_names(tmp_path: Path):
    path = harbour.write(tmp_path / "harbour.db")
    inspect(path)
    async with House(tmp_path, str(path), planner()) as house:
        seen = await house.ask("Why did tonnes of Aurora rise?", pipeline="research")
    assert seen.kinds[-1] == "completed", seen.end
    _, _, happened, details, *_ = said(seen, CHANNEL_REPORT).split("\n\n")
    assert happened.startswith(
        "In June 2024, 30 of 30 inspections of Aurora had the result “failed” (100.0 %), against 0 of 30 (0.0 %) in "
        "the month before ["
    )
    assert details.startswith("Of these 30 failed inspections, 30 have the fault “Crane overload” [")
    assert "ship" not in details


async def test_a_month_without_rows_is_told_and_no_calm_made_of_it(tmp_path: Path):
    path = harbour.write(tmp_path / "harbour.db")
    with closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM calls WHERE ship_id = 1 AND arrived LIKE '2024-03-%'")
        database.execute("UPDATE calls SET tonnes = tonnes / 10 WHERE arrived LIKE '2024-06-%'")
        database.commit()
    async with House(tmp_path, str(path), planner()) as house:
        seen = await house.ask("What happened to tonnes of Aurora in 2024?", pipeline="research")
        before = await house.ask("What happened to tonnes of Aurora in 2023?", pipeline="research")
    told = said(seen, CHANNEL_REPORT).partition("\n## ")[0]
    assert "Aurora: 1 month in between has no tonnes at all, the first after February 2024 [t1.q1]." in told
    assert "Nothing that was looked at" not in told
    told = said(before, CHANNEL_REPORT).partition("\n## ")[0]
    assert "no tonnes at all" not in told
    assert "Nothing that was looked at breaks its pattern" in told


async def test_who_brings_most_is_looked_at_where_nothing_broke(house: House):
    seen = await house.ask("What drives fees?", pipeline="research")
    added = [(one.objective, one.parent, one.cause) for one in seen.all("task_planned") if one.iteration]
    assert added == [("Total fee of “Dorado” by month", "t2", "Dorado brings most.")]


@pytest.mark.parametrize("sources", [[], ["handbook"]])
async def test_what_only_documents_know_is_quoted_with_its_place(house: House, sources: list[str]):
    seen = await house.ask("Where does the pilot board?", pipeline="research", sources=sources)
    assert seen.kinds[-1] == "completed", seen.end
    report = said(seen, CHANNEL_REPORT)
    assert "> Ships moor at the north pier. The pilot boards two miles out.\n\n— handbook.md, line 5 [t1.p1]" in report
    assert "no language model is configured" in report
    assert "| t1.p1 | handbook.md, line 5 | Handbook > Mooring |" in report


async def test_what_nothing_knows_is_refused(house: House):
    seen = await house.ask("Research AI in healthcare", pipeline="research")
    assert seen.end.reason == reasons.ERROR_REASON_QUESTION_NOT_UNDERSTOOD


async def test_tasks_may_ask_data_and_documents_side_by_side(house: House):
    tasks = [
        {"task_id": "count", "objective": "How many ships are there?", "sources": ["harbour"]},
        {"task_id": "rules", "objective": "Where does the pilot board?"},
    ]
    seen = await house.ask("The harbour", research={"tasks": tasks})
    assert seen.kinds[-1] == "completed", seen.end
    assert "[count.q1]" in said(seen, CHANNEL_REPORT)
    assert "[rules.p1]" in said(seen, CHANNEL_REPORT)
    (summary,) = [
        event.step_completed.summary
        for event in seen.events
        if event.step == "iteration-1/rules" and event.HasField("step_completed")
    ]
    assert summary == "Ships moor at the north pier. The pilot boards two miles out."


async def test_a_query_that_needs_approval_where_nobody_is_asked_is_told_as_that(house: House):
    tasks = [{"task_id": "count", "objective": "How many ships are there?", "sources": ["harbour"]}]
    options = RunOptions(require_approval=True, interactive=False)
    seen = await house.ask("The harbour", research={"tasks": tasks}, options=options)
    assert seen.end.reason == reasons.ERROR_REASON_TASKS_FAILED
    assert "Its query has to be approved, and this run asks nobody." in seen.end.message
    assert "several ways" not in seen.end.message


async def test_documents_answer_a_task_only_where_it_may_ask_them_and_they_are_clearly_about_it(house: House):
    tasks = [
        {"task_id": "pilot", "objective": "Where does the pilot board?", "sources": ["harbour"]},
        {"task_id": "wine", "objective": "Which wine does a pilot drink?"},
        {"task_id": "pier", "objective": "Where do ships moor, at which pier?"},
    ]
    seen = await house.ask("The harbour", research={"tasks": tasks})
    assert seen.end.message.startswith("2 of 3 tasks failed: ")
    assert "1 completed (pier)" in seen.end.message
    assert "[pier." in said(seen, CHANNEL_REPORT)
    assert "pilot.p1" not in said(seen, CHANNEL_REPORT) and "wine.p1" not in said(seen, CHANNEL_REPORT)

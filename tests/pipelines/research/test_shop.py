"""Research of the sample shop without a model: it finds what was planted, says its cause, and every figure is right."""

import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from core.models import planner
from core.sources.sample.goods import TROUBLE
from core.sources.sample.shop import chunks
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.event_pb2 import CHANNEL_ANSWER, CHANNEL_EXPLANATION, CHANNEL_REPORT, FINDING_KIND_OUTLIER
from levada.v1.run_pb2 import RunOptions
from tests.pipelines.query.house import House, Seen
from tests.pipelines.research.play import payloads, steps

REVENUE = """
    SELECT {part}, sum(quantity * CAST(round(unit_price * 100) AS INTEGER)) / 100.0
    FROM order_items
    JOIN orders USING (order_id) JOIN products USING (product_id) JOIN customers USING (customer_id)
    JOIN countries USING (country_id) JOIN categories USING (category_id)
    WHERE orders.status <> 'cancelled' GROUP BY 1
"""


@pytest.fixture(scope="module")
def revenue(shop_file: Path) -> dict[str, float]:
    """Revenue by month, country, category and in all, which tests of the shop hold against the generator's rows."""
    found: dict[str, float] = {}
    with closing(sqlite3.connect(f"file:{shop_file}?mode=ro", uri=True)) as database:
        for part in ("substr(ordered_at, 1, 7)", "countries.name", "categories.name", "'all'"):
            found |= dict(database.execute(REVENUE.format(part=part)).fetchall())
    return found


@pytest.fixture(scope="module")
def deliveries() -> Counter[tuple[str, str]]:
    """Deliveries of the troubled supplier by (month, outcome), from the generator's rows."""
    found: Counter[tuple[str, str]] = Counter()
    for chunk in chunks():
        suppliers = {row[0]: row[1] for row in chunk.get("suppliers", ())}
        for _, supplier, _, _, _, status, _, due, _ in chunk.get("supply_deliveries", ()):
            if suppliers[supplier] == TROUBLE.supplier:
                found[due[:7], status] += 1
        return found
    raise AssertionError("the generator made nothing")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, shop_file: Path) -> AsyncIterator[House]:
    async with House(tmp_path_factory.mktemp("research"), model=planner(), shop=shop_file) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def why(house: House) -> Seen:
    return await house.ask("Why did revenue drop in autumn 2025?", pipeline="research")


def report(seen: Seen) -> str:
    return next(one.text for one in seen.all("text_completed") if one.channel == CHANNEL_REPORT)


def conclusion(seen: Seen) -> str:
    return report(seen).partition("\n## ")[0]


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_it_ends_well_and_says_how_it_read_the_objective(why: Seen):
    assert why.kinds[-1] == "completed", why.end
    said = next(one.text for one in why.all("text_completed") if one.channel == CHANNEL_EXPLANATION)
    assert said.startswith("Read as: revenue in shop, by month,")
    assert said.endswith("above all September 2025 to November 2025.")


def test_it_finds_the_planted_anomaly(why: Seen):
    """The troubled category in its country, while its deliveries failed."""
    said = conclusion(why)
    assert TROUBLE.category in said
    assert TROUBLE.country in said
    assert "breaks its pattern in September 2025 to November 2025" in said


def test_it_says_the_cause(why: Seen, deliveries: Counter[tuple[str, str]]):
    said = conclusion(why)
    assert TROUBLE.supplier in said
    assert TROUBLE.problem in said
    autumn = ("2025-09", "2025-10", "2025-11")
    summer = ("2025-06", "2025-07", "2025-08")
    failed, all_ = (sum(deliveries[month, "failed"] for month in autumn), _sum(deliveries, autumn))
    before, all_before = (sum(deliveries[month, "failed"] for month in summer), _sum(deliveries, summer))
    match = re.search(r"([\d,]+) of ([\d,]+) supply deliveries .*?, against ([\d,]+) of ([\d,]+) ", said)
    assert match
    assert [number(group) for group in match.groups()] == [failed, all_, before, all_before]
    assert f"{failed} have the problem “{TROUBLE.problem}”" in said


def _sum(deliveries: Counter[tuple[str, str]], months: tuple[str, ...]) -> int:
    return sum(count for (month, _), count in deliveries.items() if month in months)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_time_that_nothing_broke_in_is_compared_with_the_one_before_and_no_other_is_told(
    house: House, revenue: dict[str, float]
):
    seen = await house.ask("Why did revenue change in 2026?", pipeline="research")
    assert seen.kinds[-1] == "completed", seen.end
    said = conclusion(seen)
    assert "Nothing that was looked at breaks its pattern between January 2026 and December 2026." in said
    assert TROUBLE.category not in said
    for year, months in (("2026", "January 2026 to June 2026"), ("2025", "January 2025 to December 2025")):
        amount = sum(value for month, value in revenue.items() if month.startswith(year))
        assert f"Total revenue from {months} is {amount:,.0f} EUR" in said


@pytest.mark.parametrize(
    "objective",
    [
        "Why did sales fall in Germany?",
        "What is wrong with espresso machines?",
        "Why did Macchine Lario sell less?",
        "Which supplier causes trouble?",
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_who_where_and_why_are_named_whatever_the_objective_begins_with(house: House, objective: str):
    seen = await house.ask(objective, pipeline="research")
    assert seen.kinds[-1] == "completed", seen.end
    said = conclusion(seen)
    for named in (TROUBLE.supplier, TROUBLE.problem, f"warehouse city “{TROUBLE.warehouse}”"):
        assert named in said
    assert "department" not in said  # the category has but one
    assert not re.search(r"(\b[^:\n]+): \1:", report(seen))


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_under_way_as_the_data_ends_is_not_taken_for_a_break(house: House):
    seen = await house.ask("Analyse orders", pipeline="research")
    assert seen.kinds[-1] == "completed", seen.end
    assert "shipped" not in conclusion(seen)
    assert "in transit" not in conclusion(seen)


def test_that_it_happened_at_the_same_time_is_not_passed_off_as_proof(why: Seen):
    assert "not proof of a cause" in conclusion(why)


def test_its_figures_are_those_of_the_shop(why: Seen, revenue: dict[str, float]):
    figures = [(one.query_id, figure) for one in why.all("finding") for figure in one.figures]
    said = {(query, figure.name, figure.label): figure.value for query, figure in figures}
    assert said["t1.q1", "total", ""] == pytest.approx(revenue["all"])
    assert said["t1.q1", "revenue", "December 2025"] == pytest.approx(revenue["2025-12"])
    assert said["t2.q1", "revenue", "Germany"] == pytest.approx(revenue["Germany"])
    assert said["t4.q1", "revenue", "Espresso machines"] == pytest.approx(revenue["Espresso machines"])


def test_every_sentence_with_a_figure_is_cited_with_a_query_that_gave_rows(why: Seen):
    ran = {one.query_id: one for one in why.all("table_started")}
    text = report(why).partition("## Queries")[0]
    for line in text.splitlines():
        cited = re.findall(r"t\d+\.q\d+", " ".join(re.findall(r"\[[^\]]+\]", line)))
        assert cited or not re.search(r"\d", line) or line.startswith("#"), line
        assert set(cited) <= set(ran)
    listed = re.findall(r"^\| (t\d+\.q\d+) \|", report(why), re.MULTILINE)
    assert set(re.findall(r"t\d+\.q\d+", text)) == set(listed)


def test_tasks_are_added_where_findings_call_for_them_and_no_more_than_may_be(why: Seen):
    planned = why.all("task_planned")
    added = Counter(one.iteration for one in planned)
    assert added[0] >= 5
    assert set(added) == {0, 2, 3, 4}
    assert all(count <= 10 for iteration, count in added.items() if iteration)
    parents = {one.task_id: one.parent for one in planned}
    assert all(one.parent in parents and one.cause for one in planned if one.iteration)
    for name in parents:
        chain = [name]
        while parents[chain[-1]]:
            chain.append(parents[chain[-1]])
        assert len(chain) <= 4  # three below a task of the first plan
    completed = {path.rpartition("/")[2] for path in steps(why.events)}
    assert set(parents) <= completed


def test_what_is_found_is_told_as_it_comes(why: Seen):
    told = [event for event in why.events if event.step_progressed.message.startswith("Found: ")]
    assert any(event.step == "iteration-1/t1" and re.search(r"\d", event.step_progressed.message) for event in told)
    outliers = [one for one in why.all("finding") if one.kind == FINDING_KIND_OUTLIER]
    assert outliers
    assert all(re.fullmatch(r"t\d+\.q\d+", one.query_id) for one in why.all("finding"))


def test_a_run_has_one_report_and_no_other_answer(why: Seen):
    channels = Counter(one.channel for one in why.all("text_completed"))
    assert channels[CHANNEL_REPORT] == 1
    assert not channels[CHANNEL_ANSWER]
    assert "follow_ups" not in why.kinds


def test_its_progress_never_falls_and_ends_whole(why: Seen):
    progress = [event.progress for event in why.events]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert len(payloads(why.events, "iteration_completed")) == 4


@pytest.mark.asyncio(loop_scope="module")
async def test_an_objective_is_narrowed_by_the_values_that_it_names(house: House):
    seen = await house.ask("How do sales of lamps develop?", pipeline="research", options=RunOptions(depth=1))
    assert seen.kinds[-1] == "completed", seen.end
    objectives = [one.objective for one in seen.all("task_planned")]
    assert objectives
    assert all("Lamps" in one for one in objectives)
    assert len(seen.all("iteration_completed")) == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_a_question_of_the_data_is_asked_as_it_is_where_it_names_no_figure_to_split(house: House):
    question = "How many customers never ordered?"
    seen = await house.ask(question, pipeline="research", options=RunOptions(depth=1))
    assert seen.kinds[-1] == "completed", seen.end
    assert report(seen)


@pytest.mark.asyncio(loop_scope="module")
async def test_free_text_that_nothing_knows_of_is_refused_with_what_could_be_researched(house: House):
    seen = await house.ask("Research AI in healthcare", pipeline="research")
    assert seen.kinds[-1] == "failed"
    assert seen.end.reason == reasons.ERROR_REASON_QUESTION_NOT_UNDERSTOOD
    assert "revenue" in seen.end.message
    assert "LEVADA_MODEL" in seen.end.message


@pytest.mark.asyncio(loop_scope="module")
async def test_tasks_of_the_caller_s_own_are_asked_of_the_data(house: House):
    tasks = [
        {"task_id": "best", "objective": "Revenue by category"},
        {"task_id": "course", "objective": "Revenue of {best} by month", "depends_on": ["best"]},
    ]
    seen = await house.ask("Look closer", research={"tasks": tasks})
    assert seen.kinds[-1] == "completed", seen.end
    proposed = {one.query_id: one.text for one in seen.all("query_proposed")}
    assert "categories.name = 'Espresso machines'" in proposed["course.q1"]
    assert "[course.q1]" in report(seen)

"""What is said never claims more than the rows show, and says figures as people do."""

import pytest

from core.pipelines.answering.analysis import find
from core.pipelines.answering.analyze import _summary
from core.pipelines.answering.closer import closer
from core.pipelines.answering.results import Digest, Fetched
from tests.pipelines.answering.tabular import statistics_of
from tests.pipelines.query.house import House, draft

NAMES = [(f"Name {number}",) for number in range(5)]


def said(header: str, rows: list, sql: str = "", **more) -> list[str]:
    return [finding.text for finding in find(statistics_of(header, rows, sql), **more)]


def test_a_list_that_its_limit_cut_is_not_all_there_is():
    first = said("full_name text", NAMES, "SELECT full_name FROM staff LIMIT 5")[0]
    assert first.startswith("The first 5 staff are listed, of perhaps more")


def test_a_list_shorter_than_its_limit_is_all_there_is():
    first = said("name text", NAMES, "SELECT name FROM products LIMIT 50")[0]
    assert first.startswith("There are 5 products")


def test_a_truncated_list_is_the_first_of_more():
    first = said("name text", NAMES, "SELECT name FROM products", truncated=True)[0]
    assert first.startswith("The first 5 products are listed and there are more")


def test_one_thing_is_spoken_of_as_one():
    assert said("name text, x text", [("A", "b")] * 1, "SELECT name, x FROM t")[0].startswith("The answer is")


def test_a_limited_ranking_over_years_is_neither_a_course_nor_a_total():
    sql = "SELECT country, substr(d, 1, 4) AS year, sum(a) AS revenue FROM s GROUP BY 1, 2 ORDER BY 3 DESC LIMIT 3"
    rows = [("Germany", "2025", 9.0), ("Germany", "2024", 7.0), ("France", "2025", 5.0)]
    texts = said("country text, year text, revenue float EUR", rows, sql)
    assert texts == ["Germany in 2025 has the highest revenue: 9.00 EUR, 28.6 % more than Germany in 2024 (7.00 EUR)."]


def test_who_grew_most_is_said_as_growth():
    rows = [("Germany", 12.5), ("Portugal", 141.13), ("France", -3.0)]
    first = said("name text, growth of revenue|float|%", rows, "SELECT name, 1 FROM countries GROUP BY name")[0]
    assert first == "Portugal grew most: revenue by +141.1 %, ahead of Germany (+12.5 %)."


def test_the_only_one_asked_for_grew_most():
    sql = "SELECT name, sum(x) FROM countries GROUP BY name ORDER BY 2 DESC LIMIT 1"
    assert said("name text, growth of revenue|float|%", [("Portugal", 141.13)], sql)[0].startswith(
        "Portugal grew most: revenue by 141.1"
    )


def test_percentages_differ_by_points():
    rows = [("Lamps", 8.0), ("Linen", 12.0)]
    assert said("name text, return rate|float|%", rows, "SELECT name, avg(x) FROM c GROUP BY name")[0] == (
        "Linen has the highest return rate: 12 %, 4 percentage points more than Lamps (8 %)."
    )


def test_what_happens_on_weekdays_is_said_so():
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    texts = said("weekday text, orders int", [(day, 10 + place) for place, day in enumerate(days)])
    assert any("highest on Sunday" in text and "lowest on Monday" in text for text in texts)


def test_a_ranking_is_summed_up_by_its_first_before_what_is_odd():
    rows = [(f"C{number}", 10.0 + number / 10) for number in range(9)] + [("Odd", 90.0)]
    sql = "SELECT name, sum(a) AS revenue FROM c GROUP BY name"
    findings = find(statistics_of("name text, revenue float", rows, sql))
    assert findings[0].text.startswith("Odd is unlike")
    assert _summary(Fetched(query_id="q1", rows=10, digest=Digest(findings=findings))).startswith("Odd has the highest")


async def test_columns_that_a_query_leaves_unnamed_never_show_its_text(house: House):
    house.plays(draft("SELECT flag, CAST(100.0 * COUNT(*) AS REAL) / SUM(COUNT(*)) OVER () FROM ships GROUP BY flag"))
    table = (await house.ask()).one("table_started")
    assert [(column.name, column.unit) for column in table.columns] == [("flag", ""), ("share of number of ships", "%")]


async def test_weekdays_arrive_by_name(house: House):
    house.plays(draft("SELECT STRFTIME('%w', arrived), COUNT(*) FROM calls GROUP BY 1"))
    seen = await house.ask()
    assert seen.one("table_started").columns[0].name == "weekday"
    assert "day" in seen.end.summary


MONTHLY = [("2026-01", 100.0), ("2026-02", 80.0), ("2026-03", 120.0)]
BY_MONTH = "SELECT substr(d, 1, 7) AS month, sum(a) AS revenue FROM s GROUP BY 1"


@pytest.mark.parametrize(
    ("why", "first"),
    [
        (
            "Why did revenue drop in March 2026?",
            "Revenue did not drop in March 2026: it rose by 50 %, from 80.00 EUR in February 2026 to 120.00 EUR.",
        ),
        (
            "Why did revenue rise in March 2026?",
            "Revenue rose by 50 % in March 2026, from 80.00 EUR in February 2026 to 120.00 EUR.",
        ),
        (
            "Why was revenue so high in February 2026?",
            "Revenue did not rise in February 2026: it fell by 20 %, from 100.00 EUR in January 2026 to 80.00 EUR.",
        ),
    ],
)
def test_a_why_is_told_first_whether_it_was_so(why: str, first: str):
    assert said("month text, revenue float EUR", MONTHLY, BY_MONTH, why=why)[0] == first


def test_a_why_that_names_no_direction_or_time_takes_nothing_for_granted():
    for why in ("Why is revenue as it is in March 2026?", "Why did revenue drop?"):
        assert not any("did not" in text for text in said("month text, revenue float", MONTHLY, BY_MONTH, why=why))


def test_looking_closer_holds_the_time_asked_about_against_the_one_before():
    statistics = statistics_of("month text, revenue float", MONTHLY, BY_MONTH)
    findings = find(statistics, why="Why did sales in Portugal drop in March 2026?")
    digest = Digest(findings=findings, questions=["Revenue by country"])
    assert next(closer("Sales in Portugal by month", digest)) == (
        "Sales in Portugal by country in February 2026 and March 2026"
    )


def test_of_two_times_the_one_that_changed_most_is_named():
    sql = "SELECT country, substr(d, 1, 7) AS month, sum(a) AS revenue FROM s GROUP BY 1, 2"
    rows = [("Italy", "2026-02", 9.0), ("Italy", "2026-03", 4.0), ("Spain", "2026-02", 5.0), ("Spain", "2026-03", 6.0)]
    texts = said("country text, month text, revenue float EUR", rows, sql)
    assert texts[0].startswith("Italy lost most: revenue went from 9.00 EUR in February 2026 to 4.00 EUR")

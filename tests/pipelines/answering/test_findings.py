"""What is said of a result: what an analyst would say, and nothing that an analyst would laugh at."""

import re
from datetime import date
from decimal import Decimal

import pytest

from core.pipelines.answering.analysis import find
from levada.v1 import event_pb2 as events
from tests.pipelines.answering.tabular import months, statistics_of

GROUPED = "SELECT country, sum(amount) AS revenue FROM sales GROUP BY country"


def said(header: str, rows: list, sql: str = "", **more) -> list[str]:
    return [finding.text for finding in find(statistics_of(header, rows, sql), query_id="q1", **more)]


def every(texts: list[str]) -> str:
    return "\n".join(texts)


def test_shares_extremes_and_total_of_a_figure_by_name():
    texts = said(
        "country text, revenue decimal EUR",
        [("Germany", Decimal("6000.50")), ("Italy", Decimal(3000)), ("Portugal", Decimal("999.50"))],
        GROUPED,
    )
    assert texts[0] == (
        "Germany has the highest revenue: 6,000.50 EUR, 60 % of the total "
        "and 2.0 times as much as Italy (3,000.00 EUR)."
    )
    assert "Total revenue over 3 countries is 10,000 EUR, 3,333.33 EUR on average." in texts
    assert "Portugal has the lowest revenue: 999.50 EUR (10 % of the total); the highest is 6.0 times as much." in texts


def test_averages_are_never_totalled_nor_taken_for_shares():
    texts = said(
        "category text, avg_price float EUR",
        [("Lamps", 117.8), ("Knives", 60.0), ("Towels", 21.5)],
        "SELECT category, avg(price) AS avg_price FROM products GROUP BY category",
    )
    assert not re.search(r"[Tt]otal|%.*of the", every(texts))
    assert texts[0].startswith("Lamps has the highest average price: 117.80 EUR, 96.3 % more than Knives")


def test_different_customers_per_country_are_not_added_up():
    sql = "SELECT product, count(DISTINCT customer_id) AS customers FROM orders GROUP BY product"
    texts = said("product text, customers int", [("A", 10), ("B", 8), ("C", 3)], sql)
    assert "otal" not in every(texts)


def test_identifiers_and_years_are_never_figures():
    texts = said("order_id int, year int", [(number, 2020 + number % 3) for number in range(20)])
    assert not re.search(r"order id (is|ranges)|year (is|ranges)|[Tt]otal", every(texts))


def test_a_limited_list_has_no_total_and_no_lowest():
    sql = "SELECT product, sum(amount) AS revenue FROM sales GROUP BY product ORDER BY 2 DESC LIMIT 3"
    texts = said("product text, revenue float", [("A", 30), ("B", 20), ("C", 10)], sql)
    assert texts == ["A has the highest revenue: 30, 50 % more than B (20)."]


def test_a_season_and_growth_are_no_outliers_but_a_broken_month_is():
    season = [1, 1, 1.2, 1.1, 1, 0.9, 0.8, 0.8, 1, 1.1, 1.5, 2.5]
    rows = [
        (month, 1000 * season[n % 12] * 1.2 ** (n // 12) * (1 + 0.01 * (n % 5)))
        for n, month in enumerate(months(2023, 36))
    ]
    texts = said("month text, revenue float EUR", rows)
    assert "breaks its pattern" not in every(texts)
    rows[33] = ("2025-10", 200.0)
    finding = find(statistics_of("month text, revenue float EUR", rows))[0]
    assert finding.kind == events.FINDING_KIND_OUTLIER
    assert finding.severity == events.SEVERITY_HIGH
    assert "Revenue breaks its pattern in October 2025: 200.00 EUR in October 2025 is" in finding.text
    assert "below October 2024" in finding.text


def test_the_one_country_that_broke_its_pattern_is_named():
    rows = [
        (country, month, size * (1 + 0.02 * (number % 7)) * (0.1 if country == "Spain" and month == "2025-03" else 1))
        for number, month in enumerate(months(2023, 36))
        for country, size in (("Spain", 500.0), ("Italy", 400.0))
    ]
    assert said("country text, month text, revenue float", rows)[0].startswith(
        "Revenue of Spain breaks its pattern in March 2025"
    )


def test_a_year_is_held_against_the_year_before():
    rows = [(month, 100.0 if number < 12 else 130.0) for number, month in enumerate(months(2024, 24))]
    texts = said("month text, orders int", rows)
    year = "The last 12 months (January 2025 to December 2025) bring orders of 1,560, 30 % more than the 12 before"
    assert f"{year} (1,200)." in texts
    assert (
        "Orders in December 2025 is 130, as much as in November 2025 (130) and 30 % more than in December 2024."
        in texts
    )


def test_a_rising_line_is_told_from_no_direction():
    rising = said("day date, visits int", [(date(2025, 1, day), 100 + 10 * day) for day in range(2, 12)])
    assert any(
        text.startswith("Visits rises from 2 January 2025 to 11 January 2025, by about 10 a day") for text in rising
    )
    flat = said("day date, visits int", [(date(2025, 1, day), 100 + day % 2 * 50) for day in range(2, 12)])
    assert any("no clear direction" in text for text in flat)


def test_a_year_that_is_not_over_is_not_compared_with_whole_ones():
    rows = [(2024, 100.0), (2025, 120.0), (2026, 55.0)]
    texts = said("year int, revenue float EUR", rows, as_of=date(2026, 6, 30))
    assert texts[0] == (
        "2026 is not over in the data, which ends on 30 June 2026: revenue so far is 55.00 EUR, "
        "45.8 % of all of 2025 (120.00 EUR)."
    )
    assert "2026 is 55" not in every(texts[1:])
    assert any("20 % more than in 2024" in text for text in texts)


def test_months_without_rows_are_missed():
    rows = [(month, 10.0 + number % 3) for number, month in enumerate(months(2025, 12)) if month != "2025-05"]
    assert any(
        "1 month in between has no orders at all, the first after April 2025." in text
        for text in said("month text, orders int", rows)
    )


@pytest.mark.parametrize(("far", "severity"), [(70, events.SEVERITY_MEDIUM), (400, events.SEVERITY_HIGH)])
def test_a_value_far_from_the_others_is_named_with_its_distance(far, severity):
    rows = [(f"shop {number}", 40 + number % 7) for number in range(20)] + [("shop X", far)]
    finding = next(f for f in find(statistics_of("shop text, orders int", rows)) if "unlike" in f.text)
    assert finding.text.startswith("Shop X is unlike the rest: orders")
    if far > 100:
        assert finding.severity == severity
    assert next(figure for figure in finding.figures if figure.name == "z-score").value > 2


def test_values_that_differ_little_have_no_outliers():
    rows = [(f"shop {number}", 18 + 2 * (number == 3)) for number in range(12)]
    assert "unlike" not in every(said("shop text, orders int", rows))


def test_a_long_tail_is_said_once():
    rows = [(f"p{number}", 10.0) for number in range(60)] + [(f"big{number}", 500.0 + number) for number in range(6)]
    outliers = [text for text in said("product text, revenue float", rows) if "far from the rest" in text]
    assert len(outliers) == 1
    assert outliers[0].startswith("6 of 66 products lie far from the rest in revenue")


def test_one_figure_is_said_exactly():
    assert said("revenue decimal EUR", [(Decimal("578521.70"),)]) == ["The revenue is 578,521.70 EUR."]
    assert said("count(*) int", [(24000,)]) == ["The count is 24,000."]
    assert said("name text, price decimal EUR", [("Lounger", Decimal("249.9"))]) == ["Lounger: price is 249.90 EUR."]


def test_one_name_is_the_answer():
    assert said("name text", [("Meble Sp. z o.o.",)]) == ["The answer is Meble Sp. z o.o."]


def test_a_list_of_names_is_counted_and_begun():
    sql = "SELECT s.name FROM suppliers AS s"
    assert said("name text", [("A",), ("B",), ("C",)], sql) == ["There are 3 suppliers: A, B and C."]
    many = said("name text", [(f"n{number}",) for number in range(40)], sql)
    assert many == ["There are 40 suppliers, among them n0, n1 and n2."]


def test_people_are_called_by_both_their_names():
    texts = said("first_name text, last_name text, orders int", [("Anna", "Meyer", 9), ("Rui", "Silva", 4)])
    assert texts[0].startswith("Anna Meyer has the highest orders: 9")


def test_missing_values_and_the_commonest_are_said_of_a_list():
    rows = [(number, "a" if number % 3 else "b", None if number % 2 else "x") for number in range(30)]
    texts = said("id int, status text, phone text", rows)
    assert "The most common status is a: 20 of 30 rows (66.7 %)." in texts
    assert "Phone is missing in 15 of 30 rows (50 %)." in texts


def test_a_missing_category_is_named_as_such():
    texts = said(
        "device text, orders int", [(None, 90), ("mobile", 10)], "SELECT device, count(*) AS orders FROM o GROUP BY 1"
    )
    assert texts[0].startswith("No device has the highest orders: 90")


def test_rows_of_things_tell_their_spread():
    rows = [(f"p{number}", Decimal(number)) for number in range(1, 21)]
    texts = said("name text, price decimal EUR", rows, "SELECT name, price FROM products")
    assert any(
        text.startswith("Price ranges from 1.00 EUR to 20.00 EUR; half of the 20 rows have 10.50 EUR or less")
        for text in texts
    )
    assert "otal" not in every(texts)


def test_two_figures_that_go_together_are_said_to():
    rows = [(float(number), 3.0 * number + number % 3) for number in range(20)]
    assert any(
        "(correlation 1.00)" in text for text in said("weight float, price float", rows, "SELECT weight, price FROM p")
    )


def test_equal_figures_are_said_to_be_equal():
    assert said("shop text, orders int", [("a", 3), ("b", 3)]) == ["All 2 shops have the same orders: 3."]


def test_nothing_found_is_said_with_two_ways_to_widen():
    sql = "SELECT o.id FROM orders o JOIN countries c USING (c) WHERE c.name = 'Spain' AND o.ordered_at >= '2025-01-01'"
    (finding,) = find(statistics_of("id int", [], sql), question="orders from Spain in 2025")
    assert finding.kind == events.FINDING_KIND_EMPTY
    assert finding.text == (
        "No rows match the question. To widen it, ask for a longer time, "
        "or leave out the condition on country (“Spain”)."
    )


def test_a_sum_over_nothing_is_nothing_and_not_zero():
    (finding,) = find(statistics_of("revenue float EUR", [(None,)]), question="revenue in 1999")
    assert finding.kind == events.FINDING_KIND_EMPTY
    assert finding.text.startswith("No row matched, so there is no figure. To widen it, ask for a longer time, or")


def test_truncation_is_always_said_and_stops_talk_of_wholes():
    rows = [(f"p{number}", float(number)) for number in range(1, 41)]
    texts = said("product text, revenue float", rows, truncated=True)
    assert texts[-1] == "Only the first 40 rows were fetched and there are more: the figures here cover those rows."
    assert not re.search(r"of the total|Total revenue|lowest", every(texts))


def test_there_are_at_most_eight_each_with_its_query_and_figures():
    rows = [
        (country, month, float(number), float(number % 5), 1.0 * (number % 4))
        for number, month in enumerate(months(2023, 36))
        for country in ("a", "b", "c")
    ]
    findings = find(
        statistics_of("country text, month text, revenue float, orders int, units int", rows), query_id="q7"
    )
    assert 3 <= len(findings) <= 8
    assert {finding.query_id for finding in findings} == {"q7"}
    assert all(finding.figures or "no clear direction" in finding.text for finding in findings)


@pytest.mark.parametrize(
    "rows",
    [
        [(None, None), (None, None)],
        [("", 0), (" ", 0.0)],
        [("a", -5), ("b", 5)],
        [("a", 0), ("b", 0)],
        [("a", 1e300), ("b", 1e-300)],
        [("x" * 5000, 1), ("é漢字\n\t", 2)],
    ],
)
def test_odd_values_still_give_sentences(rows):
    texts = said("label text, amount float", rows)
    assert texts
    assert all(text.endswith(".") and len(text) < 600 and "nan" not in text for text in texts)

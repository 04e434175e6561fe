"""What the collector keeps of rows, and what it takes columns for."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.pipelines.answering.analysis.roles import Role
from core.pipelines.answering.analysis.statistics import MOST_LABELS
from tests.pipelines.answering.tabular import statistics_of


def only(header: str, values: list, sql: str = ""):
    return statistics_of(header, [[value] for value in values], sql).columns[0]


def test_numbers_of_every_kind_are_gathered_over_all_batches_and_nulls_are_counted():
    stats = statistics_of(
        "a int, b decimal, c float", [(1, Decimal("0.10"), 1.5), (2, None, 2.5), (None, Decimal(3), 0)]
    )
    assert stats.rows == 3
    assert [column.values for column in stats.columns] == [[1, 2], [0.1, 3], [1.5, 2.5, 0]]
    assert [column.nulls for column in stats.columns] == [1, 1, 0]


def test_what_is_no_finite_number_counts_as_missing():
    column = only("amount float", [1.0, float("inf"), float("nan"), "n/a", 10**400, 2.0])
    assert column.values == [1.0, 2.0]
    assert column.nulls == 4


def test_labels_beyond_the_cap_are_let_go_but_their_span_and_nulls_are_known():
    days = [date.fromordinal(700_000 + number) for number in range(MOST_LABELS + 50)]
    column = only("day date", [None, *days])
    assert column.labels is None
    assert column.codes is None
    assert (column.first, column.last, column.nulls) == (days[0], days[-1], 1)


@pytest.mark.parametrize(
    ("header", "values", "role"),
    [
        ("customer_id int", [1, 2, 3], Role.IDENTIFIER),
        ("order_number int", [1001, 1002], Role.IDENTIFIER),
        ("postal_code int", [10115, 4000], Role.IDENTIFIER),
        ("number_of_orders int", [3, 4], Role.MEASURE),
        ("orderCount int", [3, 4], Role.MEASURE),
        ("year int", [2024, 2025], Role.TIME),
        ("orders_per_year int", [2024, 1900], Role.MEASURE),
        ("years int", [3, 4], Role.MEASURE),
        ("month int", [1, 12], Role.TIME),
        ("month int", [1, 120], Role.MEASURE),
        ("month text", ["2025-01", "2025-02"], Role.TIME),
        ("m text", ["2025-Q1", "2025-Q2"], Role.TIME),
        ("month text", ["January", "May"], Role.TIME),
        ("code text", ["2025-31-31", "2025-01-01"], Role.CATEGORY),
        ("country text", ["France"], Role.CATEGORY),
        ("newsletter bool", [True, False], Role.CATEGORY),
        ("at instant", [datetime(2025, 1, 1, tzinfo=UTC)], Role.TIME),
        ("figure unknown", [Decimal("1.5"), 2], Role.MEASURE),
        ("thing unknown", ["a", "b"], Role.CATEGORY),
    ],
)
def test_a_column_is_taken_for_what_its_name_and_values_say(header, values, role):
    assert only(header, values).role is role


@pytest.mark.parametrize(
    ("expression", "additive"),
    [
        ("sum(a * b)", True),
        ("round(sum(a), 2)", True),
        ("sum(a) / 1000.0", True),
        ("sum(a) - sum(b)", True),
        ("count(*)", True),
        ("count(DISTINCT a)", False),
        ("avg(a)", False),
        ("max(a)", False),
        ("sum(a) * 1.0 / count(b)", False),
        ("100.0 * sum(a) / count(b)", False),
        ("sum(a) OVER (ORDER BY b)", False),
    ],
)
def test_the_query_tells_which_figures_add_up(expression, additive):
    column = only("figure float", [1.0, 2.0], f"SELECT {expression} AS figure FROM t GROUP BY c")
    assert column.additive is additive


@pytest.mark.parametrize(
    ("header", "additive"),
    [
        ("revenue float", True),
        ("total_price float", True),
        ("quantity int", True),
        ("unit_price float", False),
        ("avg_amount float", False),
        ("return_rate float", False),
        ("age int", False),
        ("amount float %", False),
    ],
)
def test_without_a_query_the_name_tells_and_in_doubt_nothing_is_summed(header, additive):
    assert only(header, [1, 2]).additive is additive


def test_no_rows_at_all_leave_every_column_in_place():
    stats = statistics_of("country text, revenue float", [])
    assert stats.rows == 0
    assert [column.name for column in stats.columns] == ["country", "revenue"]
    assert stats.measures == []


def test_a_field_within_another_tells_of_that_one():
    sql = 'SELECT "port.name" AS name, count(*) AS n FROM calls GROUP BY "port.name"'
    stats = statistics_of("name text, n int", [["Oslo", 2], ["Bergen", 1]], sql)
    assert stats.columns[0].table == "port"

"""Names and units of result columns, where the query gives none."""

import pytest

from core.pipelines.answering.columns import days_of, described, worded
from core.sources.base import Batch
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Definition, Schema, Table
from levada.v1.event_pb2 import ResultColumn

SCHEMA = Schema(
    dialect="sqlite",
    tables=[
        Table(
            name="lines",
            columns=[
                Column(name="quantity"),
                Column(name="unit_price", unit="EUR"),
                Column(name="weight", unit="kg"),
                Column(name="sold_at"),
                Column(name="kind"),
            ],
        )
    ],
    definitions=[
        Definition(name="revenue", expression="sum(quantity * unit_price)", unit="EUR"),
        Definition(name="share", expression="100.0 * count(lines.kind) / count(*)", unit="%"),
    ],
)

# A figure within two times, as the planner writes what grew.
NOW, BEFORE = (f"SUM(CASE WHEN sold_at >= '{year}' THEN quantity * unit_price END)" for year in (2026, 2025))


def told(*selects: str, rest: str = "") -> list[tuple[str, str]]:
    given = [ResultColumn(name=select, type=events.COLUMN_TYPE_DOUBLE) for select in selects]
    found = described(given, f"SELECT {', '.join(selects)} FROM lines {rest}", SCHEMA)
    return [(column.name, column.unit) for column in found]


@pytest.mark.parametrize(
    ("select", "name", "unit"),
    [
        ("SUM(quantity * unit_price)", "revenue", "EUR"),
        ("100.0 * COUNT(lines.kind) / COUNT(*)", "share", "%"),
        ("COUNT(*)", "number of lines", ""),
        ("COUNT(DISTINCT kind)", "number of kinds", ""),
        ("AVG(unit_price)", "average unit price", "EUR"),
        ("ROUND(MAX(lines.weight), 1)", "highest weight", "kg"),
        ("SUBSTRING(sold_at, 1, 7)", "month", ""),
        ("STRFTIME('%Y', sold_at)", "year", ""),
        ("unit_price", "unit_price", "EUR"),
        ("unit_price / quantity", "unit price per quantity", "EUR"),
        ("unit_price / weight", "unit price per weight", ""),
        ("unit_price > 5", "value", ""),
        ("SUM(CASE WHEN kind = 'a' THEN weight END)", "total weight where kind is a", "kg"),
        ("CAST(100.0 * COUNT(lines.kind) AS REAL) / COUNT(*)", "share", "%"),
        ("100.0 * SUM(weight) / SUM(SUM(weight)) OVER ()", "share of total weight", "%"),
        ("100.0 * SUM(quantity * unit_price) / SUM(SUM(quantity * unit_price)) OVER ()", "share of revenue", "%"),
        (f"CAST(100.0 * ({NOW} - {BEFORE}) AS REAL) / NULLIF({BEFORE}, 0)", "growth of revenue", "%"),
        (f"{NOW} - {BEFORE}", "change of revenue", "EUR"),
        (
            "COUNT(CASE WHEN sold_at > 5 THEN 1 END) - COUNT(CASE WHEN sold_at > 3 THEN 1 END)",
            "change of number of lines",
            "",
        ),
        ("100.0 * SUM(CASE WHEN kind = 'a' THEN 1 ELSE 0 END) / COUNT(*)", "share of lines with kind a", "%"),
        ("1.0 * SUM(weight) / COUNT(DISTINCT kind)", "total weight per kind", "kg"),
        ("STRFTIME('%w', sold_at)", "weekday", ""),
        ("SUBSTR(sold_at, 1, 4) || '-Q' || ((CAST(SUBSTR(sold_at, 6, 2) AS INTEGER) + 2) / 3)", "quarter", ""),
        ("DATE(SUBSTR(sold_at, 1, 10), 'weekday 0', '-6 days')", "week", ""),
        ("SUBSTR(sold_at, 12, 2)", "hour", ""),
        ("AVG(unit_price - weight)", "average unit price minus weight", ""),
        ("(SELECT MAX(weight) FROM lines) IS NULL", "value", ""),
    ],
)
def test_an_expression_is_named_and_counted_as_people_would(select: str, name: str, unit: str):
    assert told(select) == [(name, unit)]


def test_a_name_that_the_query_gives_stays():
    given = [ResultColumn(name="turnover", type=events.COLUMN_TYPE_DOUBLE)]
    sql = "WITH x AS (SELECT SUM(quantity * unit_price) AS t FROM lines) SELECT t AS turnover FROM x"
    assert [(column.name, column.unit) for column in described(given, sql, SCHEMA)] == [("turnover", "EUR")]


def test_two_columns_do_not_share_a_name():
    assert [name for name, _ in told("COUNT(*)", "COUNT(*)")] == ["number of lines", "number of lines (2)"]


def test_what_can_not_be_read_is_left_as_it_is():
    given = [ResultColumn(name="x")]
    assert described(given, "SELECT FROM WHERE", SCHEMA)[0].name == "x"


@pytest.mark.parametrize(
    ("dialect", "select", "number", "day"),
    [
        ("sqlite", "STRFTIME('%w', sold_at)", "0", "Sunday"),
        ("sqlite", "STRFTIME('%w', sold_at)", "1", "Monday"),
        ("postgres", "CAST(EXTRACT(ISODOW FROM sold_at) AS INTEGER)", 7, "Sunday"),
        ("postgres", "EXTRACT(DOW FROM sold_at)", 0, "Sunday"),
        ("duckdb", "CAST(EXTRACT(ISODOW FROM sold_at) AS INTEGER)", 1, "Monday"),
        ("mysql", "WEEKDAY(sold_at) + 1", 1, "Monday"),
    ],
)
def test_weekdays_come_by_their_names(dialect: str, select: str, number: object, day: str):
    schema = Schema(dialect=dialect)
    sql = f"SELECT {select}, COUNT(*) FROM lines GROUP BY 1"
    given = [ResultColumn(name="x", type=events.COLUMN_TYPE_INTEGER), ResultColumn(name="n")]
    first = described(given, sql, schema)[0]
    assert (first.name, first.type) == ("weekday", events.COLUMN_TYPE_TEXT)
    rows = worded(Batch([[number, None], [3, 4]], 2), days_of(sql, schema))
    assert list(rows.columns[0]) == [day, None]
    assert list(rows.columns[1]) == [3, 4]


def test_rows_without_weekdays_stay_as_they_are():
    batch = Batch([["0"]], 1)
    assert worded(batch, days_of("SELECT kind FROM lines", SCHEMA)) is batch

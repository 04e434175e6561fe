"""Names and units of result columns, where the query gives none."""

import pytest

from core.pipelines.query.columns import described
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
        Definition(name="revenue", expression="sum(lines.quantity * lines.unit_price)", unit="EUR"),
        Definition(name="share", expression="100.0 * count(lines.kind) / count(*)", unit="%"),
    ],
)


def told(*selects: str, rest: str = "") -> list[tuple[str, str]]:
    given = [ResultColumn(name=select, type=events.COLUMN_TYPE_DOUBLE) for select in selects]
    found = described(given, f"SELECT {', '.join(selects)} FROM lines {rest}", SCHEMA)
    return [(column.name, column.unit) for column in found]


@pytest.mark.parametrize(
    ("select", "name", "unit"),
    [
        ("SUM(lines.quantity * lines.unit_price)", "revenue", "EUR"),
        ("100.0 * COUNT(lines.kind) / COUNT(*)", "share", "%"),
        ("COUNT(*)", "number of lines", ""),
        ("COUNT(DISTINCT kind)", "number of kind", ""),
        ("AVG(unit_price)", "average unit price", "EUR"),
        ("ROUND(MAX(lines.weight), 1)", "highest weight", "kg"),
        ("SUBSTRING(sold_at, 1, 7)", "month", ""),
        ("STRFTIME('%Y', sold_at)", "year", ""),
        ("unit_price", "unit_price", "EUR"),
        ("unit_price / quantity", "unit_price / quantity", "EUR"),
        ("unit_price / weight", "unit_price / weight", ""),
        ("unit_price > 5", "unit_price > 5", ""),
        ("SUM(CASE WHEN kind = 'a' THEN weight END)", "SUM(CASE WHEN kind = 'a' THEN weight END)", "kg"),
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

"""Which chart a result gets, and that Vega-Lite can read its specification."""

import json
import re
from datetime import UTC, date, datetime

import pytest

from core.pipelines.answering import chart
from levada.v1 import event_pb2 as events
from tests.pipelines.answering.tabular import columns_of, months, statistics_of

BY_NAME = "SELECT country, sum(amount) AS revenue FROM sales GROUP BY country"
MARKS = {"line", "bar", "arc", "point"}
CHANNELS = {"x", "y", "theta", "color", "order", "yOffset", "tooltip"}


def drawn(header: str, rows: list, sql: str = "", question: str = "Revenue?"):
    return chart.choose(columns_of(header), statistics_of(header, rows, sql), question, "t1")


def spec_of(header: str, rows: list, sql: str = "") -> dict:
    return json.loads(drawn(header, rows, sql).vega_lite)


def names(count: int) -> list:
    return [(f"country {number}", 10.0 * number + 1) for number in range(count)]


@pytest.mark.parametrize(
    ("kind", "header", "rows", "sql"),
    [
        ("LINE", "month text, revenue float", [(month, 1.0) for month in months(2025, 12)], ""),
        ("LINE", "year int, revenue float", [(2024, 1.0), (2025, 2.0)], ""),
        ("LINE", "country text, day date, orders int", [("a", date(2025, 1, day), day) for day in range(1, 9)], ""),
        ("ARC", "country text, revenue float", names(4), BY_NAME),
        ("BAR", "country text, revenue float", names(6), BY_NAME),
        ("BAR", "country text, revenue float", names(30), BY_NAME),
        ("TABLE", "country text, revenue float", names(31), BY_NAME),
        ("BAR", "country text, revenue float", names(4), f"{BY_NAME} LIMIT 4"),
        ("BAR", "country text, average_price float", names(4), ""),
        ("BAR", "country text, revenue float", [("a", -1.0), ("b", 2.0), ("c", 3.0)], BY_NAME),
        ("BAR", "country text, revenue float", names(2), BY_NAME),
        ("POINT", "price float, weight float", [(float(n), float(n % 3)) for n in range(9)], ""),
        ("POINT", "name text, price float, weight float", [(f"n{n}", float(n), float(n % 3)) for n in range(40)], ""),
        ("FIGURE", "revenue float", [(1.0,)], ""),
        ("FIGURE", "country text, revenue float", [("a", 1.0)], ""),
        ("TABLE", "name text", [("a",), ("b",)], ""),
        ("TABLE", "customer_id int, order_id int", [(1, 2), (2, 3)], ""),
        ("TABLE", "country text, revenue float", [], ""),
        ("TABLE", "revenue float", [(None,)], ""),
        ("TABLE", "revenue float, orders int", [(1.0, 2)], ""),
    ],
)
def test_the_rule_chooses(kind, header, rows, sql):
    made = drawn(header, rows, sql)
    assert events.ChartKind.Name(made.kind) == f"CHART_KIND_{kind}"
    assert made.cause.endswith(".")
    assert made.table_id == "t1"
    assert bool(made.vega_lite) == (kind not in ("FIGURE", "TABLE"))


def test_a_list_of_orders_is_no_line_over_time():
    rows = [(number, datetime(2025, 1, 1, number, 5, tzinfo=UTC), 9.5) for number in range(20)]
    sql = "SELECT order_id, ordered_at, fee FROM orders"
    assert drawn("order_id int, ordered_at timestamp, fee float", rows, sql).kind != events.CHART_KIND_LINE


def test_few_categories_over_time_get_a_line_each_and_many_one_for_all():
    header = "country text, month text, revenue float"
    few = spec_of(header, [(name, month, 1.0) for name, _ in names(8) for month in months(2025, 3)])
    assert few["encoding"]["color"]["field"] == "country"
    many = spec_of(header, [(name, month, 1.0) for name, _ in names(9) for month in months(2025, 3)])
    assert "color" not in many["encoding"]
    assert many["encoding"]["y"]["aggregate"] == "sum"


def test_many_averages_over_time_are_not_added_into_one_line():
    rows = [(name, month, 1.0) for name, _ in names(9) for month in months(2025, 3)]
    assert drawn("country text, month text, average_price float", rows).kind == events.CHART_KIND_TABLE


def test_year_and_month_apart_become_a_line_a_year():
    rows = [(year, month, 5) for year in (2024, 2025) for month in range(1, 13)]
    encoding = spec_of("year int, month int, orders int", rows)["encoding"]
    assert (encoding["x"]["field"], encoding["color"]["field"]) == ("month", "year")


def test_times_are_drawn_in_utc_and_an_instant_on_the_day_that_it_says():
    day = spec_of("day date, orders int", [(date(2025, 1, day), day) for day in (1, 2, 3)])["encoding"]["x"]
    assert (day["type"], day["timeUnit"], day["scale"]) == ("temporal", "utcyearmonthdate", {"type": "utc"})
    rows = [(datetime(2025, month, 1, tzinfo=UTC), month) for month in (1, 2, 3)]
    zoned = spec_of("month instant, orders int", rows)
    assert zoned["transform"][0]["calculate"] == 'substring(datum["month"], 0, 10)'
    assert zoned["encoding"]["x"]["field"] == zoned["transform"][0]["as"]


def test_names_of_months_keep_the_order_of_the_year():
    rows = [("March", 1.0), ("January", 2.0), ("February", 3.0)]
    x = spec_of("month text, revenue float", rows)["encoding"]["x"]
    assert (x["type"], x["sort"]) == ("ordinal", ["January", "February", "March"])


def test_bars_are_sorted_and_axes_named_with_their_units():
    encoding = spec_of("country_name text, total_revenue float EUR", names(9), "")["encoding"]
    assert encoding["y"]["sort"] == "-x"
    assert encoding["y"]["title"] == "Country name"
    assert encoding["x"]["title"] == "Total revenue (EUR)"


def test_a_person_is_one_bar():
    rows = [("Anna", "Meyer", 9), ("Anna", "Silva", 4), ("Rui", "Meyer", 3)]
    spec = spec_of("first_name text, last_name text, orders int", rows)
    assert spec["transform"] == [{"calculate": 'datum["first_name"] + \' \' + datum["last_name"]', "as": "levada_name"}]
    assert spec["encoding"]["y"]["field"] == "levada_name"


@pytest.mark.parametrize("odd", ["sum(o.amount)", "a[0]", "it's", 'say "x"', "back\\slash", "t.revenue"])
def test_odd_names_are_never_read_as_paths(odd):
    spec = spec_of(f"country text, {odd}|float|", names(7), "SELECT country, sum(x) FROM t GROUP BY country")
    field = spec["encoding"]["x"]["field"]
    assert re.fullmatch(r"\w+", field)
    assert {"calculate": f"datum[{json.dumps(odd)}]", "as": field} in spec["transform"]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("what was revenue last month?", "What was revenue last month"),
        ("x" * 80, "X" + "x" * 58 + "…"),
        ("revenue of " + "very " * 20 + "long", "Revenue of very very very very very very very very very…"),
    ],
)
def test_the_title_is_the_question_in_sixty_characters(question, title):
    assert drawn("country text, revenue float", names(7), question=question).title == title
    assert len(title) <= 60


@pytest.mark.parametrize(
    ("header", "rows", "sql"),
    [
        ("month text, revenue float", [(month, 1e6) for month in months(2025, 12)], ""),
        ("country text, revenue float", names(4), BY_NAME),
        ("country text, revenue float", names(9), BY_NAME),
        ("price float, weight float", [(float(n), float(n % 3)) for n in range(9)], ""),
        ("country text, kind text, revenue float", [(a, b, 1.0) for a, _ in names(5) for b in "xy"], ""),
    ],
)
def test_a_specification_holds_no_data_and_only_what_vega_lite_knows(header, rows, sql):
    spec = spec_of(header, rows, sql)
    assert spec["$schema"].endswith("/vega-lite/v5.json")
    assert spec["data"] == {"name": "rows"}
    assert spec["mark"]["type"] in MARKS
    assert set(spec["encoding"]) <= CHANNELS
    columns = {column.name for column in columns_of(header)}
    for channel, parts in spec["encoding"].items():
        for part in parts if isinstance(parts, list) else [parts]:
            assert part["field"] in columns
            assert part.get("type", "nominal") in {"temporal", "quantitative", "nominal", "ordinal"}
            assert part.get("title", channel).strip()


def test_rows_that_only_an_id_names_are_no_bars():
    rows = [(number, number * 1.5) for number in range(100, 110)]
    assert drawn("order_id int, fee float", rows, "SELECT order_id, fee FROM orders").kind == events.CHART_KIND_TABLE

"""Which questions are proposed next."""

import re

import pytest

from core.pipelines.answering import follow_ups
from levada.v1.catalog_pb2 import Definition, Schema
from tests.pipelines.answering.tabular import columns_of, months, statistics_of

REVENUE = "SELECT sum(lines.quantity * lines.price) AS revenue FROM lines JOIN orders ON orders.id = lines.order_id"


@pytest.fixture
def schema() -> Schema:
    made = Schema(dialect="sqlite")
    figure = Definition(name="revenue", synonyms=["sales"], expression="sum(lines.quantity * lines.price)")
    made.definitions.append(figure)
    tables = {
        "countries": (6, "name text", {}),
        "customers": (9_000, "last_name text, country_id int", {"country_id": "countries"}),
        "orders": (90_000, "status text, customer_id int, ordered_at instant", {"customer_id": "customers"}),
        "products": (200, "name text", {}),
        "lines": (200_000, "order_id int, product_id int", {"order_id": "orders", "product_id": "products"}),
    }
    for name, (rows, header, keys) in tables.items():
        table = made.tables.add(name=name, row_estimate=rows)
        for column in columns_of(header):
            table.columns.add(name=column.name, type=column.type)
        for column, other in keys.items():
            table.foreign_keys.add(columns=[column], referenced_table=other, referenced_columns=["id"])
    return made


def proposed(schema: Schema, question: str, sql: str, header: str, rows: list) -> list[str]:
    return follow_ups.propose(schema, question, sql, columns_of(header), statistics_of(header, rows, sql))


def test_a_single_figure_is_split_by_time_and_by_what_it_belongs_to(schema):
    asked = "What was revenue last month?"
    questions = proposed(schema, asked, f"{REVENUE} WHERE orders.ordered_at > '2026'", "revenue float", [(5.0,)])
    assert questions[:2] == ["Revenue by month", "Revenue by country last month"]
    assert "Top 10 products by revenue last month" in questions
    assert "Compare revenue of this year and last year" in questions


def test_what_it_is_split_by_already_is_not_proposed_again(schema):
    sql = f"{REVENUE} JOIN customers USING (customer_id) JOIN countries c USING (country_id) GROUP BY c.name"
    questions = proposed(
        schema, "revenue by country", sql, "name text, revenue float", [("France", 2.0), ("Italy", 5.0)]
    )
    assert not any("by country" in question for question in questions)
    assert questions[0] == "Revenue of Italy by month"


def test_a_figure_over_time_is_not_asked_for_over_time_again(schema):
    sql = "SELECT substr(ordered_at, 1, 7) AS month, count(*) AS n FROM orders GROUP BY 1"
    rows = [(month, 5) for month in months(2025, 4)]
    questions = proposed(schema, "Number of orders by month", sql, "month text, n int", rows)
    assert "Number of orders by month" not in questions
    assert questions[0] == "Number of orders by country"


def test_a_condition_on_a_value_stays_in_the_question(schema):
    sql = "SELECT count(*) FROM orders WHERE status = 'cancelled'"
    questions = proposed(schema, "How many orders were cancelled?", sql, "count(*) int", [(7,)])
    assert questions[:2] == ["How many orders were cancelled by month?", "How many orders were cancelled by country?"]


def test_the_figure_is_known_by_its_expression_where_the_question_has_no_word_for_it(schema):
    questions = proposed(schema, "How much did we make?", REVENUE, "revenue float", [(5.0,)])
    assert "Revenue by country" in questions


def test_a_table_that_is_only_looked_at_in_a_subquery_is_not_the_topic(schema):
    sql = "SELECT last_name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders)"
    questions = proposed(schema, "Who never ordered?", sql, "last_name text", [("A",), ("B",)])
    assert "Number of customers by country" in questions
    assert not any("by status" in question for question in questions)


def test_the_question_itself_is_never_proposed(schema):
    questions = proposed(schema, "revenue BY country?", REVENUE, "revenue float", [(5.0,)])
    assert "Revenue by country" not in questions
    assert len(questions) == len(set(questions)) <= 8


@pytest.mark.parametrize("sql", ["", "SELECT 1", "SELECT * FROM elsewhere", "not ( sql"])
def test_what_cannot_be_read_leads_to_no_questions(schema, sql):
    assert proposed(schema, "?", sql, "a int", [(1,)]) == []


def test_the_number_of_a_few_things_is_not_asked_for_over_time_or_ranked(schema):
    sql = "SELECT count(*) FROM countries JOIN customers ON customers.country_id = countries.id JOIN orders USING (id)"
    questions = proposed(schema, "How many countries are there?", sql, "count(*) int", [(6,)])
    assert not any(re.search(r"number of countries (by month|this)|Top 10|Compare", one) for one in questions)


def test_an_average_of_ids_is_no_figure(schema):
    questions = proposed(schema, "?", "SELECT avg(order_id) FROM lines", "avg float", [(5.0,)])
    assert not any("order id" in question for question in questions)


def test_a_table_in_the_singular_is_spoken_of_in_the_plural(schema):
    table = schema.tables.add(name="trip", row_estimate=5_000)
    table.columns.add(name="started_at", type=columns_of("x timestamp")[0].type)
    questions = proposed(schema, "trips?", "SELECT count(*) FROM trip", "count(*) int", [(5,)])
    assert questions[0] == "Number of trips by month"

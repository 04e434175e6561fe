"""Words of a question are found in the data, from an index in memory that bounded queries filled."""

import sqlite3

import pytest

from core.errors import QueryFailed
from core.sources import open_source
from core.sources.questions import LONGEST_VALUE, bounds_query, values_query
from core.sources.values import ValueIndex
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Schema, Table


def index(*values: str) -> ValueIndex:
    built = ValueIndex()
    for value in values:
        built.add("cities", "name", value)
    return built


def found(built: ValueIndex, words: str) -> list[tuple[str, float]]:
    return [(match.value, match.score) for match in built.find(words)]


def test_case_accents_and_punctuation_do_not_matter() -> None:
    assert found(index("São Paulo", "Köln"), "sao  PAULO") == [("São Paulo", 1.0)]
    assert found(index("Tokyo , Japan"), "Tokyo, Japan") == [("Tokyo , Japan", 1.0)]


def test_an_ending_that_differs_scores_less_than_the_same_text() -> None:
    ((value, score),) = found(index("Apartment"), "apartments")
    assert value == "Apartment"
    assert 0.9 < score < 1.0


def test_a_typing_error_is_forgiven_in_longer_words() -> None:
    assert [value for value, _ in found(index("Hopkins Student Enterprises"), "Hopkins Student Enterprise")]
    assert found(index("Bonn"), "Born") == []


def test_the_beginning_of_a_long_name_is_enough() -> None:
    assert [value for value, _ in found(index("Atelier Lumen SARL"), "Atelier Lumen")] == ["Atelier Lumen SARL"]


def test_the_same_text_in_two_columns_is_found_in_both() -> None:
    built = index("Victoria")
    built.add("people", "first_name", "Victoria")
    assert {match.table for match in built.find("victoria")} == {"cities", "people"}


def test_prose_and_blanks_are_not_values() -> None:
    built = index("x" * (LONGEST_VALUE + 1), "   ", "!!!")
    assert not built.find("x" * (LONGEST_VALUE + 1))
    assert not built.find("")


def test_nothing_is_found_by_nothing() -> None:
    assert not ValueIndex().find("anything")
    assert ValueIndex().bounds("any", "thing") is None


@pytest.mark.parametrize("dialect", ["sqlite", "postgres", "mysql", "duckdb"])
def test_queries_are_bounded_and_quote_odd_names(dialect: str) -> None:
    table, column = Table(name='odd "table', namespace="My Schema", row_estimate=10**7), Column(name="select")
    quote = "`" if dialect == "mysql" else '"'
    sql = values_query(table, column, dialect)
    assert sql.count("LIMIT") == 2
    assert f"{quote}select{quote}" in sql
    assert f"{quote}My Schema{quote}" in bounds_query(table, column, dialect)


async def test_an_index_is_built_from_a_source_and_knows_bounds(tmp_path) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.executescript(
            "CREATE TABLE 'order lines' (\"the product\" TEXT, n INTEGER, sold DATE);"
            "INSERT INTO 'order lines' VALUES ('Green Tea', 3, '2025-01-02'), ('Green Tea', 9, '2026-03-04'),"
            "(NULL, 1, NULL);"
        )
    source = open_source("shop", f"sqlite:///{tmp_path}/shop.db")
    built = await ValueIndex.build(source)
    await source.close()
    assert [(m.table, m.column, m.value) for m in built.find("green tea")] == [
        ("order lines", "the product", "Green Tea")
    ]
    assert built.bounds("order lines", "n") == (1, 9)
    assert [str(bound) for bound in built.bounds("order lines", "sold") or ()] == ["2025-01-02", "2026-03-04"]
    assert built.problems == []


async def test_a_column_that_cannot_be_read_is_told_and_the_rest_is_indexed() -> None:
    async def fetch(sql: str) -> list[tuple[str]]:
        if "broken" in sql:
            raise QueryFailed("no such column")
        return [("Lisbon",)]

    schema = Schema(dialect="sqlite")
    table = schema.tables.add(name="cities", row_estimate=1)
    table.columns.add(name="broken", type=events.COLUMN_TYPE_TEXT)
    table.columns.add(name="name", type=events.COLUMN_TYPE_TEXT)
    built = ValueIndex()
    await built.read(fetch, schema)
    assert built.find("Lisbon")
    assert built.problems == ["cities.broken: no such column"]

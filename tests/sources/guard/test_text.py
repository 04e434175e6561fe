"""Texts made to trouble a parser are refused quickly and by name."""

import time

import pytest

from core.errors import QueryRefused
from core.sources.guard import check
from core.sources.guard.text import MAX_LENGTH
from tests.sources.guard import shop

DIALECTS = ("sqlite", "postgres", "mysql", "duckdb", "trino")
DEEP = {
    "brackets": "SELECT " + "(" * 3_000 + "1" + ")" * 3_000,
    "unclosed brackets": "SELECT " + "(" * 3_000,
    "calls": "SELECT " + "abs(" * 2_000 + "1" + ")" * 2_000,
    "subqueries": "SELECT * FROM " + "(SELECT * FROM " * 900 + "orders" + ")" * 900,
    "cases": "SELECT " + "CASE WHEN 1=1 THEN " * 900 + "1" + " END" * 900,
    "negations": "SELECT " + "NOT " * 2_500 + "1",
    "signs": "SELECT " + "- " * 2_500 + "1",
    "opened lists": "SELECT " + "[" * 2_500,
    "a sum": "SELECT " + " + ".join(["1"] * 2_500),
    "a conjunction": "SELECT 1 WHERE " + " AND ".join(["1=1"] * 1_400),
    "a concatenation": "SELECT " + " || ".join(["'a'"] * 1_900),
    "powers": "SELECT " + " ^ ".join(["1"] * 2_000),
    "unions": " UNION ALL ".join(["SELECT 1"] * 900),
    "casts": "SELECT 1" + "::int" * 2_500,
    "dots": "SELECT a" + ".a" * 2_500,
    "joins": "SELECT 1 FROM orders " + "JOIN orders USING (id) " * 900,
    "arrows": "SELECT f(" + "x -> " * 1_500 + "x)",
    "lambdas": "SELECT f(" + "lambda x: " * 1_500 + "x)",
    "types": "SELECT 1::" + "int[]" + "[]" * 2_000,
    "intervals": "SELECT " + "interval " * 1_500 + "'1'",
    "dates": "SELECT " + "date " * 2_500 + "'2024-01-01'",
    "distinct": "SELECT " + "DISTINCT " * 2_000 + "1",
    "aliases": "SELECT 1 " + "AS a " * 2_000,
    "time zones": "SELECT now()" + " AT TIME ZONE 'utc'" * 1_000,
    "collations": "SELECT 'a'" + " COLLATE x" * 1_500,
    "brackets after a name": "SELECT a" + "[1]" * 1_500,
    "withs": "WITH " + ", ".join(f"t{n} AS (SELECT 1)" for n in range(700)) + " SELECT 1",
    "nested withs": "WITH a AS (" * 900 + "SELECT 1" + ") SELECT 1" * 900,
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("sql", DEEP.values(), ids=DEEP.keys())
def test_depth_and_length_end_in_an_answer_soon(sql: str, dialect: str):
    started = time.process_time()
    try:
        check(sql[:MAX_LENGTH], dialect=dialect, readable=shop.readable(dialect), row_limit=10)
    except QueryRefused as refused:
        assert refused.rule
    # Fractions of a second; what grows without bound takes minutes.
    assert time.process_time() - started < 10


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_long_text_is_not_even_read(dialect: str):
    with pytest.raises(QueryRefused, match="20,000 are allowed") as refused:
        check("SELECT 1" + " " * MAX_LENGTH, dialect=dialect, readable=shop.readable(dialect), row_limit=10)
    assert refused.value.rule == "too-long"


@pytest.mark.parametrize("character", ["\0", "\x0b", "\x1b", "\u202e", "\u200b", "\ufeff", "\x85", "\ud800"])
def test_an_invisible_character_is_refused_with_its_place(character: str):
    with pytest.raises(QueryRefused, match=r"at position 9") as refused:
        check(f"SELECT '{character}'", dialect="postgres", readable=shop.readable("postgres"), row_limit=10)
    assert refused.value.rule == "control-character"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_lines_and_tabs_are_no_control_characters(dialect: str):
    checked = check("SELECT\r\n\t1", dialect=dialect, readable=shop.readable(dialect), row_limit=10)
    assert checked.text == "SELECT 1 LIMIT 11"

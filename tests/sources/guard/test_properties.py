"""What holds for any query: nothing forbidden gets in anywhere, and nothing but a refusal comes out."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import QueryRefused
from core.sources.guard import check
from tests.sources.guard import shop
from tests.sources.guard.case import cases

DIALECTS = ("sqlite", "postgres", "mysql", "duckdb", "trino")
READABLE = {dialect: shop.readable(dialect) for dialect in DIALECTS}
ALLOWED = cases(allowed=True)

# Where an expression may stand in a query, and what must not stand there.
PLACES = (
    "SELECT {}",
    "SELECT id, {} AS x FROM orders",
    "SELECT id FROM orders WHERE {} IS NULL",
    "SELECT id FROM orders WHERE id IN (1, {})",
    "SELECT id FROM orders WHERE id BETWEEN 1 AND {}",
    "SELECT id FROM orders ORDER BY {}",
    "SELECT count(*) FROM orders GROUP BY {}",
    "SELECT count(*) FROM orders HAVING max({}) > 1",
    "SELECT CASE WHEN id = 1 THEN {} ELSE 2 END FROM orders",
    "SELECT CASE {} WHEN 1 THEN 2 END FROM orders",
    "SELECT o.id FROM orders o JOIN customers c ON c.id = {}",
    "SELECT coalesce(NULL, {}) FROM orders",
    "SELECT sum(id) OVER (PARTITION BY {}) FROM orders",
    "SELECT sum(id) OVER (ORDER BY {}) FROM orders",
    "SELECT CAST({} AS CHAR(10))",
    "SELECT -({})",
    "SELECT 1 + {} * 2",
    "SELECT (SELECT {})",
    "SELECT * FROM (SELECT {} AS x) t",
    "WITH t AS (SELECT {} AS x) SELECT * FROM t",
    "SELECT 1 UNION ALL SELECT {}",
    "SELECT id FROM orders WHERE EXISTS (SELECT {} FROM customers)",
    "SELECT id FROM orders WHERE name LIKE {}",
    "SELECT (1, {}) = (1, 2)",
    "SELECT id FROM orders LIMIT (SELECT {})",
)
FORBIDDEN = {
    "sqlite": ("load_extension('x')", "[readfile]('x')", "changes()", "(SELECT sql FROM sqlite_master)", "edit('x')"),
    "postgres": (
        "pg_sleep(1)", "pg_catalog.pg_read_file('x')", '"lo_import"(\'x\')', "current_setting('x')", "current_user",
        "(SELECT max(usename) FROM pg_user)", "'x'::regclass", "nextval('s')", "(TABLE pg_shadow)", "$1",
    ),
    "mysql": ("SLEEP(1)", "@@version", "@a := 1", "LOAD_FILE('x')", "(SELECT 1 FROM mysql.user)", "USER()", "f.g(1)"),
    "duckdb": ("getenv('x')", "current_setting('x')", "(FROM read_text('x'))", "'x'.getvariable()", "(FROM 'x.csv')"),
    "trino": (
        "current_user", "version()", "current_groups()", "ai_gen('x')", "lake.tools.f(1)", "?", '"$path"',
        "(SELECT max(query) FROM system.runtime.queries)", "(SELECT 1 FROM TABLE(system.query(query => 'x')))",
    ),
}  # fmt: skip


def _check(sql: str, dialect: str) -> str:
    return check(sql, dialect=dialect, readable=READABLE[dialect], row_limit=10).text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("dialect", "thing"), [(dialect, thing) for dialect in DIALECTS for thing in FORBIDDEN[dialect]]
)
def test_nothing_forbidden_gets_in_at_any_place(dialect: str, thing: str):
    for place in PLACES:
        with pytest.raises(QueryRefused):
            _check(place.format(thing), dialect)


@given(
    dialect=st.sampled_from(DIALECTS),
    places=st.lists(st.sampled_from(PLACES), min_size=1, max_size=4),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_nor_at_any_place_within_another(dialect: str, places: list[str], data: st.DataObject):
    thing = data.draw(st.sampled_from(FORBIDDEN[dialect]))
    for place in places:
        thing = f"({place.format(thing)})"
    with pytest.raises(QueryRefused):
        _check(thing, dialect)


@given(st.sampled_from(DIALECTS), st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_passes_or_is_refused(dialect: str, text: str):
    with suppress(QueryRefused):
        _check(text, dialect)


@given(
    st.sampled_from(DIALECTS),
    st.lists(st.sampled_from(" ".join(PLACES).split() + list("()[]{},;'\"`-/*#$@:")), max_size=40),
)
@settings(max_examples=300, deadline=None)
def test_any_words_pass_or_are_refused(dialect: str, words: list[str]):
    with suppress(QueryRefused):
        _check("SELECT " + " ".join(words), dialect)


@given(st.sampled_from(ALLOWED), st.data())
@settings(max_examples=300, deadline=None)
def test_a_damaged_query_passes_or_is_refused_and_what_passes_passes_again(case, data: st.DataObject):
    start = data.draw(st.integers(0, len(case.sql)))
    stop = data.draw(st.integers(start, min(len(case.sql), start + 12)))
    damaged = (
        case.sql[:start]
        + data.draw(st.sampled_from(["", ")", "(", "'", ";", " SELECT ", ".", "--", "*"]))
        + case.sql[stop:]
    )
    with suppress(QueryRefused):
        written = _check(damaged, case.dialect)
        assert _check(written, case.dialect) == written


@given(st.sampled_from(ALLOWED), st.sampled_from(["; DROP TABLE orders", ";DELETE FROM orders --", "; SELECT 1"]))
@settings(max_examples=100, deadline=None)
def test_a_second_statement_is_refused_behind_any_query(case, second: str):
    with pytest.raises(QueryRefused) as refused:
        _check(case.sql.rstrip(";") + "\n" + second, case.dialect)
    assert refused.value.rule == "one-statement"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_text_stays_the_text_it_is(engines, text: str):
    for dialect in ("sqlite", "postgres", "duckdb", "trino"):
        written = _check("SELECT '" + text.replace("'", "''") + "' AS t", dialect)
        assert engines[dialect](written) == [(text,)]


def _is_a_name(text: str) -> bool:
    return text.lower() not in ("true", "false")  # which SQLite can't find as columns, in whatever quotes


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), min_size=1, max_size=20).filter(
        _is_a_name
    )
)
@settings(max_examples=150, deadline=None)
def test_any_name_stays_the_name_it_is(engines, name: str):
    quoted = '"' + name.replace('"', '""') + '"'
    for dialect in ("sqlite", "postgres", "duckdb", "trino"):
        written = _check(f"SELECT {quoted} FROM (SELECT 1 AS {quoted}) AS t", dialect)
        assert engines[dialect](written) == [(1,)]

"""Columns that a reader may not read stay unread, however a query goes about it."""

import sqlite3

import duckdb
import psycopg
import pytest

from core.errors import QueryRefused
from core.sources.guard import Readable, check
from tests.sources.guard import shop
from tests.sources.guard.conftest import Run

EVERYWHERE = """
SELECT total FROM orders
SELECT o.total FROM orders o
SELECT orders.total FROM orders
SELECT id FROM orders WHERE total > 100
SELECT id FROM orders ORDER BY total
SELECT count(*) FROM orders GROUP BY total
SELECT max(total) OVER () FROM orders
SELECT (SELECT max(total) FROM orders)
SELECT x FROM (SELECT total AS x FROM orders) t
WITH t AS (SELECT total FROM orders) SELECT * FROM t
SELECT * FROM orders
SELECT o.* FROM orders o
SELECT * FROM orders UNION ALL SELECT * FROM orders
SELECT * FROM (SELECT * FROM orders) t
WITH t AS (SELECT * FROM orders) SELECT * FROM t
SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id
SELECT * FROM customers c JOIN orders o USING (id)
SELECT * FROM orders NATURAL JOIN (SELECT 120.5 AS total) t
SELECT * FROM orders JOIN (SELECT 120.5 AS total) t USING (total)
SELECT t.s FROM (SELECT 1 AS total) a, (SELECT total AS s FROM orders) t
SELECT (SELECT max(total) FROM orders) FROM (SELECT 1 AS total) a
SELECT (SELECT count(*) FROM orders WHERE total = 120.5) FROM (SELECT 120.5 AS total) a
SELECT 120.5 AS total, id FROM orders WHERE total = 120.5
SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE o.total > 100)
"""
MORE = {
    "sqlite": """
SELECT "total" FROM orders
SELECT [total], `total` FROM orders
SELECT TOTAL FROM orders
SELECT main.orders.total FROM orders
""",
    "postgres": """
SELECT o FROM orders o
SELECT to_jsonb(o) FROM orders o
SELECT row_to_json(orders) FROM orders
SELECT (o).total FROM orders o
SELECT o.*::text FROM orders o
SELECT ROW(o.*) FROM orders o
SELECT x FROM orders AS o(a, b, c, d, x)
SELECT o::text FROM orders o
SELECT array_agg(o) FROM orders o
SELECT Total, "total" FROM Orders
SELECT public.orders.total FROM public.orders
TABLE orders
SELECT s FROM orders o, LATERAL (SELECT o.total AS s) t
SELECT s FROM orders o, LATERAL (SELECT total AS s) t
SELECT t FROM (SELECT * FROM orders) t
SELECT count(DISTINCT o) FROM orders o WHERE o::text LIKE '%120.5%'
""",
    "duckdb": """
FROM orders
SELECT o FROM orders o
SELECT COLUMNS('tot.*') FROM orders
SELECT COLUMNS(*) FROM orders
SELECT * EXCLUDE (id) FROM orders
SELECT * REPLACE (id AS id) FROM orders
SELECT * RENAME (id AS n) FROM orders
SELECT * LIKE 'tot%' FROM orders
SELECT max(COLUMNS(lambda c: c = 'total')) FROM orders
SELECT unnest(o) FROM orders o
SELECT #5 FROM orders
SELECT x FROM orders AS o(a, b, c, d, x)
SELECT main.orders.total FROM orders
SELECT o.total::VARCHAR FROM orders o
SELECT total.floor() FROM orders
PIVOT (FROM orders) ON status USING sum(total)
PIVOT orders ON status USING max(id)
SELECT * FROM orders PIVOT (count(*) FOR status IN ('new', 'paid'))
FROM orders UNPIVOT (v FOR k IN (id, total))
SELECT * FROM orders UNION ALL BY NAME SELECT * FROM orders
SELECT * FROM orders POSITIONAL JOIN customers
SELECT 1 FROM orders HAVING max(total) > 100
SELECT to_json(o) FROM orders o
SELECT * FROM orders WHERE COLUMNS(*) IS NOT NULL
SELECT [total for x in [1]] FROM orders
SELECT list_transform([1], lambda x: total) FROM orders
SELECT list_transform([1], lambda total: o.total) FROM orders o
""",
}
ATTEMPTS = [
    (dialect, sql)
    for dialect in ("sqlite", "postgres", "duckdb")
    for sql in (EVERYWHERE + MORE[dialect]).splitlines()
    if sql
]


@pytest.mark.parametrize("known", [True, False], ids=["known to be hidden", "never mentioned"])
@pytest.mark.parametrize(("dialect", "sql"), ATTEMPTS)
def test_what_a_query_tells_does_not_depend_on_a_hidden_column(
    dialect: str, sql: str, known: bool, engines: dict[str, Run], engines_with_other_totals: dict[str, Run]
):
    whole = shop.schema(dialect) if known else None
    readable = Readable.of(shop.schema(dialect, without=("total",)), whole)
    try:
        written = check(sql, dialect=dialect, readable=readable, row_limit=100)
    except QueryRefused as refused:
        assert refused.rule in ("hidden-column", "unknown-column")
        return
    assert _told(engines[dialect], written.text) == _told(engines_with_other_totals[dialect], written.text)


def _told(run: Run, sql: str) -> str:
    try:
        return repr(sorted(map(repr, run(sql))))
    except (sqlite3.Error, psycopg.Error, duckdb.Error):
        return "the engine found no such column"


def test_the_refusal_names_the_column_and_the_nearest():
    with pytest.raises(QueryRefused, match=r"You may not read the column total\. .*") as hidden:
        check(
            "SELECT total FROM orders", dialect="postgres", readable=shop.readable("postgres", ("total",)), row_limit=1
        )
    assert hidden.value.rule == "hidden-column"
    with pytest.raises(QueryRefused, match=r"no column statuss .* Did you mean status\?") as unknown:
        check("SELECT statuss FROM orders", dialect="postgres", readable=shop.readable("postgres"), row_limit=1)
    assert unknown.value.rule == "unknown-column"


def test_stars_stay_stars_where_nothing_is_hidden():
    checked = check("SELECT * FROM orders", dialect="duckdb", readable=shop.readable("duckdb"), row_limit=9)
    assert checked.text == 'SELECT * FROM "orders" LIMIT 10'


def test_stars_are_spelled_out_where_something_is():
    hiding = shop.readable("postgres", ("total", "meta"))
    checked = check("SELECT * FROM orders o", dialect="postgres", readable=hiding, row_limit=9)
    assert checked.text == 'SELECT "id", "customer_id", "placed_at", "status" FROM "orders" AS "o" LIMIT 10'

"""Values bound to a query's names: the same rows from every database, and nothing that a value says is run."""

import datetime
import uuid
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from core.errors import QueryRefused
from core.sources.base import Limits, Source
from tests.sources.conftest import Database

HOSTILE = [
    "'; DROP TABLE customers; --",
    "' OR '1'='1",
    "\\' OR 1=1 -- ",
    "\\",
    "%s %(name)s %%",
    "?",
    "$1 :name",
    "Ada\x01" + "0\x02",
    "/*! DROP TABLE customers */",
    "\u202eadA",
    '"',
    "`",
    "a\nb",
]


async def rows(source: Source, sql: str, **parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    query = source.check(sql, await source.describe(), 1_000, parameters)
    async with source.query(query, Limits()) as found:
        return [row async for batch in found for row in zip(*batch.columns, strict=True)]


async def test_values_of_a_list_are_found(shop: Database):
    sql = "SELECT name FROM customers WHERE id IN (:ids) AND name LIKE '%' AND '?' <> '%s' ORDER BY id"
    assert await rows(shop.open(), sql, ids=[3, 1, 1]) == [("Ada",), ("Émile",)]


async def test_a_name_stands_for_its_values_wherever_it_is_written(shop: Database):
    sql = (
        "SELECT customer_id, count(*) AS n FROM orders WHERE customer_id IN (:who, 3) AND id BETWEEN :low AND :high "
        "AND note = :note GROUP BY customer_id HAVING count(*) >= :least ORDER BY customer_id"
    )
    found = await rows(shop.open(), sql, who=[1], low=[0], high=[59], note=["even"], least=[2])
    assert found == [(1, 10), (3, 10)]


async def test_a_hostile_value_is_data(shop: Database):
    shop.run("CREATE TABLE notes (id INTEGER, said VARCHAR(99))", "INSERT INTO notes VALUES (1, 'x')")
    source = shop.open()
    sql = "SELECT id FROM notes WHERE said IN (:said)"
    for value in HOSTILE:
        assert await rows(source, sql, said=[value]) == [], value
        assert await rows(source, sql, said=[value, "x"]) == [(1,)], value
    assert len(await rows(source, "SELECT id FROM customers")) == 3


async def test_a_hostile_value_that_is_there_is_found(shop: Database):
    """Escaped for the database that writes it, bound for the one that reads."""
    there = [HOSTILE[0], HOSTILE[2], "\\", "%s", "O'Neil"]
    shop.run("CREATE TABLE notes (id INTEGER, said VARCHAR(99))", *map(partial(_inserting, shop), range(5), there))
    source = shop.open()
    for number, value in enumerate(there):
        assert await rows(source, "SELECT id FROM notes WHERE said = :said", said=[value]) == [(number,)], value


def _inserting(shop: Database, number: int, value: str) -> str:
    written = value.replace("'", "''")
    written = written.replace("\\", "\\\\") if shop.kind == "mysql" else written
    return f"INSERT INTO notes VALUES ({number}, '{written}')"


async def test_no_values_match_nothing_and_leave_out_nothing(shop: Database):
    source = shop.open()
    assert await rows(source, "SELECT id FROM customers WHERE id IN (:ids)", ids=[]) == []
    assert await rows(source, "SELECT id FROM customers WHERE id IN (:ids)", ids=[None]) == []
    assert await rows(source, "SELECT id FROM customers WHERE id = :id", id=[]) == []
    assert len(await rows(source, "SELECT id FROM customers WHERE id NOT IN (:ids)", ids=[])) == 3
    assert len(await rows(source, "SELECT id FROM customers WHERE id NOT IN (:ids)", ids=["guest", None, 2])) == 2


async def test_values_are_turned_into_what_the_column_holds(shop: Database):
    sql = "SELECT c.id FROM customers AS c JOIN orders AS o ON o.customer_id = c.id WHERE c.id IN (:ids) AND o.id < 3"
    source = shop.open()
    for ids in (["1", "3"], [1.0, Decimal("3.00")], ["guest", "1", 3, 2.5, 2**70, None]):
        assert sorted(await rows(source, sql, ids=ids)) == [(1,), (3,)], ids


async def test_days_amounts_and_texts_of_other_types_are_found(shop: Database):
    known = uuid.uuid4()
    shop.run("CREATE TABLE tags (tag VARCHAR(40))", f"INSERT INTO tags VALUES ('{known}'), ('17')")
    source = shop.open()
    days = ["1815-12-10", datetime.date(1840, 4, 2), datetime.datetime(1815, 12, 10)]  # noqa: DTZ001 - columns without zones hold such
    for born in days:
        assert len(await rows(source, "SELECT id FROM customers WHERE born = :born", born=[born])) == 1
    for amount in ("0.25", 0.25, Decimal("0.250")):
        assert await rows(source, "SELECT id FROM orders WHERE amount IN (:amount)", amount=[amount]) == [(1,)]
    assert len(await rows(source, "SELECT tag FROM tags WHERE tag IN (:tags)", tags=[known, 17])) == 2


STRANGE = [
    *("1e999999999999", "-1e-99999999", "NaN", "Infinity", "0x1", float("inf"), float("nan"), 10**400, "9" * 5_000),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", datetime.time(1), b"\xff", "nul\0", "half \ud800"),
]


async def test_a_value_that_no_column_can_hold_is_left_out_and_the_others_are_found(shop: Database):
    source = shop.open()
    sql = "SELECT c.id FROM customers AS c JOIN orders AS o ON o.customer_id = c.id WHERE {} IN (:some)"
    for column, one in {"o.id": 4, "o.amount": "1.00", "o.note": "even", "c.born": "1840-04-02"}.items():
        alone = sorted(await rows(source, sql.format(column), some=[one]))
        assert alone
        assert sorted(await rows(source, sql.format(column), some=[*STRANGE, one])) == alone, column


async def test_the_types_of_results_do_not_change_with_values(shop: Database):
    source = shop.open()
    (row,) = await rows(source, "SELECT born, name FROM customers WHERE id = :id AND name <> '?'", id=[1])
    assert row == (datetime.date(1815, 12, 10), "Ada")


async def test_a_thousand_values_are_bound_at_once(shop: Database):
    found = await rows(shop.open(), "SELECT id FROM orders WHERE id IN (:ids)", ids=list(range(-500, 1_500)))
    assert len(found) == 1_000


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("SELECT id FROM orders WHERE id IN (:ids)", {}, "parameter"),
    ("SELECT id FROM orders WHERE id IN (:ids)", {"others": [1]}, ":ids|named ids"),
    ("SELECT id FROM orders WHERE id IN (?)", {"ids": [1]}, "named"),
    ("SELECT id FROM orders WHERE id = :ids", {"ids": [1, 2]}, "many values"),
    ("SELECT id FROM orders", {"ids": [1]}, "never uses :ids"),
    ("SELECT id FROM orders LIMIT :ids", {"ids": [1]}, "."),
    ("SELECT :ids AS x FROM orders", {"ids": [1]}, "."),
    ("SELECT id FROM :ids", {"ids": ["orders"]}, "."),
    ("SELECT id FROM orders WHERE abs(:ids) = id", {"ids": [1]}, "Compare a column"),
    ("SELECT id FROM orders WHERE id IN :ids", {"ids": [1]}, "Compare a column"),
    ("SELECT id FROM orders WHERE id IN (:ids)", {"ids": list(range(10_001))}, "at most 10,000"),
    ("DELETE FROM orders WHERE id IN (:ids)", {"ids": [1]}, "."),
    ("SELECT id FROM secrets WHERE id IN (:ids)", {"ids": [1]}, "no table secrets"),
]


async def test_what_is_no_value_is_refused(shop: Database):
    source = shop.open()
    schema = await source.describe()
    for sql, parameters, says in REFUSED:
        with pytest.raises(QueryRefused, match=says):
            source.check(sql, schema, 10, parameters)

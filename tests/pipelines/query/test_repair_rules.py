"""Each repair rule against the words of a real engine: what it complains of is mended, and then it runs."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import duckdb
import psycopg
import pytest

from core.errors import QueryRefused
from core.pipelines.query.repair.rules import mended
from core.sources import guard
from core.sources.guard import Readable
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, ForeignKey, Schema, Table
from tests.pipelines.query import harbour
from tests.postgres import PostgresDatabase

TYPES = {
    "INTEGER": events.COLUMN_TYPE_INTEGER,
    "TEXT": events.COLUMN_TYPE_TEXT,
    "REAL": events.COLUMN_TYPE_DOUBLE,
    "DATE": events.COLUMN_TYPE_DATE,
    "DECIMAL": events.COLUMN_TYPE_DECIMAL,
}
COLUMNS = {
    "ships": "ship_id INTEGER, name TEXT, flag TEXT, length REAL, code TEXT",
    "calls": "call_id INTEGER, ship_id INTEGER, name TEXT, arrived DATE, tonnes REAL, fee DECIMAL",
}
WRONG = [
    ("a misspelt table", "SELECT count(*) FROM ship", "ships"),
    ("a misspelt table that others refer to", "SELECT ship.name FROM ship", "ships.name"),
    ("a misspelt column", "SELECT nam FROM ships", "name"),
    ("a misspelt column of an alias", "SELECT s.flagg FROM ships AS s", "s.flag"),
    (
        "a column of the other table",
        "SELECT c.flag FROM ships AS s JOIN calls AS c ON c.ship_id = s.ship_id",
        "s.flag",
    ),
    (
        "an ambiguous column",
        "SELECT name FROM ships JOIN calls ON calls.ship_id = ships.ship_id",
        "ships.name",
    ),
]
NOT_IN_SQLITE = [
    ("a column missing in GROUP BY", "SELECT flag, length, count(*) FROM ships GROUP BY flag", "length"),
    ("no GROUP BY at all", "SELECT flag, count(*) FROM ships", "GROUP BY"),
]


def schema(dialect: str) -> Schema:
    made = Schema(source="harbour", dialect=dialect)
    for name, columns in COLUMNS.items():
        table = Table(name=name)
        for column in columns.split(", "):
            said, kind = column.split()
            table.columns.append(Column(name=said, type=TYPES[kind], native_type=kind))
        made.tables.append(table)
    made.tables[1].foreign_keys.append(
        ForeignKey(columns=["ship_id"], referenced_table="ships", referenced_columns=["ship_id"])
    )
    return made


def passing(found: Schema) -> Callable[[str], bool]:
    def passes(sql: str) -> bool:
        try:
            guard.check(sql, dialect=found.dialect, readable=Readable.of(found), row_limit=10)
        except QueryRefused:
            return False
        return True

    return passes


def assert_mended(sql: str, expected: str, dialect: str, run: Callable[[str], object], failure) -> str:
    """What *run* complains of is mended so that it runs; return the mended SQL."""
    with pytest.raises(failure) as complaint:
        run(sql)
    found = schema(dialect)
    result = mended(sql, str(complaint.value), found, passing(found))
    assert result is not None, complaint.value
    assert expected in result[0]
    run(result[0])
    return result[0]


@pytest.mark.parametrize(("sql", "expected"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_sqlite(sql: str, expected: str):
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(harbour.TABLES)
        assert_mended(sql, expected, "sqlite", database.execute, sqlite3.OperationalError)


CASES = [*WRONG, *NOT_IN_SQLITE]


@pytest.mark.parametrize(("sql", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_duckdb(sql: str, expected: str):
    with closing(duckdb.connect()) as database:
        database.execute(harbour.TABLES)
        assert_mended(sql, expected, "duckdb", database.execute, duckdb.Error)


@pytest.mark.postgres
def test_postgres(postgres_database: PostgresDatabase):
    postgres_database.run(harbour.TABLES)
    typed = [
        ("SELECT name FROM ships WHERE code > 15", "CAST"),
        ("SELECT name FROM ships WHERE code = 10", "'10'"),
        ("SELECT sum(code) FROM ships", "CAST"),
        ("SELECT round(length, 1) FROM ships", "CAST"),
    ]
    for sql, expected in [*(case[1:] for case in CASES), *typed]:
        assert_mended(sql, expected, "postgres", postgres_database.run, psycopg.Error)


MYSQL = [
    ("SELECT nam FROM ships", "Unknown column 'nam' in 'field list'", "name"),
    ("SELECT s.flagg FROM ships s", "Unknown column 's.flagg' in 'SELECT'", "s.flag"),
    ("SELECT count(*) FROM ship", "Table 'harbour.ship' doesn't exist", "ships"),
    (
        "SELECT name FROM ships JOIN calls ON calls.ship_id = ships.ship_id",
        "Column 'name' in field list is ambiguous",
        "ships.name",
    ),
    (
        "SELECT flag, length, count(*) FROM ships GROUP BY flag",
        "Expression #2 of SELECT list is not in GROUP BY and contains nonaggregated column 'harbour.ships.length'",
        "GROUP BY flag, length",
    ),
    ("SELECT flag, length, count(*) FROM ships GROUP BY flag", "'harbour.ships.length' isn't in GROUP BY", "length"),
]


TRINO = [
    ("SELECT nam FROM ships", "line 1:8: Column 'nam' cannot be resolved", "name"),
    ("SELECT s.flagg FROM ships s", "line 1:8: Column 's.flagg' cannot be resolved", "s.flag"),
    ("SELECT count(*) FROM ship", "line 1:22: Table 'lake.harbour.ship' does not exist", "ships"),
    (
        "SELECT name FROM ships JOIN calls ON calls.ship_id = ships.ship_id",
        "line 1:8: Column 'name' is ambiguous",
        "ships.name",
    ),
    (
        "SELECT flag, length, count(*) FROM ships GROUP BY flag",
        "line 1:14: 'length' must be an aggregate expression or appear in GROUP BY clause",
        "length",
    ),
    ("SELECT name FROM ships WHERE code = 10", "line 1:35: Cannot apply operator: varchar = integer", "'10'"),
    (
        "SELECT sum(code) FROM ships",
        "line 1:8: Unexpected parameters (varchar) for function sum. Expected: sum(double), sum(real)",
        "CAST",
    ),
    ("SELECT ifnull(length, 0) FROM ships", "line 1:8: Function 'ifnull' not registered", "COALESCE(length, 0)"),
    ("SELECT TOP 5 name FROM ships", "line 1:12: mismatched input '5'. Expecting: ',', '.'", "LIMIT 5"),
]
OWN_WORDS = [("mysql", *case) for case in MYSQL] + [("trino", *case) for case in TRINO]


@pytest.mark.parametrize(("dialect", "sql", "message", "expected"), OWN_WORDS)
def test_servers_in_their_own_words(dialect: str, sql: str, message: str, expected: str):
    found = schema(dialect)
    result = mended(sql, message, found, passing(found))
    assert result is not None
    assert expected in result[0]


FOREIGN = [
    ("sqlite", "SELECT date_trunc('month', arrived), sum(fee) FROM calls GROUP BY 1"),
    ("sqlite", "SELECT extract(year FROM arrived) FROM calls"),
    ("sqlite", "SELECT year(arrived) FROM calls"),
    ("sqlite", "SELECT count(*) FROM calls WHERE arrived >= current_date - interval '7 days'"),
    ("sqlite", "SELECT TOP 5 name FROM ships"),
    ("sqlite", "SELECT string_agg(name, ', ') FROM ships"),
    ("duckdb", "SELECT ifnull(length, 0), date_format(arrived, '%Y-%m') FROM ships JOIN calls USING (ship_id)"),
    ("duckdb", "SELECT TOP 5 name FROM ships"),
]


@pytest.mark.parametrize(("dialect", "sql"), FOREIGN)
def test_another_dialect_is_written_in_the_sources_own(dialect: str, sql: str):
    found = schema(dialect)
    opened = sqlite3.connect(":memory:") if dialect == "sqlite" else duckdb.connect()

    def guarded(query: str) -> None:
        checked = guard.check(query, dialect=dialect, readable=Readable.of(found), row_limit=10)
        opened.execute(checked.text).fetchall()

    with closing(opened):
        for statement in filter(str.strip, harbour.TABLES.split(";")):
            opened.execute(statement)
        assert_mended(sql, "", dialect, guarded, (QueryRefused, sqlite3.Error, duckdb.Error))


def test_a_guard_refusal_of_a_misspelt_table_is_mended_too():
    found = schema("sqlite")
    with pytest.raises(QueryRefused) as refusal:
        guard.check("SELECT * FROM shps", dialect="sqlite", readable=Readable.of(found), row_limit=10)
    assert mended("SELECT * FROM shps", refusal.value.message, found, passing(found)) is not None


@pytest.mark.parametrize("message", ["database is locked", "division by zero", "Write one SELECT."])
def test_what_no_rule_knows_is_left_alone(message: str):
    found = schema("sqlite")
    assert mended("SELECT 1", message, found, passing(found)) is None


def test_a_name_like_nothing_is_not_guessed():
    found = schema("sqlite")
    assert mended("SELECT zzqx FROM ships", "no such column: zzqx", found, passing(found)) is None

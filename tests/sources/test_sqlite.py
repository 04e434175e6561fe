"""What is SQLite's own: values of any kind in any column, files that come and go, and an engine to fence in."""

import asyncio
import datetime
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import psutil
import pytest

from core.errors import QueryFailed, QueryTimeout, SourceUnavailable
from core.sources import blocking
from core.sources.base import CheckedQuery, Limits, Source
from levada.v1 import event_pb2 as events

Make = Callable[..., Source]


@pytest.fixture
def make(tmp_path: Path, opened) -> Make:
    """Fill a database with statements and open it."""

    def fill(*statements: str) -> Source:
        with closing(sqlite3.connect(tmp_path / "data.db")) as connection, connection:
            for statement in statements:
                connection.execute(statement)
        return opened("data", f"sqlite:///{tmp_path}/data.db")

    return fill


def checked(sql: str) -> CheckedQuery:
    return CheckedQuery(sql, "sqlite", 10_000)


async def column(source: Source, sql: str, **limits) -> tuple[int, list]:
    """Return the first column's type and values."""
    async with source.query(checked(sql), Limits(**limits)) as rows:
        values = [value async for batch in rows for value in batch.columns[0]]
        return rows.columns[0].type, values


@pytest.mark.parametrize(
    ("declared", "stored", "kind", "shown"),
    [
        ("DECIMAL(10,2)", "2.5", events.COLUMN_TYPE_DECIMAL, Decimal("2.50")),
        ("DECIMAL(10,2)", "12.505", events.COLUMN_TYPE_DECIMAL, Decimal("12.505")),
        ("DECIMAL(10,2)", "7", events.COLUMN_TYPE_DECIMAL, Decimal("7.00")),
        ("NUMERIC", "0.1", events.COLUMN_TYPE_DECIMAL, Decimal("0.1")),
        ("DECIMAL(10,2)", "'n/a'", events.COLUMN_TYPE_TEXT, "n/a"),
        ("DATE", "'2026-01-31'", events.COLUMN_TYPE_DATE, datetime.date(2026, 1, 31)),
        ("DATE", "'spring'", events.COLUMN_TYPE_TEXT, "spring"),
        ("DATE", "1769860800", events.COLUMN_TYPE_INTEGER, 1769860800),
        ("DATETIME", "'2026-01-31 13:05:00'", events.COLUMN_TYPE_TIMESTAMP, "2026-01-31T13:05:00"),
        ("TIMESTAMP", "'2026-01-31T13:05:00+01:00'", events.COLUMN_TYPE_TIMESTAMP_ZONED, "2026-01-31T13:05:00+01:00"),
        ("TIMESTAMP", "'2026-01-31'", events.COLUMN_TYPE_DATE, "2026-01-31"),
        ("TIME", "'13:05'", events.COLUMN_TYPE_TIME, datetime.time(13, 5)),
        ("BOOLEAN", "1", events.COLUMN_TYPE_BOOLEAN, True),
        ("BOOLEAN", "2", events.COLUMN_TYPE_INTEGER, 2),
        ("INTEGER", "9223372036854775807", events.COLUMN_TYPE_INTEGER, 2**63 - 1),
        ("INTEGER", "'unknown'", events.COLUMN_TYPE_TEXT, "unknown"),
        ("INTEGER", "1.5", events.COLUMN_TYPE_DOUBLE, 1.5),
        ("REAL", "9e999", events.COLUMN_TYPE_DOUBLE, float("inf")),
        ("VARCHAR(20)", "'Žofie 数'", events.COLUMN_TYPE_TEXT, "Žofie 数"),
        ("BLOB", "x'00ff'", events.COLUMN_TYPE_BINARY, b"\x00\xff"),
        ("JSON", """'{"a": 1}'""", events.COLUMN_TYPE_JSON, '{"a": 1}'),
        ("JSON", "'{broken'", events.COLUMN_TYPE_TEXT, "{broken"),
        ("UUID", "'6f9619ff-8b86-d011-b42d-00c04fc964ff'", events.COLUMN_TYPE_UUID, None),
        ("", "'anything'", events.COLUMN_TYPE_TEXT, "anything"),
        ("DATE", "NULL", events.COLUMN_TYPE_DATE, None),
    ],
)
async def test_a_declared_type_holds_when_the_values_fit_it(make: Make, declared, stored, kind, shown):
    source = make(f"CREATE TABLE t (v {declared})", f"INSERT INTO t VALUES ({stored}), (NULL)")
    # Also through a subquery and a join, in which SQLite traces the column.
    for sql in ("SELECT v FROM t", "WITH q AS (SELECT v AS w FROM t) SELECT q.w FROM q JOIN t ON true LIMIT 2"):
        found, values = await column(source, sql)
        value = values[0].isoformat() if isinstance(shown, str) and hasattr(values[0], "isoformat") else values[0]
        assert found == kind
        assert shown is None or (value, type(value)) == (shown, type(shown))
    (table,) = (await source.describe()).tables
    assert table.columns[0].type == kind


async def test_computed_columns_have_the_type_of_their_values(make: Make):
    source = make("CREATE TABLE t (v DECIMAL(10,2))", "INSERT INTO t VALUES (1.5), (2)")

    assert await column(source, "SELECT count(*) FROM t") == (events.COLUMN_TYPE_INTEGER, [2])
    assert await column(source, "SELECT sum(v) FROM t") == (events.COLUMN_TYPE_DOUBLE, [3.5])
    assert await column(source, "SELECT v || '!' FROM t") == (events.COLUMN_TYPE_TEXT, ["1.5!", "2!"])
    assert await column(source, "SELECT iif(v > 1.7, 1, 0.5) FROM t") == (events.COLUMN_TYPE_DOUBLE, [0.5, 1.0])


_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) SELECT "


async def test_a_mixture_within_the_first_rows_is_text(make: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blocking, "_AHEAD_SECONDS", 60.0)  # on a busy machine fewer rows are the first ones
    kind, values = await column(make(), f"{_NUMBERS} CASE i WHEN 5000 THEN 'odd' ELSE i END FROM n LIMIT 5001")

    assert kind == events.COLUMN_TYPE_TEXT
    assert values[4998:] == ["4999", "odd", "5001"]


async def test_a_value_that_fits_no_more_fails_the_query_rather_than_be_shown_as_another(make: Make):
    with pytest.raises(QueryFailed, match=r'Column "v" began as integer.*str value.*odd.*CAST'):
        await column(make(), f"{_NUMBERS} CASE i WHEN 29999 THEN 'odd' ELSE i END AS v FROM n")


@pytest.mark.parametrize("rows", [1, 20_000])
async def test_text_that_is_no_utf8_is_shown_with_marks(make: Make, rows: int):
    source = make(
        "CREATE TABLE t (i INTEGER PRIMARY KEY, v TEXT)",
        f"INSERT INTO t {_NUMBERS} i, 'fine' FROM n LIMIT {rows}",
        "INSERT INTO t (v) VALUES (CAST(x'4dfc6c6c6572' AS TEXT)), ('fine')",
    )
    _, values = await column(source, "SELECT v FROM t ORDER BY i")

    assert len(values) == rows + 2
    assert values[-3:] == ["fine", "M�ller", "fine"]
    assert (await source.describe()).tables[0].columns[1].samples


async def test_a_missing_file_is_told_is_not_made_and_works_once_it_is_there(tmp_path: Path, opened):
    path = tmp_path / "later.db"
    source = opened("later", f"sqlite:///{path}")
    for ask in (source.describe, source.ping, lambda: column(source, "SELECT 1")):
        with pytest.raises(SourceUnavailable, match="can't be opened"):
            await ask()
    assert not path.exists()

    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (i)")
    assert [table.name for table in (await source.describe()).tables] == ["t"]


async def test_a_file_that_is_no_database_is_told(tmp_path: Path, opened):
    (tmp_path / "letter.db").write_text("Dear Sir or Madam, " * 200)
    with pytest.raises(SourceUnavailable, match="not a sound SQLite database"):
        await opened("letter", f"sqlite:///{tmp_path}/letter.db").describe()


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH 'other.db' AS other",
        "PRAGMA writable_schema = 1",
        "PRAGMA table_info(t)",
        "SELECT * FROM pragma_table_info('t')",
        "SELECT load_extension('evil')",
        "VACUUM INTO 'copy.db'",
        "CREATE TEMP TABLE mine (i)",
        "UPDATE sqlite_master SET sql = ''",
    ],
)
async def test_the_engine_itself_allows_nothing_but_reading(make: Make, tmp_path: Path, sql: str):
    source = make("CREATE TABLE t (i INTEGER)")
    with pytest.raises(QueryFailed):
        await column(source, sql)

    assert os.listdir(tmp_path) == ["data.db"]  # noqa: PTH208


async def test_json_and_full_text_search_work_behind_the_fence(make: Make):
    source = make("CREATE VIRTUAL TABLE f USING fts5(a)", "INSERT INTO f VALUES ('hello world')")

    assert await column(source, "SELECT a FROM f WHERE f MATCH 'hello'") == (events.COLUMN_TYPE_TEXT, ["hello world"])
    assert await column(source, "SELECT value FROM json_each('[1, 2]')") == (events.COLUMN_TYPE_INTEGER, [1, 2])


async def test_a_query_that_is_stopped_ends_in_its_thread_and_lets_go_of_the_file(make: Make, tmp_path: Path):
    source = make("CREATE TABLE t (i INTEGER)", "INSERT INTO t VALUES (1)")
    endless = f"{_NUMBERS.replace(' WHERE i < 30000', '')} count(*) FROM n, t"
    with pytest.raises(QueryTimeout):
        await column(source, endless, seconds=0.2)

    # The connection is closed by whoever comes after the query in its thread; while it works the file stays open.
    async with asyncio.timeout(60):
        while str(tmp_path / "data.db") in {file.path for file in psutil.Process().open_files()}:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_values_that_are_too_large_are_refused(make: Make):
    with pytest.raises(QueryFailed, match="too big"):
        await column(make(), "SELECT zeroblob(100000000)")


async def test_wide_rows_come_in_smaller_batches(make: Make):
    source = make()
    async with source.query(checked(f"{_NUMBERS} hex(zeroblob(50000)) FROM n LIMIT 200"), Limits()) as rows:
        counts = [batch.row_count async for batch in rows]

    assert sum(counts) == 200
    assert max(counts[1:]) <= 20


async def test_estimates_of_large_tables_need_no_count(make: Make):
    source = make(
        "CREATE TABLE t (i INTEGER PRIMARY KEY)",
        f"INSERT INTO t {_NUMBERS} i FROM n",
        "CREATE TABLE w (i INTEGER PRIMARY KEY) WITHOUT ROWID",
        "INSERT INTO w SELECT i FROM t",
    )
    tables = {table.name: table for table in (await source.describe()).tables}
    assert tables["t"].row_estimate == 30_000
    assert not tables["w"].HasField("row_estimate")


async def test_a_broken_view_is_a_problem_and_no_more(make: Make):
    source = make(
        "CREATE TABLE gone (i INTEGER)", "CREATE VIEW broken AS SELECT i FROM gone", "CREATE TABLE t (i INTEGER)"
    )
    make("DROP TABLE gone")
    schema = await source.describe()

    assert [table.name for table in schema.tables] == ["t"]
    assert any("broken" in problem for problem in schema.problems)

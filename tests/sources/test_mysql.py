"""What is MySQL's and MariaDB's own: types, rights, and connections that are killed."""

import asyncio
from contextlib import suppress

import pytest

from core.errors import QueryFailed, SourceLost, SourceUnavailable
from core.sources.base import CheckedQuery, Limits
from core.sources.rows import encode
from levada.v1 import event_pb2 as events
from tests.mysql import MySQLDatabase
from tests.sources.conftest import fetch

_SLEEPING = "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT sleep%'"


def checked(sql: str) -> CheckedQuery:
    return CheckedQuery(sql, "mysql", 10_000)


async def until(database: MySQLDatabase, wanted: bool) -> str:
    """Ask until a query sleeps, or none, as *wanted*; the test's time limit ends a wait in vain."""
    while bool(found := await asyncio.to_thread(database.run, _SLEEPING)) is not wanted:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    return found.strip()


async def test_a_cancelled_query_is_gone_from_the_server(mysql_database: MySQLDatabase, opened):
    task = asyncio.create_task(fetch(opened("my", mysql_database.url), "SELECT sleep(600)"))
    await until(mysql_database, True)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    async with asyncio.timeout(60):
        await until(mysql_database, False)


async def test_a_connection_that_is_killed_is_told_as_lost_and_the_next_query_works(
    mysql_database: MySQLDatabase, opened
):
    source = opened("my", mysql_database.url)
    task = asyncio.create_task(fetch(source, "SELECT sleep(600)"))
    mysql_database.run(f"KILL {await until(mysql_database, True)}")
    with pytest.raises(SourceLost, match="incomplete"):
        await task

    assert await fetch(source, "SELECT 1") == [(1,)]


async def test_a_wrong_password_is_told_without_repeating_it(mysql_database: MySQLDatabase, opened):
    url = mysql_database.url.replace(mysql_database.password, "not-the-w0rd")
    with pytest.raises(SourceUnavailable, match="user name or password") as refused:
        await opened("my", url).describe()

    assert "not-the-w0rd" not in str(refused.value)


async def test_a_transaction_is_read_only_even_for_an_administrator(mysql_database: MySQLDatabase, opened):
    mysql_database.run(
        "CREATE TABLE t (i INT)", "CREATE USER boss@'%' IDENTIFIED BY 'boss'", "GRANT ALL ON *.* TO boss@'%'"
    )
    source = opened("my", mysql_database.url.replace(f"{mysql_database.name}:{mysql_database.password}", "boss:boss"))
    try:
        with pytest.raises(QueryFailed, match="READ ONLY"):
            await fetch(source, "INSERT INTO t VALUES (1)")
        assert ["may change data" in problem for problem in (await source.describe()).problems] == [True]
    finally:
        mysql_database.run("DROP USER boss@'%'")


async def test_comments_keys_and_native_types_are_told(mysql_database: MySQLDatabase, opened):
    mysql_database.run(
        "CREATE TABLE people (id INT UNSIGNED PRIMARY KEY COMMENT 'Number', email VARCHAR(40) UNIQUE,"
        " active TINYINT(1), grade TINYINT(1), first_name VARCHAR(9), last_name VARCHAR(9),"
        " UNIQUE (first_name, last_name)) COMMENT 'Who works here'",
        "INSERT INTO people VALUES (1, 'a@b.c', 1, 3, 'A', 'B')",
    )
    (table,) = (await opened("my", mysql_database.url).describe()).tables
    columns = {column.name: column for column in table.columns}

    assert (table.comment, columns["id"].comment) == ("Who works here", "Number")
    assert columns["id"].native_type.endswith("unsigned")
    assert [name for name, column in columns.items() if column.unique] == ["id", "email"]
    assert columns["active"].type == events.COLUMN_TYPE_BOOLEAN
    assert list(columns["active"].samples) == ["true"]
    assert columns["grade"].type == events.COLUMN_TYPE_INTEGER
    assert list(columns["grade"].samples) == ["3"]


async def test_without_a_database_in_the_url_all_that_are_seen_are_described(mysql_database: MySQLDatabase, opened):
    mysql_database.run("CREATE TABLE t (i INT)")
    schema = await opened("my", mysql_database.url.removesuffix(f"/{mysql_database.name}")).describe()

    assert [(table.namespace, table.name) for table in schema.tables] == [(mysql_database.name, "t")]


async def test_every_type_has_its_form(mysql_database: MySQLDatabase, opened):
    shown = {
        "i BIGINT": ("-9223372036854775808", events.COLUMN_TYPE_INTEGER, -(2**63)),
        "u BIGINT UNSIGNED": ("18446744073709551615", events.COLUMN_TYPE_DECIMAL, "18446744073709551615"),
        "t TINYINT(1)": ("2", events.COLUMN_TYPE_INTEGER, 2),
        "b BIT(1)": ("b'1'", events.COLUMN_TYPE_BOOLEAN, True),
        "bs BIT(10)": ("b'1000000001'", events.COLUMN_TYPE_DECIMAL, "513"),
        "f FLOAT": ("0.1", events.COLUMN_TYPE_DOUBLE, 0.1),
        "n DECIMAL(10,2)": ("12.5", events.COLUMN_TYPE_DECIMAL, "12.50"),
        "v VARCHAR(20)": ("'Žofie 数 🎉'", events.COLUMN_TYPE_TEXT, "Žofie 数 🎉"),
        "bl BLOB": ("x'00ff'", events.COLUMN_TYPE_BINARY, b"\x00\xff"),
        "vb VARBINARY(4)": ("x'00ff'", events.COLUMN_TYPE_BINARY, b"\x00\xff"),
        "d DATE": ("'2026-01-31'", events.COLUMN_TYPE_DATE, "2026-01-31"),
        "z DATE": ("'0000-00-00'", events.COLUMN_TYPE_DATE, ""),
        "ti TIME(6)": ("'13:05:00.000123'", events.COLUMN_TYPE_TIME, "13:05:00.000123"),
        "dt DATETIME": ("'2026-01-31 13:05:00'", events.COLUMN_TYPE_TIMESTAMP, "2026-01-31T13:05:00"),
        "ts TIMESTAMP NULL": ("'2026-01-31 13:05:00'", events.COLUMN_TYPE_TIMESTAMP, "2026-01-31T13:05:00"),
        "y YEAR": ("2026", events.COLUMN_TYPE_INTEGER, 2026),
        "e ENUM('good','bad')": ("'good'", events.COLUMN_TYPE_TEXT, "good"),
        "nn INT": ("NULL", events.COLUMN_TYPE_INTEGER, 0),
    }
    mysql_database.run(
        "SET sql_mode = ''",
        f"CREATE TABLE t ({', '.join(shown)})",
        f"INSERT INTO t VALUES ({', '.join(stored for stored, _, _ in shown.values())})",
    )
    async with opened("my", mysql_database.url).query(checked("SELECT * FROM t"), Limits()) as rows:
        batch = await anext(aiter(rows))
        said = encode(batch, rows.columns)
    for column, values, (name, (_, kind, wire)) in zip(rows.columns, said.columns, shown.items(), strict=True):
        assert column.type == kind, name
        assert list(getattr(values, values.WhichOneof("values")).values) == [wire], name


async def test_a_time_that_is_no_time_of_day_fails_with_a_way_out(mysql_database: MySQLDatabase, opened):
    mysql_database.run("CREATE TABLE t (lap TIME)", "INSERT INTO t VALUES ('100:00:00')")
    source = opened("my", mysql_database.url)

    assert list((await source.describe()).tables[0].columns[0].samples) == ["100:00:00"]
    with pytest.raises(QueryFailed, match="CAST it to CHAR"):
        await fetch(source, "SELECT lap FROM t")
    assert await fetch(source, "SELECT CAST(lap AS CHAR) FROM t") == [("100:00:00",)]

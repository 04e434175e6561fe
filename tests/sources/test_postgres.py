"""What is PostgreSQL's own: rights, statistics, types, and connections that break."""

import asyncio
import datetime
import logging
import uuid
from contextlib import suppress
from decimal import Decimal

import pytest

from core.errors import QueryFailed, SourceLost, SourceUnavailable
from core.sources.base import CheckedQuery, Limits, Source
from core.sources.rows import encode
from levada.v1 import event_pb2 as events
from tests.postgres import PostgresDatabase

_ENDLESS = "SELECT count(*) FROM generate_series(1, 1000000000) AS a, generate_series(1, 1000) AS b"
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE usename = '{}' AND state = 'active'"


def checked(sql: str) -> CheckedQuery:
    return CheckedQuery(sql, "postgres", 10_000)


async def fetch(source: Source, sql: str, **limits) -> list[tuple]:
    async with source.query(checked(sql), Limits(**limits)) as rows:
        return [row async for batch in rows for row in zip(*batch.columns, strict=True)]


async def until(database: PostgresDatabase, sql: str, wanted: bool) -> list[tuple]:
    """Ask until there are rows, or none, as *wanted*; the test's time limit ends a wait in vain."""
    while bool(found := await asyncio.to_thread(database.run, sql)) is not wanted:  # noqa: ASYNC110 - the server tells nobody
        await asyncio.sleep(0.01)
    return found


async def test_a_cancelled_query_is_gone_from_the_server(postgres_database: PostgresDatabase, opened):
    source = opened("pg", postgres_database.url)
    task = asyncio.create_task(fetch(source, _ENDLESS))
    running = _BACKENDS.format(postgres_database.user)
    await until(postgres_database, running, True)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    async with asyncio.timeout(1):
        await until(postgres_database, running, False)


async def test_leaving_between_two_batches_ends_the_transaction(postgres_database: PostgresDatabase, opened):
    source = opened("pg", postgres_database.url)
    async with source.query(checked("SELECT generate_series(1, 100000)"), Limits()) as rows:
        await anext(aiter(rows))

    open_ones = "SELECT state FROM pg_stat_activity WHERE usename = '{}' AND state <> 'idle'"
    assert postgres_database.run(open_ones.format(postgres_database.user)) == []


async def test_a_backend_that_is_terminated_is_told_as_lost_and_the_next_query_works(
    postgres_database: PostgresDatabase, opened
):
    source = opened("pg", postgres_database.url)
    task = asyncio.create_task(fetch(source, _ENDLESS))
    ((pid,),) = await until(postgres_database, _BACKENDS.format(postgres_database.user), True)
    postgres_database.run(f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(SourceLost, match="incomplete"):
        await task

    assert await fetch(source, "SELECT 1") == [(1,)]


async def test_connections_that_died_while_idle_are_replaced_unnoticed(postgres_database: PostgresDatabase, opened):
    source = opened("pg", postgres_database.url)
    await asyncio.gather(*(fetch(source, "SELECT pg_sleep(0.05)") for _ in range(4)))
    user = postgres_database.user
    postgres_database.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{user}'")

    assert await fetch(source, "SELECT 1") == [(1,)]


async def test_a_wrong_password_is_told_without_repeating_it(postgres_database: PostgresDatabase, opened):
    source = opened("pg", postgres_database.url_for(postgres_database.user, "not-the-w0rd"))
    with pytest.raises(SourceUnavailable, match="user name or password") as refused:
        await source.describe()

    assert "not-the-w0rd" not in str(refused.value)
    assert postgres_database.user not in str(refused.value)


async def test_a_database_that_is_not_there_is_told_and_works_once_it_is(postgres_database: PostgresDatabase, opened):
    url = postgres_database.url.replace(f"/{postgres_database.name}?", f"/{postgres_database.name}_later?")
    source = opened("pg", url)
    with pytest.raises(SourceUnavailable, match="no database of that name"):
        await source.describe()
    with pytest.raises(SourceUnavailable):
        await source.ping()

    postgres_database.run(f"CREATE DATABASE {postgres_database.name}_later")
    try:
        await source.ping()
        assert not (await source.describe()).tables
        await source.close()
    finally:
        postgres_database.run(f"DROP DATABASE {postgres_database.name}_later WITH (FORCE)")


async def test_a_server_that_is_down_is_told_at_once(opened, unused_tcp_port: int):
    source = opened("pg", f"postgresql://someone:s3cret@127.0.0.1:{unused_tcp_port}/shop")
    async with asyncio.timeout(5):
        with pytest.raises(SourceUnavailable, match="nothing answers") as refused:
            await fetch(source, "SELECT 1")

    assert "s3cret" not in str(refused.value)


async def test_a_server_that_says_nothing_is_given_up_after_five_seconds(opened):
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    source = opened("pg", f"postgresql://someone@127.0.0.1:{server.sockets[0].getsockname()[1]}/shop?sslmode=disable")
    async with server, asyncio.timeout(7):
        with pytest.raises(SourceUnavailable, match="within 5 seconds"):
            await source.ping()


async def test_only_what_the_user_may_read_is_described(postgres_database: PostgresDatabase, opened):
    user = postgres_database.user
    postgres_database.run(
        "CREATE TABLE open_to_all (id int)",
        "CREATE TABLE secret (id int)",
        f"REVOKE ALL ON secret FROM {user}",
        "CREATE TABLE people (id int PRIMARY KEY, name text, salary int)",
        f"REVOKE ALL ON people FROM {user}",
        f"GRANT SELECT (id, name) ON people TO {user}",
        "CREATE SCHEMA vault",
        "CREATE TABLE vault.gold (id int)",
        "GRANT SELECT ON vault.gold TO PUBLIC",
        "CREATE SCHEMA archive",
        f"GRANT USAGE ON SCHEMA archive TO {user}",
        "CREATE TABLE archive.orders (id int REFERENCES people)",
        "GRANT SELECT ON archive.orders TO PUBLIC",
    )
    schema = await opened("pg", postgres_database.url).describe()

    described = {(table.namespace, table.name): [c.name for c in table.columns] for table in schema.tables}
    assert described == {
        ("archive", "orders"): ["id"],
        ("", "open_to_all"): ["id"],
        ("", "people"): ["id", "name"],
    }
    assert schema.tables[0].foreign_keys[0].referenced_table == "people"
    assert not schema.problems


async def test_comments_native_types_and_unique_columns_are_told(postgres_database: PostgresDatabase, opened):
    postgres_database.run(
        "CREATE DOMAIN euros AS numeric(12,2)",
        "CREATE TYPE mood AS ENUM ('good', 'bad')",
        "CREATE TABLE people (id int PRIMARY KEY, email varchar(40) UNIQUE, wage euros, mood mood, tags text[])",
        "COMMENT ON TABLE people IS 'Who works here'",
        "COMMENT ON COLUMN people.wage IS 'A month, before tax'",
        "INSERT INTO people VALUES (1, 'a@b.c', 1, 'good', '{x}')",
    )
    (table,) = (await opened("pg", postgres_database.url).describe()).tables

    columns = {column.name: column for column in table.columns}
    assert table.comment == "Who works here"
    assert columns["wage"].comment == "A month, before tax"
    assert [(c.native_type, c.type) for c in table.columns] == [
        ("integer", events.COLUMN_TYPE_INTEGER),
        ("character varying(40)", events.COLUMN_TYPE_TEXT),
        ("euros", events.COLUMN_TYPE_DECIMAL),
        ("mood", events.COLUMN_TYPE_TEXT),
        ("text[]", events.COLUMN_TYPE_JSON),
    ]
    assert [name for name, column in columns.items() if column.unique] == ["id", "email"]
    assert list(columns["mood"].samples) == ["good"]
    assert not columns["tags"].samples


@pytest.mark.parametrize("analyzed", [True, False])
async def test_samples_and_estimates_come_from_statistics_or_else_a_few_rows(
    postgres_database: PostgresDatabase, opened, analyzed: bool
):
    postgres_database.run(
        "CREATE TABLE events AS SELECT n AS id, CASE n % 3 WHEN 0 THEN 'red' WHEN 1 THEN 'blue' END AS colour,"
        " n % 2 = 0 AS even, timestamptz '2026-01-31 12:00Z' AS at FROM generate_series(1, 40000) AS n",
        *(["ANALYZE events"] if analyzed else []),
    )
    (table,) = (await opened("pg", postgres_database.url).describe()).tables
    samples = {column.name: set(column.samples) for column in table.columns}

    assert 20_000 < table.row_estimate < 80_000
    assert samples["colour"] == {"red", "blue"}
    assert samples["even"] == {"true", "false"}
    assert samples["at"] == {"2026-01-31T12:00:00+00:00"}


async def test_a_view_that_takes_long_costs_a_description_little(postgres_database: PostgresDatabase, opened):
    postgres_database.run(f"CREATE VIEW endless AS {_ENDLESS}", "CREATE TABLE quick AS SELECT 'word' AS w")
    async with asyncio.timeout(3):
        tables = {table.name: table for table in (await opened("pg", postgres_database.url).describe()).tables}

    assert list(tables) == ["endless", "quick"]
    assert list(tables["quick"].columns[0].samples) == ["word"]


async def test_a_superuser_is_warned_of_once(
    postgres_database: PostgresDatabase, opened, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            schema = await opened("as-admin", postgres_database.admin_url).describe()

    assert ["superuser" in problem for problem in schema.problems] == [True]
    assert len([record for record in caplog.records if "superuser" in record.message]) == 1


async def test_a_read_only_transaction_holds_even_for_a_superuser(postgres_database: PostgresDatabase, opened):
    postgres_database.run("CREATE TABLE t (i int)", "CREATE SEQUENCE s")
    source = opened("pg", postgres_database.admin_url)
    for sql in ("WITH x AS (INSERT INTO t VALUES (1) RETURNING i) SELECT * FROM x", "SELECT nextval('s')"):
        with pytest.raises(QueryFailed, match="read-only transaction"):
            await fetch(source, sql)


async def test_the_transaction_ends_with_the_query_whatever_it_set(postgres_database: PostgresDatabase, opened):
    source = opened("pg", postgres_database.url)
    await fetch(source, "SELECT set_config('statement_timeout', '0', false), set_config('search_path', 'x', false)")

    assert await fetch(source, "SHOW search_path") == [('"$user", public',)]


async def test_every_type_has_its_form(postgres_database: PostgresDatabase, opened):
    shown = {
        "true": (events.COLUMN_TYPE_BOOLEAN, True, [True]),
        "9223372036854775807": (events.COLUMN_TYPE_INTEGER, 2**63 - 1, [2**63 - 1]),
        "(-9223372036854775808)::bigint": (events.COLUMN_TYPE_INTEGER, -(2**63), [-(2**63)]),
        "0.1::real": (events.COLUMN_TYPE_DOUBLE, 0.1, [0.1]),
        "'infinity'::float8": (events.COLUMN_TYPE_DOUBLE, float("inf"), [float("inf")]),
        "12.50::numeric(10,2)": (events.COLUMN_TYPE_DECIMAL, Decimal("12.50"), ["12.50"]),
        "1e30::numeric": (events.COLUMN_TYPE_DECIMAL, Decimal("1e30"), ["1" + "0" * 30]),
        "'NaN'::numeric": (events.COLUMN_TYPE_DECIMAL, None, ["NaN"]),
        "'Žofie 数'": (events.COLUMN_TYPE_TEXT, "Žofie 数", ["Žofie 数"]),
        r"'\x00ff'::bytea": (events.COLUMN_TYPE_BINARY, b"\x00\xff", [b"\x00\xff"]),
        "date '2026-01-31'": (events.COLUMN_TYPE_DATE, datetime.date(2026, 1, 31), ["2026-01-31"]),
        "time '13:05:00.000123'": (events.COLUMN_TYPE_TIME, datetime.time(13, 5, 0, 123), ["13:05:00.000123"]),
        "timestamp '2026-01-31 13:05'": (
            events.COLUMN_TYPE_TIMESTAMP,
            datetime.datetime(2026, 1, 31, 13, 5),  # noqa: DTZ001 - it has none
            ["2026-01-31T13:05:00"],
        ),
        "timestamptz '2026-01-31 13:05+01'": (events.COLUMN_TYPE_TIMESTAMP_ZONED, None, ["2026-01-31T12:05:00+00:00"]),
        "interval '1 day 2 hours'": (
            events.COLUMN_TYPE_INTERVAL,
            datetime.timedelta(days=1, hours=2),
            ["P1DT2H"],
        ),
        "interval '14 months -3 days 00:00:01.5'": (events.COLUMN_TYPE_INTERVAL, None, ["P1Y2M-3DT1.5S"]),
        "'6f9619ff-8b86-d011-b42d-00c04fc964ff'::uuid": (
            events.COLUMN_TYPE_UUID,
            uuid.UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff"),
            ["6f9619ff-8b86-d011-b42d-00c04fc964ff"],
        ),
        """'{"a": [1, null]}'::jsonb""": (events.COLUMN_TYPE_JSON, None, ['{"a": [1, null]}']),
        "ARRAY[1.5::numeric, NULL]": (events.COLUMN_TYPE_JSON, None, ['["1.5", null]']),
        "ROW(1, 'x', date '2026-01-31')": (events.COLUMN_TYPE_JSON, None, None),
        "int4range(1, 5)": (events.COLUMN_TYPE_JSON, None, ['"[1,5)"']),
        "'10.0.0.1'::inet": (events.COLUMN_TYPE_TEXT, "10.0.0.1", ["10.0.0.1"]),
        "B'101'": (events.COLUMN_TYPE_TEXT, "101", ["101"]),
        "'good'::text COLLATE \"C\"": (events.COLUMN_TYPE_TEXT, "good", ["good"]),
        "NULL": (events.COLUMN_TYPE_TEXT, None, None),
    }
    source = opened("pg", postgres_database.url)
    for expression, (kind, value, wire) in shown.items():
        async with source.query(checked(f"SELECT {expression} AS x"), Limits()) as rows:
            batch = await anext(aiter(rows))
            said = encode(batch, rows.columns).columns[0]
        assert rows.columns[0].type == kind, expression
        assert value is None or batch.columns[0][0] == value, expression
        values = getattr(said, said.WhichOneof("values")).values
        assert wire is None or list(values) == wire, expression


async def test_instants_are_shown_in_the_sessions_zone(postgres_database: PostgresDatabase, opened):
    postgres_database.run(f"ALTER ROLE {postgres_database.user} SET timezone = 'Europe/Berlin'")
    ((midnight,),) = await fetch(
        opened("pg", postgres_database.url), "SELECT date_trunc('day', timestamptz '2026-07-01 12:00Z')"
    )

    assert midnight.isoformat() == "2026-07-01T00:00:00+02:00"


async def test_a_date_before_the_calendar_fails_with_a_way_out(postgres_database: PostgresDatabase, opened):
    with pytest.raises(QueryFailed, match="CAST it to text"):
        await fetch(opened("pg", postgres_database.url), "SELECT date '0044-03-15 BC'")


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

"""What is PostgreSQL's own: rights, statistics, types, and connections that break."""

import asyncio
from contextlib import suppress

import pytest

from core.errors import QueryFailed, SourceLost, SourceUnavailable
from core.sources.base import CheckedQuery, Limits
from tests.postgres import PostgresDatabase
from tests.sources.conftest import fetch

_ENDLESS = "SELECT count(*) FROM generate_series(1, 1000000000) AS a, generate_series(1, 1000) AS b"
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE usename = '{}' AND state = 'active'"


def checked(sql: str) -> CheckedQuery:
    return CheckedQuery(sql, "postgres", 10_000)


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

    async with asyncio.timeout(60):
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
    async with asyncio.timeout(60):
        with pytest.raises(SourceUnavailable, match="nothing answers") as refused:
            await fetch(source, "SELECT 1")

    assert "s3cret" not in str(refused.value)


async def test_a_server_that_says_nothing_is_given_up_after_five_seconds(opened):
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    source = opened("pg", f"postgresql://someone@127.0.0.1:{server.sockets[0].getsockname()[1]}/shop?sslmode=disable")
    async with server, asyncio.timeout(60):
        with pytest.raises(SourceUnavailable, match="within 5 seconds"):
            await source.ping()


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


@pytest.fixture
def unused_tcp_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_what_is_shown_as_text_is_compared_as_text_also_with_what_its_type_does_not_know(
    postgres_database: PostgresDatabase, opened
):
    postgres_database.run(
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        "CREATE DOMAIN short AS varchar(9)",
        "CREATE TABLE people (name short, mood mood, host inet, code char(4))",
        "INSERT INTO people VALUES ('Ada', 'ok', '10.0.0.1', 'a'), ('Bo', 'sad', '10.0.0.2', 'b')",
    )
    source = opened("pg", postgres_database.url)

    async def names(condition: str, *values: object) -> list[tuple]:
        sql = f"SELECT name FROM people WHERE {condition}"
        query = source.check(sql, await source.describe(), 10, {"some": values})
        async with source.query(query, Limits()) as rows:
            return [row async for batch in rows for row in zip(*batch.columns, strict=True)]

    assert await names("mood IN (:some)", "ok", "angry", 7) == [("Ada",)]
    assert await names("mood = :some", "angry") == []
    assert await names("NOT mood IN (:some)", "ok", "angry") == [("Bo",)]
    assert await names("mood > :some", "sad") == [("Ada",)]
    assert await names("host IN (:some)", "10.0.0.1/32", "nowhere") == [("Ada",)]
    assert await names("name IN (:some)", "Ada", "far too long for its type") == [("Ada",)]
    assert await names("code IN (:some)", "a") == [("Ada",)]

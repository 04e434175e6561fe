"""What a description of a PostgreSQL tells: only what may be read, from statistics where there are some."""

import asyncio
import logging

import pytest

from levada.v1 import event_pb2 as events
from tests.postgres import PostgresDatabase


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
    postgres_database.run(
        "CREATE VIEW endless AS SELECT count(*) FROM generate_series(1, 100000000000) AS n",
        "CREATE TABLE quick AS SELECT 'word' AS w",
    )
    async with asyncio.timeout(60):
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

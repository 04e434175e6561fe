"""Sources as they come: down, empty, gone, very large, oddly named; and what a trace says of a query."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import StoreError
from core.identity import LOCAL
from levada.v1 import event_pb2 as events
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.run_pb2 import QueryParameters
from tests.pace import pace
from tests.pipelines.query.house import House, draft
from tests.postgres import PostgresDatabase
from tests.servers import until
from tests.spans import recorded


def database(path: Path, *statements: str) -> str:
    with closing(sqlite3.connect(path)) as opened:
        for statement in statements:
            opened.execute(statement)
        opened.commit()
    return str(path)


async def test_a_source_that_is_down_is_told_and_not_mended(tmp_path: Path):
    async with House(tmp_path, "postgresql://nobody@127.0.0.1:1/none") as house:
        house.plays(draft("SELECT 1"))
        seen = await house.ask()
    assert ErrorReason.Name(seen.end.reason) == "ERROR_REASON_SOURCE_UNAVAILABLE"
    assert seen.end.retryable
    assert seen.steps == ["classify_intent", "fetch_context"]


async def test_an_empty_source_is_told_so(tmp_path: Path):
    async with House(tmp_path, database(tmp_path / "empty.db", "VACUUM")) as house:
        seen = await house.ask()
    assert ErrorReason.Name(seen.end.reason) == "ERROR_REASON_SOURCE_EMPTY"
    assert "no tables" in seen.end.message


async def test_five_hundred_tables_are_cut_to_those_that_matter(tmp_path: Path):
    tables = [f"CREATE TABLE log_{number} (id INTEGER, payload TEXT)" for number in range(500)]
    url = database(tmp_path / "large.db", *tables, "CREATE TABLE invoices (id INTEGER, total REAL)")
    async with House(tmp_path, url) as house:
        model = house.plays(draft("SELECT count(*) AS n FROM invoices"))
        seen = await house.ask("How many invoices?")
    matched = seen.one("schema_matched")
    assert matched.tables[0] == "invoices"
    assert len(matched.tables) <= 30 < matched.tables_total == 501
    assert len(model.asked[1].schema.tables) == len(matched.tables)
    assert seen.end.outcome == events.OUTCOME_ANSWERED


async def test_odd_names_are_read_like_any_other(tmp_path: Path):
    url = database(
        tmp_path / "odd.db",
        'CREATE TABLE "Größe & ""Maß""" ("select" INTEGER, "naïve column" TEXT, "日本" REAL)',
        'INSERT INTO "Größe & ""Maß""" VALUES (1, \'x\'\'y\', 2.5)',
    )
    async with House(tmp_path, url) as house:
        sql = 'SELECT "select", "naïve column", "日本" FROM "Größe & ""Maß"""'
        seen = await house.ask(query=QueryParameters(query=sql))
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert [column.name for column in seen.one("table_started").columns] == ["select", "naïve column", "日本"]
    assert seen.one("schema_matched").tables == ['Größe & "Maß"']


async def test_a_look_up_that_fails_is_said_and_does_not_stop_the_run(house: House, monkeypatch: pytest.MonkeyPatch):
    async def broken(*_: object) -> None:
        raise StoreError("The memory is being rebuilt.")

    monkeypatch.setattr(house.catalog, "answered", broken)
    house.plays(draft("SELECT count(*) AS n FROM ships"))
    seen = await house.ask()
    assert "The memory is being rebuilt." in " ".join(seen.one("schema_matched").problems)
    assert seen.end.outcome == events.OUTCOME_ANSWERED


async def test_a_refusal_after_a_failed_look_up_says_that_this_may_be_why(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    async def broken(*_: object) -> None:
        raise StoreError("The memory is being rebuilt.")

    monkeypatch.setattr(house.catalog, "answered", broken)
    house.plays("Ships are not in this data.")
    seen = await house.ask()
    assert "The memory is being rebuilt. That may be why, so ask again in a moment." in seen.end.message
    assert "Ships are not in this data." in seen.end.message
    assert seen.end.retryable


async def test_a_refusal_with_all_looked_up_is_final(house: House):
    house.plays("Ships are not in this data.")
    seen = await house.ask()
    assert seen.end.message.startswith("Ships are not in this data.")
    assert not seen.end.retryable


async def test_a_query_is_a_span_of_its_step_without_values_or_rows(house: House):
    house.plays(draft("SELECT name FROM ships WHERE flag = 'Norway' AND length > 119.25"))
    with recorded() as spans:
        await house.ask("secret question")
        query = spans.one("SELECT ships")
        step = spans.one("execute_sql")
    assert query.parent and query.parent.span_id == step.context.span_id
    attributes = dict(query.attributes or {})
    assert attributes["db.system.name"] == "sqlite"
    assert attributes["db.operation.name"] == "SELECT"
    assert attributes["db.query.summary"] == "SELECT ships"
    assert attributes["db.response.returned_rows"] == 1
    said = " ".join(str(value) for value in attributes.values())
    for secret in ("Norway", "119.25", "Aurora", "secret"):
        assert secret not in said


async def test_a_failed_query_marks_its_span(house: House):
    house.plays(draft("SELECT name FROM ships JOIN calls USING (ship_id)"))
    with recorded() as spans:
        await house.ask()
        failed = [span for span in spans.named("SELECT ships calls") if "error.type" in (span.attributes or {})]
    assert [dict(span.attributes or {})["error.type"] for span in failed] == ["QueryFailed"]
    assert not failed[0].events


ENDLESS = (
    "SELECT count(*) AS n FROM t a JOIN t b ON a.n <> b.n + 1 JOIN t c ON b.n <> c.n + 1 JOIN t d ON c.n <> d.n + 1"
)
WORKING = "FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%count(%' AND pid <> pg_backend_pid()"


@pytest.mark.postgres
async def test_a_database_that_disappears_in_mid_query_is_told(tmp_path: Path, postgres_database: PostgresDatabase):
    postgres_database.run("CREATE TABLE t AS SELECT generate_series(1, 1000) AS n", "ANALYZE t")
    async with House(tmp_path, postgres_database.url) as house:
        house.plays(draft(ENDLESS))
        run = await house.create()
        await house.watch(run, "operation_started")
        await until(lambda: postgres_database.run(f"SELECT pg_terminate_backend(pid) {WORKING}"))
        seen = await house.watch(run)
    assert ErrorReason.Name(seen.end.reason) == "ERROR_REASON_SOURCE_LOST"
    assert seen.end.retryable
    assert "analyze_error" not in seen.steps


@pytest.mark.postgres
async def test_a_cancelled_run_leaves_no_query_in_postgres(tmp_path: Path, postgres_database: PostgresDatabase):
    postgres_database.run("CREATE TABLE t AS SELECT generate_series(1, 1000) AS n", "ANALYZE t")
    async with House(tmp_path, postgres_database.url) as house:
        house.plays(draft(ENDLESS))
        run = await house.create()
        await house.watch(run, "operation_started")
        await house.engine.cancel(LOCAL, run)
        assert (await house.watch(run)).kinds[-1] == "cancelled"
        with pace() as since:
            await until(lambda: not postgres_database.run(f"SELECT pid {WORKING}"))
            assert since.seconds < 2

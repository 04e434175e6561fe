"""What is DuckDB's own: files as tables, doors that are shut, and locks of writers."""

import asyncio
import datetime
import os
import subprocess
import sys
import uuid
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from core.errors import QueryFailed, SourceUnavailable
from core.sources.base import CheckedQuery, Limits
from core.sources.duckdb.databases import OpenFiles, open_file
from core.sources.rows import encode
from levada.v1 import event_pb2 as events
from tests.sources.conftest import fetch


def checked(sql: str) -> CheckedQuery:
    return CheckedQuery(sql, "duckdb", 10_000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "orders.csv").write_text("id,day,amount\n1,2026-01-31,2.5\n2,2026-02-01,\n")
    with duckdb.connect(":memory:") as memory:
        memory.execute(
            f"COPY (SELECT i AS id, 'n' || i AS name FROM range(5000) AS t(i)) TO '{tmp_path}/people.parquet'"
        )
    return tmp_path


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t (i INTEGER)")
        connection.execute("INSERT INTO t VALUES (1)")
    return path


async def test_files_of_a_folder_are_tables_named_after_them(folder: Path, opened):
    schema = await opened("files", str(folder)).describe()

    assert [(table.name, table.row_estimate, table.is_view) for table in schema.tables] == [
        ("orders", 2, False),
        ("people", 5000, False),
    ]
    assert [column.type for column in schema.tables[0].columns] == [
        events.COLUMN_TYPE_INTEGER,
        events.COLUMN_TYPE_DATE,
        events.COLUMN_TYPE_DOUBLE,
    ]


async def test_no_query_can_change_the_settings_that_shut_the_doors(folder: Path, shop: Path):
    with open_file(shop) as file, OpenFiles("files", str(folder)).cursor() as files:
        for connection in (file, files):
            for setting in ("memory_limit = '90GB'", "threads = 64", "temp_directory = '/tmp'"):
                with pytest.raises(duckdb.Error, match="locked"):
                    connection.execute(f"SET {setting}")


async def test_files_can_be_joined(folder: Path, opened):
    rows = await fetch(
        opened("files", f"{folder}/*"), "SELECT name, amount FROM orders JOIN people USING (id) ORDER BY id"
    )
    assert rows == [("n1", 2.5), ("n2", None)]


async def test_files_of_one_name_are_told_apart_by_their_ending(folder: Path, opened):
    (folder / "people.csv").write_text("id\n1\n")
    schema = await opened("files", str(folder)).describe()

    assert [table.name for table in schema.tables] == ["orders", "people_csv", "people_parquet"]


async def test_a_file_that_changes_or_comes_later_is_read_as_it_is(folder: Path, opened):
    source = opened("files", str(folder))
    assert await fetch(source, "SELECT count(*) FROM orders") == [(2,)]
    (folder / "orders.csv").write_text("id,colour\n1,red\n")
    (folder / "new.csv").write_text("x\n1\n")

    assert await fetch(source, "SELECT colour FROM orders, new") == [("red",)]


async def test_a_file_that_can_not_be_read_is_a_problem_and_the_others_are_there(folder: Path, opened):
    (folder / "broken.parquet").write_text("no parquet")
    schema = await opened("files", str(folder)).describe()

    assert [table.name for table in schema.tables] == ["orders", "people"]
    assert ["broken.parquet" in problem for problem in schema.problems] == [True]
    assert str(folder) not in schema.problems[0]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{folder}/secret.txt')",
        "SELECT * FROM read_text('{folder}/secret.txt')",
        "FROM '{folder}/secret.txt'",
        "SELECT * FROM glob('{folder}/*')",
        "COPY t TO '{folder}/copy.csv'",
        "ATTACH '{folder}/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 64",
        "SET enable_external_access = true",
        "PRAGMA database_list",
        "CREATE TEMP TABLE mine (i INTEGER)",
        "SELECT * FROM secret_frame",
    ],
)
@pytest.mark.parametrize("kind", ["database", "files"])
async def test_the_engine_itself_shuts_every_door(tmp_path: Path, opened, shop: Path, sql: str, kind: str):
    secret_frame = pa.table({"s": ["secret"]})  # what a replacement scan would find
    (tmp_path / "secret.txt").write_text("secret\n")
    (tmp_path / "t.csv").write_text("i\n1\n")
    before = sorted(os.listdir(tmp_path))  # noqa: PTH208
    source = opened("data", f"duckdb:///{shop}" if kind == "database" else str(tmp_path / "t.csv"))
    with pytest.raises(QueryFailed):
        await fetch(source, sql.format(folder=tmp_path))

    assert sorted(os.listdir(tmp_path)) == before  # noqa: PTH208
    assert secret_frame is not None
    assert await fetch(source, "SELECT i FROM t") == [(1,)]


async def test_a_query_of_too_much_memory_fails_and_fills_no_disk(shop: Path, opened):
    with pytest.raises(QueryFailed, match="memory"):
        await fetch(
            opened("data", f"duckdb:///{shop}"), "SELECT list(repeat('x', 1000) || i) FROM range(9000000) AS t(i)"
        )


async def test_a_writer_keeps_readers_out_and_is_let_in_between_queries(shop: Path, opened):
    source = opened("data", f"duckdb:///{shop}")
    assert await fetch(source, "SELECT i FROM t") == [(1,)]
    program = (
        "import duckdb, sys\n"
        f"c = duckdb.connect({str(shop)!r})\n"
        "c.execute('INSERT INTO t VALUES (2)'); print('in', flush=True)\n"
        "sys.stdin.read(); c.close()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    writer = await asyncio.create_subprocess_exec(sys.executable, "-c", program, **pipes)
    try:
        assert await writer.stdout.readline() == b"in\n"
        with pytest.raises(SourceUnavailable, match="keeps it locked"):
            await fetch(source, "SELECT i FROM t")
    finally:
        await writer.communicate(b"")

    assert await fetch(source, "SELECT i FROM t") == [(1,), (2,)]


async def test_a_missing_file_is_told_and_is_not_made(tmp_path: Path, opened):
    with pytest.raises(SourceUnavailable, match="missing"):
        await opened("data", f"duckdb:///{tmp_path}/none.duckdb").ping()

    assert not os.listdir(tmp_path)  # noqa: PTH208


async def test_comments_and_other_schemas_are_told(shop: Path, opened):
    with duckdb.connect(str(shop)) as connection:
        connection.execute("COMMENT ON TABLE t IS 'Things'")
        connection.execute("COMMENT ON COLUMN t.i IS 'Which'")
        connection.execute("CREATE SCHEMA archive")
        connection.execute("CREATE TABLE archive.t (a INTEGER, b INTEGER UNIQUE, PRIMARY KEY (a))")
    schema = await opened("data", f"duckdb:///{shop}").describe()

    assert [(table.namespace, table.name, table.comment) for table in schema.tables] == [
        ("archive", "t", ""),
        ("", "t", "Things"),
    ]
    assert schema.tables[1].columns[0].comment == "Which"
    assert list(schema.tables[0].primary_key) == ["a"]
    assert [column.unique for column in schema.tables[0].columns] == [True, True]


async def test_every_type_has_its_form(shop: Path, opened):
    shown = {
        "true": (events.COLUMN_TYPE_BOOLEAN, True),
        "9223372036854775807": (events.COLUMN_TYPE_INTEGER, 2**63 - 1),
        "18446744073709551615::UBIGINT": (events.COLUMN_TYPE_DECIMAL, "18446744073709551615"),
        "170141183460469231731687303715884105727": (events.COLUMN_TYPE_DECIMAL, str(2**127 - 1)),
        "'-inf'::DOUBLE": (events.COLUMN_TYPE_DOUBLE, float("-inf")),
        "12.50::DECIMAL(10,2)": (events.COLUMN_TYPE_DECIMAL, "12.50"),
        "'Žofie 数'": (events.COLUMN_TYPE_TEXT, "Žofie 数"),
        r"'\x00\xFF'::BLOB": (events.COLUMN_TYPE_BINARY, b"\x00\xff"),
        "DATE '2026-01-31'": (events.COLUMN_TYPE_DATE, "2026-01-31"),
        "TIME '13:05:00.000123'": (events.COLUMN_TYPE_TIME, "13:05:00.000123"),
        "TIMESTAMP '2026-01-31 13:05'": (events.COLUMN_TYPE_TIMESTAMP, "2026-01-31T13:05:00"),
        "INTERVAL 26 HOURS": (events.COLUMN_TYPE_INTERVAL, "P1DT2H"),
        f"'{uuid.UUID(int=1)}'::UUID": (events.COLUMN_TYPE_UUID, str(uuid.UUID(int=1))),
        """'{"a":1}'::JSON""": (events.COLUMN_TYPE_JSON, '{"a":1}'),
        "[1.5::DECIMAL(3,1), NULL]": (events.COLUMN_TYPE_JSON, '["1.5", null]'),
        "{'a': DATE '2026-01-31', 'b': ['x']}": (events.COLUMN_TYPE_JSON, '{"a": "2026-01-31", "b": ["x"]}'),
        "MAP {'k': 1}": (events.COLUMN_TYPE_JSON, '{"k": 1}'),
        "'good'::ENUM('good', 'bad')": (events.COLUMN_TYPE_TEXT, "good"),
        "NULL": (events.COLUMN_TYPE_TEXT, ""),
    }
    source = opened("data", f"duckdb:///{shop}")
    for expression, (kind, wire) in shown.items():
        async with source.query(checked(f"SELECT {expression} AS x"), Limits()) as rows:
            batch = await anext(aiter(rows))
            said = encode(batch, rows.columns).columns[0]
        assert rows.columns[0].type == kind, expression
        assert list(getattr(said, said.WhichOneof("values")).values) == [wire], expression


async def test_instants_keep_their_offset(shop: Path, opened):
    ((moment,),) = await fetch(opened("data", f"duckdb:///{shop}"), "SELECT TIMESTAMPTZ '2026-01-31 13:05+01'")

    assert moment == datetime.datetime(2026, 1, 31, 12, 5, tzinfo=datetime.UTC)


async def test_figures_stay_exact_and_dates_out_of_range_fail_with_a_way_out(shop: Path, opened):
    source = opened("data", f"duckdb:///{shop}")

    assert await fetch(source, "SELECT 0.1 + 0.2") == [(Decimal("0.3"),)]
    with pytest.raises(QueryFailed, match="CAST it to VARCHAR"):
        await fetch(source, "SELECT DATE '0044-03-15 (BC)'")

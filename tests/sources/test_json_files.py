"""JSON files as tables: a line or an element is a row, what is nested is a JSON column."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import QueryFailed
from core.sources.base import Limits, Source
from levada.v1 import event_pb2 as events
from tests.sources.conftest import fetch

Open = Callable[..., Source]
VISITS = [
    {"id": 1, "at": "2024-03-01T10:00:00", "who": {"name": "Žofie", "city": "Graz"}, "tags": ["new", "vip"]},
    {"id": 2, "at": "2024-03-02T11:30:00", "who": {"name": "Ada"}, "tags": [], "note": "late"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = "".join(json.dumps(visit) + "\n" for visit in VISITS)
    (tmp_path / "visits.ndjson").write_text(lines)
    (tmp_path / "events.jsonl").write_text(lines * 500)
    (tmp_path / "people.json").write_text(json.dumps([visit["who"] for visit in VISITS], indent=2))
    (tmp_path / "cities.csv").write_text("city,country\nGraz,AT\n")
    return tmp_path


async def checked(source: Source, sql: str) -> list[tuple[Any, ...]]:
    query = source.check(sql, await source.describe(), 100)
    async with source.query(query, Limits()) as rows:
        return [row async for batch in rows for row in zip(*batch.columns, strict=True)]


async def test_a_folder_is_described_with_what_is_nested_as_json(folder: Path, opened: Open):
    tables = {table.name: table for table in (await opened("files", str(folder)).describe()).tables}
    columns = {column.name: column for column in tables["visits"].columns}

    assert list(tables) == ["cities", "events", "people", "visits"]
    assert {name: column.type for name, column in columns.items()} == {
        "id": events.COLUMN_TYPE_INTEGER,
        "at": events.COLUMN_TYPE_TIMESTAMP,
        "who": events.COLUMN_TYPE_JSON,
        "tags": events.COLUMN_TYPE_JSON,
        "note": events.COLUMN_TYPE_TEXT,
    }
    assert columns["who"].native_type == 'STRUCT("name" VARCHAR, city VARCHAR)'
    assert list(columns["note"].samples) == ["late"]


async def test_rows_of_lines_are_counted_and_those_of_a_list_are_not_guessed(folder: Path, opened: Open):
    tables = {table.name: table for table in (await opened("files", str(folder)).describe()).tables}

    assert 990 <= tables["events"].row_estimate <= 1010
    assert tables["visits"].row_estimate == 2
    assert not tables["people"].HasField("row_estimate")


async def test_nested_values_come_as_json(folder: Path, opened: Open):
    rows = await fetch(opened("files", str(folder)), "SELECT who, tags FROM visits ORDER BY id")

    assert [(json.loads(who), json.loads(tags)) for who, tags in rows] == [
        ({"name": "Žofie", "city": "Graz"}, ["new", "vip"]),
        ({"name": "Ada", "city": None}, []),
    ]


async def test_what_is_nested_can_be_asked_for_and_joined(folder: Path, opened: Open):
    sql = (
        "SELECT v.who.name, c.country, len(v.tags) FROM visits AS v LEFT JOIN cities AS c ON c.city = v.who.city "
        "ORDER BY v.id"
    )
    assert await checked(opened("files", str(folder)), sql) == [("Žofie", "AT", 2), ("Ada", None, 0)]


async def test_each_of_a_nested_list_can_be_a_row(folder: Path, opened: Open):
    sql = "SELECT v.id, t.tag FROM visits AS v, UNNEST(v.tags) AS t(tag) ORDER BY ALL"
    assert await checked(opened("files", str(folder)), sql) == [(1, "new"), (1, "vip")]


async def test_one_file_and_a_glob_are_tables_too(folder: Path, opened: Open):
    assert await fetch(opened("one", str(folder / "people.json")), "SELECT count(*) FROM people") == [(2,)]
    assert await fetch(opened("some", f"{folder}/*.ndjson"), "SELECT max(id) FROM visits") == [(2,)]


async def test_a_line_that_is_no_json_is_told_without_its_folder(folder: Path, opened: Open):
    (folder / "visits.ndjson").write_text('{"id": 1}\n' * 30_000 + '{"id": \n')
    source = opened("files", str(folder))
    with pytest.raises(QueryFailed, match="Malformed JSON") as failed:
        await fetch(source, "SELECT sum(id) FROM visits")
    assert str(folder) not in str(failed.value)


async def test_a_file_that_is_no_json_is_a_problem_and_the_others_are_there(folder: Path, opened: Open):
    (folder / "broken.json").write_text('{"id": 1}\n{"id":')
    schema = await opened("files", str(folder)).describe()

    assert "broken" not in [table.name for table in schema.tables]
    assert {"people", "visits"} <= {table.name for table in schema.tables}
    # On a busy machine the others may have the problem that not all of them was looked at in time.
    assert ["broken.json" in problem for problem in schema.problems].count(True) == 1

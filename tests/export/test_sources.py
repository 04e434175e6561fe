"""Rows on their whole way: from a database through a run and its log into a file, and equal to the source."""

import sqlite3
import uuid
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.models.base import Draft
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunOptions
from levada.v1.run_service_pb2 import ExportRunRequest
from tests.export.telling import FORMATS, exported, read
from tests.pipelines.query.house import House
from tests.postgres import PostgresDatabase

ENCODINGS = {"columns": events.ROW_ENCODING_COLUMNS, "arrow": events.ROW_ENCODING_ARROW}
ENCODED = pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=list(ENCODINGS))


async def files(folder: Path, url: str, sql: str, encoding: int) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """Ask for *sql* over the source at *url*; return names and rows as each format's file has them."""
    async with House(folder, url) as house:
        house.plays(Draft(sql=sql, explanation=""))
        options = RunOptions(row_encoding=encoding, row_limit=1_000_000, analyze=1)  # type: ignore[arg-type]
        seen = await house.watch(run_id := await house.create("?", options=options))
        assert seen.kinds[-1] == "completed", seen.end
        columns = seen.one("table_started").columns
        found = {}
        for how, number in FORMATS.items():
            asked = ExportRunRequest(run_id=run_id, format=number)  # type: ignore[arg-type]
            file, data = await exported(house.engine, asked)
            assert (file.rows, file.truncated) == (seen.one("table_completed").rows, False)
            found[how] = read(how, data, columns)
        return found


def as_sqlite_holds(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case bool():
            return int(value)
    return value


def as_a_driver_gives(value: Any) -> Any:
    if isinstance(value, str) and len(value) > 19 and value[10] in "T " and value[13] == ":":
        return datetime.fromisoformat(value).astimezone(UTC).isoformat()
    return value


@ENCODED
@pytest.mark.parametrize("table", ["orders", "products", "customers"])
async def test_the_shop_s_rows_are_those_of_the_database(tmp_path: Path, shop_file: Path, table: str, encoding: int):
    sql = f"SELECT * FROM {table} ORDER BY 1 LIMIT 5000"
    with closing(sqlite3.connect(shop_file)) as c:
        cursor = c.execute(sql)
        names = [column[0] for column in cursor.description]
        expected = [tuple(map(as_a_driver_gives, row)) for row in cursor]
    for how, (header, found) in (await files(tmp_path, f"sqlite:///{shop_file}", sql, encoding)).items():
        assert header == names
        assert len(found) == len(expected)
        for left, right in zip(found, expected, strict=True):
            assert tuple(map(as_sqlite_holds, left)) == right, how


MAKE = """
CREATE TABLE everything (
  id int PRIMARY KEY, yes boolean, small smallint, large bigint, approx double precision, exact numeric(30, 10),
  free numeric, words text, code char(4), raw bytea, day date, clock time, moment timestamp, instant timestamptz,
  span interval, mark uuid, doc jsonb, list int[], net inet
);
INSERT INTO everything VALUES
  (1, true, -32768, 9223372036854775807, 0.1, 12345678901234567890.0123456789, 1e17, 'a "b", c' || chr(10), 'ab',
   '\\x00ff', '2026-01-31', '13:05:00.000123', '2026-01-31 13:05:00.123456', '2026-01-31 13:05+01', '1 day 2 hours',
   '6f9619ff-8b86-d011-b42d-00c04fc964ff', '{"a": [1, null]}', '{1,2}', '10.0.0.1'),
  (2, false, 0, -9223372036854775808, 'Infinity', -0.5, 0.000000000000000001, '', '', '', '0001-01-01', '00:00',
   '9999-12-31 23:59:59.999999', '1970-01-01 00:00Z', '-3 minutes', '00000000-0000-0000-0000-000000000000', 'null',
   '{}', '::1'),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
"""
# Typed in every file; the others are text of a form that the events' JSON has too.
TYPED = ["id", "yes", "small", "large", "approx", "exact", "free", "words", "code", "raw", "day", "clock", "moment"]
TYPED.append("instant")
WRITTEN = {
    "span": ["P1DT2H", "-PT3M", None],
    "mark": ["6f9619ff-8b86-d011-b42d-00c04fc964ff", str(uuid.UUID(int=0)), None],
    "doc": ['{"a": [1, null]}', "null", None],
    "list": ["[1, 2]", "[]", None],
    "net": ["10.0.0.1", "::1", None],
}


def in_utc(values: Sequence[Any]) -> list[Any]:
    """Return instants in UTC, as columnar files have them; the zone that a source showed them in stays in text."""
    zoned = [isinstance(value, datetime) and value.tzinfo is not None for value in values]
    return [value.astimezone(UTC) if one else value for value, one in zip(values, zoned, strict=True)]


@pytest.mark.postgres
@ENCODED
async def test_every_type_of_postgresql_comes_back_as_the_database_has_it(
    tmp_path: Path, postgres_database: PostgresDatabase, encoding: int
):
    postgres_database.run(MAKE)
    with psycopg.connect(postgres_database.admin_url) as c:
        expected = list(zip(*c.execute(f"SELECT {', '.join(TYPED)} FROM everything ORDER BY id"), strict=True))
    sql = "SELECT * FROM everything ORDER BY id"
    for how, (names, found) in (await files(tmp_path, postgres_database.url, sql, encoding)).items():
        columns = dict(zip(names, map(list, zip(*found, strict=True)), strict=True))
        assert set(columns) == {*TYPED, *WRITTEN}
        for name, wanted in zip(TYPED, expected, strict=True):
            assert in_utc(columns[name]) == in_utc(wanted), (how, name)
            assert {type(one) for one in columns[name]} <= {type(one) for one in wanted}, (how, name)
        for name, texts in WRITTEN.items():
            assert columns[name] == texts, (how, name)

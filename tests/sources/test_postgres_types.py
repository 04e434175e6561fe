"""PostgreSQL's types and the forms of their values."""

import datetime
import uuid
from decimal import Decimal

import pytest

from core.errors import QueryFailed
from core.sources.base import CheckedQuery, Limits
from core.sources.rows import encode
from levada.v1 import event_pb2 as events
from tests.postgres import PostgresDatabase
from tests.sources.conftest import fetch


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
        async with source.query(CheckedQuery(f"SELECT {expression} AS x", "postgres", 1), Limits()) as rows:
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

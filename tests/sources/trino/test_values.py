"""Trino's types as its protocol carries them, in Levada's form; and values as its grammar writes them."""

import datetime
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from core.errors import QueryFailed, SourceUnavailable
from core.sources.base import CheckedQuery, Limits, Source
from core.sources.carried import carried as carried_by_utf8
from core.sources.rows import encode
from core.sources.trino.literals import literal
from core.sources.trino.types import conversion, converted, kind_of
from levada.v1 import event_pb2 as events
from tests.trino_server import TrinoServer

Open = Callable[..., Source]
VIENNA = datetime.datetime.fromisoformat("2024-07-01 12:00:00.123456+02:00")


def plain(raw: str, *arguments: dict[str, Any]) -> dict[str, Any]:
    return {"rawType": raw, "arguments": list(arguments)}


def field(name: str | None, kind: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "NAMED_TYPE", "value": {"fieldName": name and {"name": name}, "typeSignature": kind}}


ROW = plain("row", field("sku", plain("varchar")), field("cost", plain("decimal")))
NAMELESS = plain("row", field(None, plain("integer")), field(None, plain("varbinary")))


@pytest.mark.parametrize(
    ("signature", "carried", "value"),
    [
        (plain("bigint"), 2**62, 2**62),
        (plain("real"), "NaN", float),
        (plain("double"), "-Infinity", float("-inf")),
        (plain("double"), 3, 3.0),
        (plain("decimal"), "-0.50", Decimal("-0.50")),
        (plain("varbinary"), "AP8=", b"\x00\xff"),
        (plain("char"), "ab ", "ab "),
        (plain("json"), '{"a":1}', '{"a":1}'),
        (plain("date"), "2024-02-29", datetime.date(2024, 2, 29)),
        (plain("time"), "23:59:59.123456789", datetime.time(23, 59, 59, 123456)),
        (plain("timestamp"), "2024-07-01 12:00:00", datetime.datetime.fromisoformat("2024-07-01 12:00:00")),
        (plain("timestamp with time zone"), "2024-07-01 12:00:00.123456789 Europe/Vienna", VIENNA),
        (plain("timestamp with time zone"), "2024-07-01 10:00:00.123456 UTC", VIENNA),
        (plain("timestamp with time zone"), "2024-07-01 15:30:00.123456 +05:30", VIENNA),
        (plain("interval day to second"), "-1 02:03:04.500", -datetime.timedelta(1, 7384, milliseconds=500)),
        (plain("interval year to month"), "-1-2", "-P1Y2M"),
        (plain("uuid"), "12151fd2-7586-11e9-8f9e-2a86e4085a59", UUID("12151fd2-7586-11e9-8f9e-2a86e4085a59")),
        (plain("ipaddress"), "10.0.0.1", "10.0.0.1"),
        (plain("array", {"kind": "TYPE", "value": ROW}), [["x", "1.50"], None], [{"sku": "x", "cost": "1.50"}, None]),
        (plain("map", {"value": plain("varchar")}, {"value": NAMELESS}), {"k": [1, "AP8="]}, {"k": [1, "00ff"]}),
    ],
)
def test_a_value_comes_out_in_our_form(signature: dict[str, Any], carried: Any, value: Any):
    found = converted([carried, None], conversion(signature))
    if kind_of(signature["rawType"]) == events.COLUMN_TYPE_JSON and not isinstance(value, str):
        found = [json.loads(found[0]), found[1]]

    assert found[1] is None
    assert type(found[0]) is value if isinstance(value, type) else found[0] == value


@pytest.mark.parametrize(("raw", "carried"), [("date", "+12024-01-01"), ("timestamp", "-0044-03-15 12:00:00")])
def test_a_day_that_cant_be_shown_says_what_to_do(raw: str, carried: str):
    with pytest.raises(QueryFailed, match="CAST it to VARCHAR"):
        converted([carried], conversion(plain(raw)))


def test_a_types_precision_does_not_change_its_kind():
    assert kind_of("timestamp(9) with time zone") == events.COLUMN_TYPE_TIMESTAMP_ZONED
    assert kind_of("decimal(38,2)") == events.COLUMN_TYPE_DECIMAL
    assert kind_of("row(a row(b varchar(3)), c array(date))") == events.COLUMN_TYPE_JSON
    assert kind_of("varchar(20)") == kind_of("hyperloglog") == events.COLUMN_TYPE_TEXT


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "NULL"),
        (True, "TRUE"),
        (2**63, "DECIMAL '9223372036854775808'"),
        (0.1, "DOUBLE '0.1'"),
        (float("-inf"), "DOUBLE '-Infinity'"),
        (Decimal("1E+3"), "DECIMAL '1000'"),
        ("it's\\", "'it''s\\'"),
        (b"\x00\xff", "X'00ff'"),
        (VIENNA, "TIMESTAMP '2024-07-01 10:00:00.123456 UTC'"),
        (datetime.date(24, 1, 2), "DATE '0024-01-02'"),
        (datetime.time(1, 2, 3), "TIME '01:02:03.000000'"),
    ],
)
def test_a_value_is_written_as_a_literal_of_its_type(value: Any, written: str):
    assert literal(value) == written


def test_a_text_that_is_no_unicode_is_refused():
    with pytest.raises(QueryFailed, match="no valid Unicode"):
        literal("\ud800")


async def test_nested_values_are_json_columns(trino: TrinoServer, opened: Open):
    trino.run(
        "CREATE TABLE visits (who STRUCT(name VARCHAR, born DATE), pages VARCHAR[], seen MAP(VARCHAR, INTEGER))",
        "INSERT INTO visits VALUES ({'name': 'Žofie', 'born': DATE '1990-01-02'}, ['a', NULL], MAP {'x': 1})",
    )
    source = opened("lake", trino.url)
    (table,) = (await source.describe()).tables
    query = CheckedQuery("SELECT * FROM visits", "trino", 10)
    async with source.query(query, Limits()) as rows:
        (batch,) = [batch async for batch in rows]
        said = encode(batch, rows.columns)

    assert [column.native_type for column in table.columns] == [
        "row(name varchar, born date)",
        "array(varchar)",
        "map(varchar, integer)",
    ]
    assert {column.type for column in (*table.columns, *rows.columns)} == {events.COLUMN_TYPE_JSON}
    assert [json.loads(column.texts.values[0]) for column in said.columns] == [
        {"name": "Žofie", "born": "1990-01-02"},
        ["a", None],
        {"x": 1},
    ]


async def test_comments_of_tables_and_columns_are_told(trino: TrinoServer, opened: Open):
    trino.run(
        "CREATE TABLE visits (who VARCHAR)",
        "COMMENT ON TABLE visits IS 'Who came'",
        "COMMENT ON COLUMN visits.who IS 'By name'",
    )
    (table,) = (await opened("lake", trino.url).describe()).tables

    assert (table.comment, table.columns[0].comment) == ("Who came", "By name")


async def test_without_a_schema_in_the_url_all_of_the_catalogues_are_told(trino: TrinoServer, opened: Open):
    trino.run("CREATE TABLE here (i INTEGER)", "CREATE SCHEMA sales", "CREATE TABLE sales.there AS SELECT 7 AS i")
    source = opened("lake", trino.url.removesuffix("/main"))
    schema = await source.describe()
    query = source.check("SELECT i FROM sales.there", schema, 10)
    async with source.query(query, Limits()) as rows:
        assert [batch.columns async for batch in rows] == [[(7,)]]

    assert [(table.namespace, table.name) for table in schema.tables] == [("main", "here"), ("sales", "there")]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("trino://host:8080", "needs a catalogue"),
        ("trino://host/a/b/c", "needs a catalogue"),
        ("trino://host:port/lake", "can't be read"),
        ("trino://host/lake?colour=red", "colour"),
        ("trino://ada:secret@host/lake?http_scheme=http", "in the clear"),
    ],
)
def test_a_url_that_will_not_do_is_refused_without_its_secrets(opened: Open, url: str, said: str):
    with pytest.raises(SourceUnavailable, match=said) as refused:
        opened("lake", url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("value", ["cut \ud83d", ["cut \ud83d"], {"cut \ud83d": 1.5, "whole 🚚": None}])
def test_half_an_emoji_becomes_a_mark(value: Any):
    text = json.dumps(carried_by_utf8(value), ensure_ascii=False)
    assert text.encode().decode().replace("\ufffd", "\ud83d") == json.dumps(value, ensure_ascii=False)

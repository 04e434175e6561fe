"""Values: whatever a source can give comes back from a file of each format as it was."""

import datetime
import json
import math
import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.sources.rows import interval_text
from levada.v1 import event_pb2 as events
from tests.export.telling import FORMATS, Teller, column, csv_cells, read

BERLIN = datetime.timezone(datetime.timedelta(hours=1))
MOMENT = datetime.datetime(2026, 1, 31, 13, 5, 0, 123)  # noqa: DTZ001 - it has none
TEXTS = ["", " ", "a,b", 'say "x"', "line\nbreak\r\n", "=1+1", "NULL", "Žofie 数 🎉", "\\N", "'", "\ufeff"]
VALUES: dict[int, list[Any]] = {
    events.COLUMN_TYPE_BOOLEAN: [True, False],
    events.COLUMN_TYPE_INTEGER: [2**63 - 1, -(2**63), 0, 2**53 + 1],
    events.COLUMN_TYPE_DOUBLE: [0.1, -0.0, 1e300, 5e-324, math.inf, -math.inf],
    events.COLUMN_TYPE_DECIMAL: [Decimal("12.50"), Decimal("-0.0000000001"), Decimal("12345678901234567890123.1")],
    events.COLUMN_TYPE_TEXT: TEXTS,
    events.COLUMN_TYPE_BINARY: [b"", b"\x00\xff", b"\xfb\xef\xbe"],
    events.COLUMN_TYPE_DATE: [datetime.date(1, 1, 1), datetime.date(9999, 12, 31), datetime.date(2026, 1, 31)],
    events.COLUMN_TYPE_TIME: [datetime.time(0), datetime.time(23, 59, 59, 999_999), datetime.time(13, 5)],
    events.COLUMN_TYPE_TIMESTAMP: [MOMENT, datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31, 23)],  # noqa: DTZ001
    events.COLUMN_TYPE_TIMESTAMP_ZONED: [MOMENT.replace(tzinfo=BERLIN), MOMENT.replace(tzinfo=datetime.UTC)],
    events.COLUMN_TYPE_INTERVAL: [datetime.timedelta(days=1, hours=2), -datetime.timedelta(minutes=3), "P1Y2M"],
    events.COLUMN_TYPE_UUID: [uuid.UUID(int=1), uuid.UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")],
    events.COLUMN_TYPE_JSON: ['{"a": [1, null]}', '"=x"', "null", "[]"],
}
COLUMNS = [column(events.ColumnType.Name(kind)[12:].lower(), kind, "EUR") for kind in VALUES]


def shown(kind: int, value: Any) -> Any:
    """Return *value* as a file's reader gets it."""
    if value is None:
        return None
    if kind == events.COLUMN_TYPE_INTERVAL:
        return interval_text(value)
    return str(value) if kind == events.COLUMN_TYPE_UUID else value


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return (
            math.isnan(other) if math.isnan(one) else (one, math.copysign(1, one)) == (other, math.copysign(1, other))
        )
    return type(one) is type(other) and one == other


async def round_trip(
    how: str, columns: list[events.ResultColumn], values: list[list[Any]], *, arrow: bool
) -> list[tuple]:
    teller = await Teller().begin()
    teller.started()
    middle = len(values[0]) // 2
    teller.table(columns, [part[:middle] for part in values], [part[middle:] for part in values], arrow=arrow)
    teller.completed()
    file, data = await teller.export(how)
    assert file.rows == len(values[0])
    names, found = read(how, data, columns)
    assert names == [one.name for one in columns]
    return found


@pytest.mark.parametrize("arrow", [False, True], ids=["columns", "arrow"])
@pytest.mark.parametrize("how", FORMATS)
async def test_every_type_survives(how: str, arrow: bool):
    length = 1 + max(map(len, VALUES.values()))
    # Each value, then NULL, over and over; so that every batch has both.
    values = [[*some, None] * length for some in VALUES.values()]
    values = [some[:length] for some in values]
    found = await round_trip(how, COLUMNS, values, arrow=arrow)
    expected = [[shown(one.type, value) for value in some] for one, some in zip(COLUMNS, values, strict=True)]
    for one, got, wanted in zip(COLUMNS, zip(*found, strict=True), expected, strict=True):
        for left, right in zip(got, wanted, strict=True):
            assert same(left, right), (one.name, left, right)


ZONES = st.timedeltas(datetime.timedelta(hours=-14), datetime.timedelta(hours=14)).map(
    lambda offset: datetime.timezone(datetime.timedelta(minutes=offset // datetime.timedelta(minutes=1)))
)
SENSIBLE = datetime.datetime(2, 1, 1), datetime.datetime(9998, 12, 31)  # noqa: DTZ001 - so that UTC is within years
STRATEGIES: dict[int, st.SearchStrategy[Any]] = {
    events.COLUMN_TYPE_BOOLEAN: st.booleans(),
    events.COLUMN_TYPE_INTEGER: st.integers(-(2**63), 2**63 - 1),
    events.COLUMN_TYPE_DOUBLE: st.floats(),
    events.COLUMN_TYPE_DECIMAL: st.decimals(allow_nan=False, allow_infinity=False, places=6).filter(
        lambda d: abs(d) < 10**30
    ),
    events.COLUMN_TYPE_TEXT: st.text(st.characters(exclude_categories=["Cs"])),
    events.COLUMN_TYPE_BINARY: st.binary(),
    events.COLUMN_TYPE_DATE: st.dates(),
    events.COLUMN_TYPE_TIME: st.times(),
    events.COLUMN_TYPE_TIMESTAMP: st.datetimes(),
    events.COLUMN_TYPE_TIMESTAMP_ZONED: st.datetimes(*SENSIBLE, timezones=ZONES),
    events.COLUMN_TYPE_INTERVAL: st.timedeltas(),
    events.COLUMN_TYPE_UUID: st.uuids(),
    events.COLUMN_TYPE_JSON: st.recursive(st.none() | st.text(max_size=5) | st.integers(), st.lists).map(json.dumps),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[events.ResultColumn], list[list[Any]]]:
    kinds = draw(st.lists(st.sampled_from(list(STRATEGIES)), min_size=1, max_size=4))
    count = draw(st.integers(2, 6))
    values = [draw(st.lists(st.none() | STRATEGIES[kind], min_size=count, max_size=count)) for kind in kinds]
    return [column(f"c{number}", kind) for number, kind in enumerate(kinds)], values


@settings(max_examples=120, deadline=None)
@given(table=tables(), how=st.sampled_from(list(FORMATS)), arrow=st.booleans())
async def test_any_table_survives(table: tuple[list[events.ResultColumn], list[list[Any]]], how: str, arrow: bool):
    columns, values = table
    found = await round_trip(how, columns, values, arrow=arrow)
    for row, wanted in zip(found, zip(*values, strict=True), strict=True):
        for one, left, right in zip(columns, row, wanted, strict=True):
            right = shown(one.type, right)  # noqa: PLW2901
            assert same(left, right), (how, events.ColumnType.Name(one.type), left, right)


async def one_column(how: str, kind: int, values: list[Any], **wanted: Any) -> bytes:
    teller = await Teller().begin()
    teller.table([column("x", kind)], [values], step="")
    return (await teller.export(how, **wanted))[1]


async def test_what_a_type_can_t_hold_makes_the_whole_column_text():
    for kind, values in {
        events.COLUMN_TYPE_DECIMAL: [["1.5", "NaN"], ["9" * 39, "1"]],
        events.COLUMN_TYPE_DATE: [["2026-01-31", "20000-01-31"]],
        events.COLUMN_TYPE_TIME: [["13:05:00", "13:05:00+02:00"], ["13:05:00.123456789"]],
        events.COLUMN_TYPE_TIMESTAMP: [["2026-01-31T13:05:00.123456789"]],
    }.items():
        for some in values:
            teller = await Teller().begin()
            text = [column("x", events.COLUMN_TYPE_TEXT)]
            teller.table(text, [some], step="")
            # As a source says it whose texts are at hand: typed by its column, text by its value.
            said = teller.runs.held[teller.run_id].events
            said[:] = [_retyped(data, kind) for data in said]
            _, data = await teller.export("parquet")
            table = pq.read_table(pa.BufferReader(data))
            assert table.schema.field("x").type == pa.string()
            assert table.schema.field("x").metadata[b"levada.type"].decode() == events.ColumnType.Name(kind)[12:]
            assert table["x"].to_pylist() == some


def _retyped(data: bytes, kind: int) -> bytes:
    event = events.Event.FromString(data)
    if event.HasField("table_started"):
        event.table_started.columns[0].type = kind
    return event.SerializeToString()


async def test_null_and_empty_text_differ_in_csv():
    data = await one_column("csv", events.COLUMN_TYPE_TEXT, ["", None, "x"])
    assert data == b'x\r\n""\r\n\r\nx\r\n'


async def test_a_csv_for_spreadsheets_holds_no_formula():
    texts = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "x", "", None]
    plain = csv_cells(await one_column("csv", events.COLUMN_TYPE_TEXT, texts))
    safe = csv_cells(await one_column("csv", events.COLUMN_TYPE_TEXT, texts, for_spreadsheet=True))
    assert [cell for (cell,) in plain[1:]] == texts
    assert [cell for (cell,) in safe] == ["\ufeffx", "'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "x", "", None]
    numbers = await one_column("csv", events.COLUMN_TYPE_DECIMAL, [Decimal("-1.5")], for_spreadsheet=True)
    assert numbers.decode() == "\ufeffx\r\n-1.5\r\n"


async def test_columns_of_one_name_are_told_apart():
    teller = await Teller().begin()
    columns = [column(name, events.COLUMN_TYPE_INTEGER) for name in ("id", "id", "id_2", "id", "n")]
    teller.table(columns, [[1], [2], [3], [4], [5]], step="")
    for how in FORMATS:
        names, found = read(how, (await teller.export(how))[1], columns)
        assert names == ["id", "id_3", "id_2", "id_4", "n"]
        assert found == [(1, 2, 3, 4, 5)]

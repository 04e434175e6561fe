"""What SQLite holds becomes the same in Arrow, whether columns are read at once or value by value."""

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import QueryFailed
from core.sources import open_source, rows
from core.sources.base import Limits, Source
from core.sources.sqlite.columnar import array
from core.sources.sqlite.types import Fit, fit
from levada.v1.event_pb2 import ResultColumn

WRONG = (ValueError, TypeError, AttributeError, ArithmeticError)
whole = st.integers(-(2**63), 2**63 - 1)
doubles = st.floats(allow_nan=False)  # SQLite keeps NaN as NULL
marks = st.sampled_from(["T", " ", "x"])
zones = st.sampled_from(["", "", "Z", "+00:00", "-05:30", "+0130", "+14", "-12:00", "+01:00:30", " +01:00"])
odd_days = st.sampled_from(
    ["0000-01-01", "2026-W01-1", "20260131", "2026-02-30", "2026-1-31", "２026-01-31", " 2026-01-31"]
)
odd_moments = st.sampled_from(["0000-01-01 00:00:00", "2026-01-31 24:00:00", "2026-01-31 13:05:06.", "2026-01-31"])
odd = odd_days | odd_moments | st.sampled_from(["13:05", "T13:05", "infinity", "\x00", "1", "1.50", ""])
figures = st.integers(-(10**14), 10**14).map(lambda n: n / 100) | st.integers(-(10**6), 10**6)


@st.composite
def moments(draw: st.DrawFn) -> list[str]:
    """Draw moments written all in one way, among them the first and the last that there are."""
    mark, zone, exact = draw(marks), draw(zones), draw(st.sampled_from(["seconds", "auto", "minutes", "hours"]))
    ends = st.sampled_from([datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)])  # noqa: DTZ001 - the zone follows
    texts = [f"{one.isoformat(mark, exact)}{zone}" for one in draw(st.lists(st.datetimes() | ends, min_size=1))]
    return texts + draw(st.lists(odd_moments.map(lambda text: text + zone), max_size=1))


def lists(of: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(of, min_size=1)


days = lists(st.dates().map(str)) | lists(st.dates().map(str) | odd_days)
odd_figures = lists(
    st.sampled_from([0.0, -0.0, 0.005, 0.1 + 0.2, 1e22, 2.0**52, 2**60 + 1, 1e-7, 1e308, -(10**15) - 0.125])
)
columns = {
    "INTEGER": lists(whole) | lists(st.integers(-9, 9)),
    "REAL": lists(doubles) | lists(doubles | whole),
    "TEXT": lists(st.text()),
    "BLOB": lists(st.binary()),
    "BOOLEAN": lists(st.sampled_from([0, 1])) | lists(st.sampled_from([0, 1, 2, 1.0])),
    "DECIMAL(12,2)": lists(figures) | lists(doubles) | lists(whole) | odd_figures,
    "NUMERIC": lists(figures) | lists(whole) | odd_figures,
    "DECIMAL(20,8)": lists(figures) | odd_figures,
    "DATE": days | moments(),
    "TIMESTAMP": moments() | days,
    "TIMESTAMPTZ": moments(),
    "TIME": lists(st.times().map(str)),
    "UUID": lists(st.uuids().map(str))
    | lists(st.uuids().map(lambda one: str(one).upper() if one.int % 2 else one.bytes)),
    "JSON": lists(st.sampled_from(['{"a": 1}', "[1, 2]", "{", 12, 1.5])),
}
foreign = st.one_of(
    st.none(), st.none(), st.just(1.0), st.just(2), whole, doubles, st.text(), st.binary(), odd, *columns.values()
)


def told(how: Any, form: Fit, values: list[Any]) -> list[Any] | None:
    """Return what *how* makes of *values*; None when it refuses them."""
    try:
        found: pa.Array = how(form, values)
    except (*WRONG, pa.ArrowException):
        return None
    found.validate(full=True)
    assert (
        found.type == pa.ipc.read_schema(pa.py_buffer(rows.arrow_schema([ResultColumn(type=form.kind)]))).field(0).type
    )
    return found.cast(pa.int64()).to_pylist() if pa.types.is_timestamp(found.type) else found.to_pylist()


def one_by_one(form: Fit, values: list[Any]) -> pa.Array:
    return rows.arrow_array(form.apply(values), form.kind)


@pytest.mark.parametrize("native", columns)
def test_columns_read_at_once_are_what_their_values_are_one_by_one(native: str):
    @given(columns[native], st.lists(st.tuples(st.integers(0, 40), foreign), max_size=2), st.booleans())
    @settings(deadline=None, max_examples=60)
    def same(values: list[Any], others: list[tuple[int, Any]], seen: bool) -> None:
        mixed = list(values)
        for place, other in others:
            mixed[place:place] = other if isinstance(other, list) else [other]
        form = fit(native, mixed if seen else values)
        assert told(array, form, mixed) == told(one_by_one, form, mixed)

    same()


@pytest.mark.parametrize(
    ("native", "usual", "edge"),
    [
        ("DATE", "2026-01-31", "0000-01-01"),
        ("DATE", "2026-01-31", "9999-12-31"),
        ("TIMESTAMP", "2026-01-31 13:05:00", "0000-01-01 00:00:00"),
        ("TIMESTAMP", "2026-01-31 13:05:00", "9999-12-31 23:59:59.999999"),
        ("TIMESTAMPTZ", "2026-01-31 13:05:00Z", "0001-01-01 00:00:00+14:00"),
        ("TIMESTAMPTZ", "2026-01-31 13:05:00Z", "0000-06-01 00:00:00Z"),
        ("DECIMAL(12,2)", 0.5, -(10**15) - 0.125),
        ("DECIMAL(12,2)", 0.5, -0.0),
        ("DECIMAL(12,2)", 0.5, 2**53 + 1),
        ("INTEGER", 1, 1.0),
        ("REAL", 0.5, 2**63 - 1),
        ("BOOLEAN", 1, 2),
        ("TEXT", "a", b"a"),
        ("BLOB", b"a", "a"),
    ],
)
def test_edges_are_the_same_at_once_and_one_by_one(native: str, usual: Any, edge: Any):
    form = fit(native, [usual])
    for values in ([edge], [usual, edge], [usual, None, edge]):
        assert told(array, form, values) == told(one_by_one, form, values)


async def fetched(source: Source, sql: str, after: int | None) -> tuple[pa.Table, int]:
    """Return the rows, and how many columns came as Arrow arrays."""
    query = source.check(sql, await source.describe(), 100_000)
    batches, arrays = [], 0
    async with source.query(query, Limits(rows=100_000, arrow_after=after)) as found:
        async for batch in found:
            arrays += sum(isinstance(values, pa.Array) for values in batch.columns)
            batches.append(rows.record_batch(batch, found.columns))
    return pa.Table.from_batches(batches), arrays


@pytest.fixture
async def source(tmp_path: Path):
    with sqlite3.connect(tmp_path / "x.db") as db:
        db.execute("CREATE TABLE t (id INTEGER, word TEXT, price DECIMAL(9,2), day DATE, at TIMESTAMP, raw BLOB)")
        db.executemany(
            "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    n,
                    f"wörd {n}" if n % 7 else None,
                    n / 4,
                    f"2026-01-{n % 28 + 1:02}",
                    f"2026-01-31 13:{n % 60:02}:00",
                    b"\xff",
                )
                for n in range(30_000)
            ),
        )
    db.close()
    found = open_source("x", f"sqlite:///{tmp_path}/x.db")
    yield found
    await found.close()


async def test_all_rows_come_in_their_order_when_arrow_is_asked_for(source: Source):
    sql = "SELECT id, word, price, day, at, raw FROM t ORDER BY id"
    plain, none = await fetched(source, sql, None)
    quick, arrays = await fetched(source, sql, 100)

    assert quick.equals(plain)
    assert quick.column("id").to_pylist() == list(range(30_000))
    assert none == 0
    assert arrays > 6


async def test_text_that_is_no_utf8_far_into_the_rows_loses_none(source: Source):
    sql = (
        "SELECT id, CASE WHEN id IN (20000, 25000) THEN CAST(x'FF41' AS TEXT) ELSE word END AS word FROM t ORDER BY id"
    )
    plain, _ = await fetched(source, sql, None)
    quick, _ = await fetched(source, sql, 100)

    assert quick.equals(plain)
    assert quick.column("id").to_pylist() == list(range(30_000))
    assert quick.column("word")[20_000].as_py() == "\ufffdA"


async def test_a_value_of_another_type_far_into_the_rows_is_refused(source: Source):
    for after in (None, 100):
        with pytest.raises(QueryFailed, match='"id" began as integer'):
            await fetched(source, "SELECT CASE WHEN id = 25000 THEN 'x' ELSE id END AS id FROM t ORDER BY t.id", after)

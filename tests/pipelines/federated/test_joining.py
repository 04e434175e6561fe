"""The join: exact whatever form keys come in, bounded in memory and time, and nothing else can be read from it."""

import datetime
from decimal import Decimal
from pathlib import Path
from statistics import median, stdev
from uuid import UUID

import pytest

from core.pipelines.federated.joining.guarded import checked_join
from core.pipelines.federated.joining.keys import comparable
from core.pipelines.federated.joining.tables import Tables
from core.pipelines.federated.operations.scratch import Keeping, Scratch
from core.sources.base import Batch
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import ColumnType, ResultColumn

INTEGER, TEXT, DECIMAL = events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_TEXT, events.COLUMN_TYPE_DECIMAL
DATE, TIMESTAMP, ZONED = events.COLUMN_TYPE_DATE, events.COLUMN_TYPE_TIMESTAMP, events.COLUMN_TYPE_TIMESTAMP_ZONED
UUID_TYPE, DOUBLE = events.COLUMN_TYPE_UUID, events.COLUMN_TYPE_DOUBLE
DAY = datetime.date(2026, 3, 1)
NOON = datetime.datetime.fromisoformat("2026-03-01T12:00:00")
ID = UUID("6f9619ff-8b86-d011-b42d-00cf4fc964ff")

Given = dict[str, tuple[ColumnType, list]]


def tables(folder: Path, **given: Given) -> Tables:
    """Return tables by name, each of columns by name with their type and values."""
    scratch = Scratch(folder / "scratch", 2**30)
    scratch.make()
    kept = {}
    for name, columns in given.items():
        described = [ResultColumn(name=column, type=kind) for column, (kind, _) in columns.items()]
        keeping = Keeping(scratch, name, described)
        values = [values for _, values in columns.values()]
        keeping.add(Batch(values, len(values[0])))
        kept[name] = keeping.finish("")
    return Tables(scratch.folder, kept)


def joined(tables: Tables, sql: str) -> list[tuple]:
    query = checked_join(comparable(sql, tables.schema()), tables.schema(), 1000)
    with tables.open() as connection:
        return connection.execute(query.text).fetchall()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((INTEGER, [7, 8]), (TEXT, ["7", "nine"])),
        ((TEXT, ["007", "x"]), (INTEGER, [7, 9])),
        ((INTEGER, [7, 2**62]), (TEXT, ["7.0", str(2**62 + 1)])),
        ((DECIMAL, [Decimal("7.50"), Decimal(1)]), (TEXT, ["7.5", ""])),
        ((DOUBLE, [7.25, 1.0]), (TEXT, ["7.25", "-"])),
        ((DATE, [DAY]), (TEXT, ["2026-03-01"])),
        ((DATE, [DAY]), (TEXT, ["2026-03-01T12:00:00Z"])),
        ((DATE, [DAY]), (TIMESTAMP, [NOON])),
        ((TIMESTAMP, [NOON]), (TEXT, ["2026-03-01 12:00:00"])),
        ((TIMESTAMP, [NOON]), (ZONED, [NOON.replace(tzinfo=datetime.UTC)])),
        ((UUID_TYPE, [ID]), (TEXT, [str(ID).upper()])),
        ((UUID_TYPE, [ID]), (TEXT, [ID.hex])),
        ((TEXT, ["64b64c0f9d1e8a0001a1b2c3"]), (TEXT, ["64b64c0f9d1e8a0001a1b2c3"])),
    ],
)
def test_a_key_matches_in_whatever_form_the_two_sources_have_it(tmp_path: Path, one: tuple, other: tuple):
    there = tables(tmp_path, a={"key": one}, b={"key": other})
    assert joined(there, "SELECT count(*) FROM a JOIN b ON a.key = b.key") == [(1,)]
    assert joined(there, "SELECT count(*) FROM a JOIN b USING (key)") == [(1,)]
    assert joined(there, "SELECT count(key) FROM b AS x JOIN a AS y USING (KEY)") == [(1,)]


def test_keys_that_are_nearly_the_same_number_do_not_match(tmp_path: Path):
    there = tables(tmp_path, a={"key": (INTEGER, [13, 2**53])}, b={"key": (TEXT, ["12.7", str(2**53 + 1)])})
    assert joined(there, "SELECT * FROM a JOIN b ON a.key = b.key") == []
    assert joined(there, "SELECT * FROM a JOIN b USING (key)") == []


def test_what_is_joined_by_using_comes_once_and_as_the_side_that_stays_has_it(tmp_path: Path):
    a = {"key": (INTEGER, [7, 8, 9]), "day": (DATE, [DAY] * 3), "n": (INTEGER, [1, 2, 3])}
    b = {"key": (TEXT, ["007", "8", "P-1"]), "day": (TEXT, ["2026-03-01", "x", ""]), "m": (TEXT, ["p", "q", "r"])}
    there = tables(tmp_path, a=a, b=b)
    assert joined(there, "SELECT * FROM a JOIN b USING (key, day)") == [(7, DAY, 1, "p")]
    assert joined(there, "SELECT key, m FROM b JOIN a USING (key) ORDER BY key") == [(7, "p"), (8, "q")]
    both = "SELECT a.key, m FROM a LEFT JOIN b USING (key) ORDER BY n"
    assert joined(there, both) == [(7, "p"), (8, "q"), (9, None)]
    assert joined(there, "SELECT key, m FROM b RIGHT JOIN a USING (key) ORDER BY key")[2] == (9, None)


def test_keys_are_made_alike_through_parts_of_a_query_too(tmp_path: Path):
    there = tables(tmp_path, a={"key": (INTEGER, [1, 2])}, b={"key": (TEXT, ["1", "1", "x"])})
    sql = "WITH c AS (SELECT key, count(*) AS n FROM b GROUP BY key) SELECT a.key, c.n FROM a JOIN c ON c.key = a.key"
    assert joined(there, sql) == [(1, 2)]


PAIR = {"a": {"k": (INTEGER, [1, 2])}, "b": {"k": (INTEGER, [2, 3])}}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("JOIN", {(2, 2)}),
        ("LEFT JOIN", {(1, None), (2, 2)}),
        ("RIGHT JOIN", {(2, 2), (None, 3)}),
        ("FULL JOIN", {(1, None), (2, 2), (None, 3)}),
    ],
)
def test_every_kind_of_join_is_a_real_one(tmp_path: Path, kind: str, expected: set):
    there = tables(tmp_path, **PAIR)
    assert set(joined(there, f"SELECT a.k, b.k AS other FROM a {kind} b ON a.k = b.k")) == expected


def test_figures_are_those_of_the_rows(tmp_path: Path):
    prices = [Decimal(text) for text in ("0.10", "0.20", "7.35", "1000.5", "12345678901234567890.1")]
    there = tables(tmp_path, a={"price": (DECIMAL, prices)}, b={"size": (DOUBLE, [1.0, 2.0, 4.0, 9.5])})
    ((total, least, most, count),) = joined(there, "SELECT sum(price), min(price), max(price), count(*) FROM a")
    assert (total, least, most, count) == (sum(prices), min(prices), max(prices), 5)
    sizes = [1.0, 2.0, 4.0, 9.5]
    (((middle, spread, mean)),) = joined(there, "SELECT median(size), stddev(size), avg(size) FROM b")
    assert (middle, mean) == (median(sizes), sum(sizes) / 4)
    assert spread == pytest.approx(stdev(sizes))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT b.name, sum(a.price) AS total FROM a JOIN b ON a.k = b.k GROUP BY b.name",
        "SELECT a.price, b.name FROM a JOIN b ON a.k = b.k LIMIT 1000",
        "SELECT b.name, a.price FROM a JOIN b ON a.k = b.k ORDER BY b.name LIMIT 1000",
    ],
)
def test_the_same_rows_come_in_the_same_order_each_time_to_the_last_digit(tmp_path: Path, sql: str):
    keys = list(range(300_000))
    names, prices = [f"name {key % 7}" for key in keys], [key / 7 for key in keys]
    there = tables(
        tmp_path, a={"k": (INTEGER, keys), "price": (DOUBLE, prices)}, b={"k": (INTEGER, keys), "name": (TEXT, names)}
    )
    assert joined(there, sql) == joined(there, sql) == joined(there, sql)


def test_columns_of_the_same_name_are_told_apart(tmp_path: Path):
    scratch = Scratch(tmp_path, 2**20)
    same = [ResultColumn(name="id", type=INTEGER), ResultColumn(name="ID", type=INTEGER)]
    keeping = Keeping(scratch, "a", same)
    keeping.add(Batch([[1], [2]], 1))
    there = Tables(tmp_path, {"a": keeping.finish("")})
    assert joined(there, "SELECT id, ID_2 FROM a") == [(1, 2)]


def test_a_join_of_more_than_fits_into_memory_is_worked_out_on_disk(tmp_path: Path):
    numbers = list(range(400_000))
    there = tables(tmp_path, a={"k": (INTEGER, numbers), "t": (TEXT, [f"some text {n}" for n in numbers])})
    small = Tables(there.folder, there.kept, memory=48 * 2**20)
    sql = "SELECT count(*) FROM (SELECT a.t, b.k FROM a JOIN a AS b ON a.k = b.k ORDER BY b.t DESC, a.k) AS x"
    assert joined(small, sql) == [(400_000,)]


def test_the_database_that_joins_reads_no_files(tmp_path: Path):
    import duckdb

    with tables(tmp_path, **PAIR).open() as connection:
        for attempt in ("SELECT * FROM read_text('/etc/passwd')", "ATTACH '/tmp/x.db'", "SET memory_limit = '9GB'"):
            with pytest.raises(duckdb.Error):
                connection.execute(attempt)

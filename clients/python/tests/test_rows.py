"""Batches become rows with the values that the database had."""

import datetime
from decimal import Decimal

from levada import rows
from levada.batches import texts
from levada.v1 import event_pb2 as events


def batch(*columns: events.ColumnValues, count: int) -> events.TableRows:
    return events.TableRows(table_id="t", row_count=count, columns=columns)


def test_a_set_bit_is_null_whatever_stands_in_its_place() -> None:
    ints = events.ColumnValues(nulls=b"\x02", ints=events.IntValues(values=[1, 0, 3]))
    assert list(texts(batch(ints, count=3))) == [(1,), (None,), (3,)]


def test_nulls_are_found_beyond_the_first_byte() -> None:
    ints = events.ColumnValues(nulls=b"\x00\x01", ints=events.IntValues(values=list(range(9))))
    assert list(texts(batch(ints, count=9)))[8] == (None,)


def test_decimals_and_dates_come_back_as_what_they_were() -> None:
    columns = [
        events.ResultColumn(name="price", type=events.COLUMN_TYPE_DECIMAL),
        events.ResultColumn(name="day", type=events.COLUMN_TYPE_DATE),
        events.ResultColumn(name="at", type=events.COLUMN_TYPE_TIMESTAMP_ZONED),
    ]
    values = [["12.50"], ["2026-01-31"], ["2026-01-31T13:05:00+01:00"]]
    held = [events.ColumnValues(texts=events.TextValues(values=v)) for v in values]
    ((price, day, at),) = rows(batch(*held, count=1), columns)
    assert (price, day) == (Decimal("12.50"), datetime.date(2026, 1, 31))
    assert at.utcoffset() == datetime.timedelta(hours=1)


def test_a_date_that_python_cannot_hold_stays_text() -> None:
    column = events.ResultColumn(name="day", type=events.COLUMN_TYPE_DATE)
    held = events.ColumnValues(texts=events.TextValues(values=["20000-01-01"]))
    assert list(rows(batch(held, count=1), [column])) == [("20000-01-01",)]

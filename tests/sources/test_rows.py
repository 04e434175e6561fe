"""The forms of values on the wire, as ColumnType's comments promise them."""

import datetime
import uuid
from decimal import Decimal

import pyarrow as pa
import pytest

from core.sources.base import Batch
from core.sources.rows import arrow_schema, encode, encode_arrow
from levada.v1 import event_pb2 as events

BERLIN = datetime.timezone(datetime.timedelta(hours=1))
MOMENT = datetime.datetime(2026, 1, 31, 13, 5)  # noqa: DTZ001 - it has none
FORMS = [
    (events.COLUMN_TYPE_BOOLEAN, True, True),
    (events.COLUMN_TYPE_INTEGER, -(2**63), -(2**63)),
    (events.COLUMN_TYPE_INTEGER, 2**63 - 1, 2**63 - 1),
    (events.COLUMN_TYPE_DOUBLE, float("-inf"), float("-inf")),
    (events.COLUMN_TYPE_DECIMAL, Decimal("12.50"), "12.50"),
    (events.COLUMN_TYPE_DECIMAL, Decimal("1E+3"), "1000"),
    (events.COLUMN_TYPE_DECIMAL, Decimal("1E-10"), "0.0000000001"),
    (events.COLUMN_TYPE_TEXT, "Žofie 数 🎉", "Žofie 数 🎉"),
    (events.COLUMN_TYPE_BINARY, b"\x00\xff", b"\x00\xff"),
    (events.COLUMN_TYPE_DATE, datetime.date(2026, 1, 31), "2026-01-31"),
    (events.COLUMN_TYPE_TIME, datetime.time(13, 5, 0, 123), "13:05:00.000123"),
    (events.COLUMN_TYPE_TIMESTAMP, MOMENT, "2026-01-31T13:05:00"),
    (events.COLUMN_TYPE_TIMESTAMP_ZONED, MOMENT.replace(tzinfo=BERLIN), "2026-01-31T13:05:00+01:00"),
    (events.COLUMN_TYPE_INTERVAL, datetime.timedelta(days=1, hours=2), "P1DT2H"),
    (events.COLUMN_TYPE_INTERVAL, datetime.timedelta(0), "P0D"),
    (events.COLUMN_TYPE_INTERVAL, -datetime.timedelta(minutes=3, microseconds=500_000), "-PT3M0.5S"),
    (events.COLUMN_TYPE_INTERVAL, "P1Y2M", "P1Y2M"),
    (events.COLUMN_TYPE_UUID, uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (events.COLUMN_TYPE_JSON, '{"a": [1]}', '{"a": [1]}'),
]


def values_of(column: events.ColumnValues) -> list:
    return list(getattr(column, column.WhichOneof("values")).values)


@pytest.mark.parametrize(("kind", "value", "said"), FORMS)
def test_a_value_takes_its_types_form_also_beside_null(kind: int, value: object, said: object):
    column = events.ResultColumn(name="x", type=kind)
    alone = encode(Batch([[value]], 1), [column]).columns[0]
    beside = encode(Batch([[None, value, None]], 3), [column]).columns[0]

    assert (values_of(alone), alone.nulls) == ([said], b"")
    assert (values_of(beside)[1], beside.nulls, len(values_of(beside))) == (said, b"\x05", 3)


@pytest.mark.parametrize("kind", [number for number in events.ColumnType.values() if number])
def test_a_column_of_nothing_but_null_has_placeholders(kind: int):
    column = encode(Batch([[None] * 9], 9), [events.ResultColumn(name="x", type=kind)]).columns[0]

    assert column.nulls == b"\xff\x01"
    assert len(values_of(column)) == 9


def test_arrow_carries_the_same_values():
    columns = [events.ResultColumn(name=f"c{n}", type=form[0], nullable=True) for n, form in enumerate(FORMS)]
    batch = Batch([[form[1], None] for form in FORMS], 2)
    message = encode_arrow(batch, columns)
    schema = pa.ipc.read_schema(pa.BufferReader(arrow_schema(columns)))
    table = pa.ipc.read_record_batch(pa.py_buffer(message.arrow), schema)

    assert message.row_count == table.num_rows == 2
    first, second = table.to_pylist()
    assert set(second.values()) == {None}
    exact = {"c12": MOMENT.replace(tzinfo=BERLIN), "c9": datetime.date(2026, 1, 31), "c11": MOMENT}
    exact["c10"] = datetime.time(13, 5, 0, 123)
    assert {name: first[name] for name in exact} == exact
    assert [first[f"c{n}"] for n in (0, 1, 2, 3, 4, 7, 8, 13)] == [FORMS[n][2] for n in (0, 1, 2, 3, 4, 7, 8, 13)]
    assert schema.field("c4").metadata == {b"levada.type": b"DECIMAL"}

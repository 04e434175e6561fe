"""Values of BSON in columns, and values that are looked for."""

import uuid
from decimal import Decimal

import bson
import pytest
from bson import Binary, Decimal128, Int64

from core.errors import QueryFailed
from core.sources.base import Limits
from core.sources.mongodb.client import Client
from core.sources.rows import arrow_schema, encode, encode_arrow
from levada.v1 import event_pb2 as events
from tests.mongodb import MongoDatabase
from tests.sources.mongodb.asking import ADA, DAY, EVA, ask


async def test_every_type_has_its_form(mongodb_database: MongoDatabase, opened):
    number = uuid.uuid4()
    stored = {
        "_id": (ADA, events.COLUMN_TYPE_TEXT, str(ADA)),
        "i": (7, events.COLUMN_TYPE_INTEGER, 7),
        "big": (Int64(2**62), events.COLUMN_TYPE_INTEGER, 2**62),
        "f": (0.1, events.COLUMN_TYPE_DOUBLE, 0.1),
        "d": (Decimal128("12.50"), events.COLUMN_TYPE_DECIMAL, "12.50"),
        "t": ("Žofie 数 🎉", events.COLUMN_TYPE_TEXT, "Žofie 数 🎉"),
        "yes": (True, events.COLUMN_TYPE_BOOLEAN, True),
        "at": (DAY, events.COLUMN_TYPE_TIMESTAMP_ZONED, "2026-01-31T13:05:00+00:00"),
        "u": (number, events.COLUMN_TYPE_UUID, str(number)),
        "b": (b"\x00\xff", events.COLUMN_TYPE_BINARY, b"\x00\xff"),
        "odd": (Binary(b"\x01", 128), events.COLUMN_TYPE_BINARY, b"\x01"),
        "o": (
            {"a": {"at": DAY, "id": ADA}},
            events.COLUMN_TYPE_JSON,
            f'{{"a":{{"at":"{DAY.isoformat()}","id":"{ADA}"}}}}',
        ),
        "l": ([Decimal128("1.5"), None], events.COLUMN_TYPE_JSON, '["1.5",null]'),
        "n": (None, events.COLUMN_TYPE_TEXT, ""),
    }
    mongodb_database.fill(t=[{name: value for name, (value, _, _) in stored.items()}])
    source = opened("m", mongodb_database.url)
    query = source.check('{"collection": "t", "pipeline": []}', await source.describe(), 10)
    async with source.query(query, Limits()) as rows:
        batch = await anext(aiter(rows))
    for column, values, (name, (_, kind, wire)) in zip(
        rows.columns, encode(batch, rows.columns).columns, stored.items(), strict=True
    ):
        assert (column.name, column.type) == (name, kind)
        assert list(getattr(values, values.WhichOneof("values")).values) == [wire], name
    assert arrow_schema(rows.columns)
    assert encode_arrow(batch, rows.columns).arrow


async def test_values_of_several_types_share_a_column(mongodb_database: MongoDatabase, opened):
    mixed = [1, 2.5], [1, Decimal128("2.5")], ["a", 1, ADA], [{"a": 1}, "b"]
    fields = [{f"c{at}": values[row] for at, values in enumerate(mixed) if row < len(values)} for row in range(3)]
    mongodb_database.fill(t=[{"_id": row, **some} for row, some in enumerate(fields)])
    found = await ask(opened("m", mongodb_database.url), "t", {"$sort": {"_id": 1}})

    columns = [[row[f"c{at}"] for row in found] for at in range(4)]
    assert columns[:2] == [[1.0, 2.5, None], [Decimal(1), Decimal("2.5"), None]]
    assert columns[2:] == [["a", "1", str(ADA)], ['{"a":1}', '"b"', None]]


async def test_a_value_that_its_column_can_not_hold_fails_with_a_way_out(
    mongodb_database: MongoDatabase, opened, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.sources.mongodb.rows._SEEN_SECONDS", 0)
    numbers = [{"_id": number, "v": number} for number in range(1_200)]
    mongodb_database.fill(t=[*numbers[:600], {"_id": 600, "v": "late"}, *numbers[601:]])
    source = opened("m", mongodb_database.url)
    with pytest.raises(QueryFailed, match=r'"v" began as integer.*string late.*\$convert'):
        await ask(source, "t", {"$match": {"_id": {"$lt": 700}}})
    with pytest.raises(QueryFailed, match=r'"late" comes up only after.*\$project'):
        late = {"$cond": [{"$lt": ["$_id", 600]}, {"a": "$_id"}, {"late": "$_id"}]}
        await ask(source, "t", {"$replaceWith": late}, {"$limit": 700})


async def test_what_a_pipeline_spells_out_are_columns_and_what_it_does_not_is_json(shop: MongoDatabase, opened):
    source = opened("shop", shop.url)
    by_city = [
        {"$lookup": {"from": "customers", "localField": "customer_id", "foreignField": "_id", "as": "customer"}},
        {"$unwind": "$customer"},
        {
            "$group": {
                "_id": {"city": "$customer.address.city", "tag": {"$first": "$tags"}},
                "total": {"$sum": "$amount"},
            }
        },
        {"$sort": {"_id.city": 1}},
    ]

    assert await ask(source, "orders", *by_city) == [
        {"_id.city": "Graz", "_id.tag": "new", "total": 1800.0},
        {"_id.city": "Wien", "_id.tag": "new", "total": 1770.0},
    ]
    assert await ask(source, "customers", {"$sort": {"name": 1}}, {"$project": {"_id": 0, "address.city": 1}}) == [
        {"address.city": "Wien"},
        {"address.city": "Graz"},
    ]
    (whole, _) = await ask(source, "customers", {"$sort": {"name": 1}})
    assert whole == {"_id": str(ADA), "name": "Ada", "address": '{"city":"Wien","zip":"1010"}'}


async def test_text_finds_object_ids_dates_and_numbers_written_as_text(shop: MongoDatabase, opened):
    source = opened("shop", shop.url)

    assert await ask(source, "orders", {"$match": {"customer_id": str(ADA)}}, {"$count": "n"}) == [{"n": 60}]
    assert await ask(source, "orders", {"$match": {"at": {"$lt": "2026-02-02"}}}, {"$count": "n"}) == [{"n": 2}]
    late = {"$expr": {"$gte": ["$at", "2026-05-30T13:05:00Z"]}}
    assert await ask(source, "orders", {"$match": late}, {"$count": "n"}) == [{"n": 1}]
    assert await ask(source, "customers", {"$match": {"address.zip": 1010}}, {"$project": {"_id": 0, "name": 1}}) == [
        {"name": "Ada"}
    ]


async def test_values_from_elsewhere_stay_values_whatever_they_look_like(shop: MongoDatabase, opened):
    source = opened("shop", shop.url)
    hostile = ["$name", "$$ROOT", '{"$gt": ""}', "'; db.dropDatabase()", "Ada"]
    for condition in (
        {"name": {"$in": {"$value": "names"}}},
        {"$expr": {"$in": ["$name", {"$value": "names"}]}},
        {"$or": [{"name": {"$value": "one"}}, {"$expr": {"$eq": ["$name", {"$value": "one"}]}}]},
    ):
        parameters = {"names": hostile, "one": ["Ada"]}
        found = await ask(source, "customers", {"$match": condition}, parameters=parameters)
        assert [row["name"] for row in found] == ["Ada"]
        found = await ask(
            source, "customers", {"$match": condition}, parameters={"names": hostile[:-1], "one": ["$name"]}
        )
        assert found == []


async def test_ids_handed_on_as_text_find_their_documents(shop: MongoDatabase, opened):
    wanted = {"$match": {"customer_id": {"$in": {"$value": "ids"}}, "_id": {"$in": {"$value": "numbers"}}}}
    parameters = {"ids": [str(EVA)], "numbers": ["1", 3, 4, Decimal(5)]}
    found = await ask(opened("shop", shop.url), "orders", wanted, {"$sort": {"_id": 1}}, parameters=parameters)

    assert [row["_id"] for row in found] == [1, 3, 5]


async def test_text_that_is_no_utf8_is_read_with_marks(shop: MongoDatabase):
    written = bson.encode({"text": "caf\u00e9 au lait"}).replace("\u00e9".encode(), b"\xe9\xe9")
    client = Client("shop", shop.url)
    assert bson.decode_all(written, client.database.codec_options) == [{"text": "caf\ufffd\ufffd au lait"}]
    await client.close()

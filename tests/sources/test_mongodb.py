"""What is MongoDB's own: fields found in documents, values of BSON, and operations that are stopped in the server."""

import asyncio
import datetime
import json
import uuid
from contextlib import aclosing, suppress
from decimal import Decimal

import pytest
from bson import Binary, Decimal128, Int64, ObjectId
from pymongo import errors

from core.errors import QueryFailed, QueryTimeout, SourceLost, SourceUnavailable
from core.sources.base import Limits, Source
from core.sources.mongodb.faults import translate
from core.sources.rows import arrow_schema, encode, encode_arrow
from levada.v1 import event_pb2 as events
from tests.mongodb import MongoDatabase, proxy
from tests.servers import until

DAY = datetime.datetime(2026, 1, 31, 13, 5, tzinfo=datetime.UTC)
ADA, EVA = ObjectId(), ObjectId()


@pytest.fixture
def shop(mongodb_database: MongoDatabase) -> MongoDatabase:
    """Customers and 120 of their orders."""
    mongodb_database.fill(
        customers=[
            {"_id": ADA, "name": "Ada", "address": {"city": "Wien", "zip": "1010"}},
            {"_id": EVA, "name": "Eva", "address": {"city": "Graz", "zip": "8010"}},
        ],
        orders=[
            {
                "_id": number,
                "customer_id": (ADA, EVA)[number % 2],
                "amount": number / 2,
                "at": DAY + datetime.timedelta(days=number),
                "tags": ["new"],
                "items": [{"sku": f"s{number % 3}", "quantity": number % 4}],
                **({"note": "urgent"} if number % 10 == 0 else {}),
            }
            for number in range(120)
        ],
    )
    return mongodb_database


async def ask(source: Source, collection: str, *pipeline: dict, rows: int = 10_000, **more) -> list[dict]:
    """Return the rows of a pipeline by column names, through the guard."""
    limits = more.pop("limits", Limits())
    text = json.dumps({"collection": collection, "pipeline": pipeline})
    query = source.check(text, await source.describe(), rows, more.pop("parameters", {}))
    async with source.query(query, limits) as result:
        names = [column.name for column in result.columns]
        return [
            dict(zip(names, row, strict=True)) async for batch in result for row in zip(*batch.columns, strict=True)
        ]


async def test_nested_fields_are_columns_with_how_often_they_are_there(shop: MongoDatabase, opened):
    tables = {table.name: table for table in (await opened("shop", shop.url).describe()).tables}
    columns = {column.name: column for column in tables["orders"].columns}

    assert list(tables) == ["customers", "orders"]
    assert (tables["orders"].row_estimate, list(tables["orders"].primary_key)) == (120, ["_id"])
    assert [name for name in columns if "items" in name] == ["items", "items[].sku", "items[].quantity"]
    assert columns["items"].type == columns["tags"].type == events.COLUMN_TYPE_JSON
    assert list(columns["items[].sku"].samples) == ["s0", "s1", "s2"]
    assert list(columns["tags[]"].samples) == ["new"]
    assert (columns["note"].nullable, columns["note"].comment) == (True, "In 10 % of the documents.")
    assert (columns["amount"].nullable, columns["amount"].comment) == (False, "")
    assert [column.name for column in tables["customers"].columns] == [
        "_id",
        "name",
        "address",
        "address.city",
        "address.zip",
    ]


async def test_keys_are_inferred_where_names_and_values_agree(shop: MongoDatabase, opened):
    shop.fill(
        customer_notes=[{"customer": ADA, "order_id": 5}, {"customer": EVA, "order_id": 6}],
        strangers=[{"customer_id": ObjectId(), "order_id": 4_000}],
    )
    tables = {table.name: table for table in (await opened("shop", shop.url).describe()).tables}

    def keys(name: str) -> list[tuple]:
        found = tables[name].foreign_keys
        return [(*key.columns, key.referenced_table, *key.referenced_columns, key.inferred) for key in found]

    assert keys("orders") == [("customer_id", "customers", "_id", True)]
    assert keys("customer_notes") == [("customer", "customers", "_id", True), ("order_id", "orders", "_id", True)]
    assert keys("strangers") == []


async def test_the_same_data_is_described_the_same(shop: MongoDatabase, opened):
    shop.fill(many=[{"_id": number, f"rare{number}": 1} for number in range(1_500)])
    first, second = [await opened("shop", shop.url).describe() for _ in range(2)]

    assert first == second
    assert len({table.name: table for table in first.tables}["many"].columns) == 300
    assert "more than 300 fields" in first.problems[0]


async def test_views_unique_indexes_and_what_validators_say_are_told(shop: MongoDatabase, opened):
    database = shop.client[shop.name]
    rules = {"$jsonSchema": {"description": "Who works here", "properties": {"mail": {"description": "Address"}}}}
    database.create_collection("people", validator=rules)
    database.people.insert_one({"mail": "a@b.c", "boss": None})
    database.people.create_index("mail", unique=True)
    database.command("create", "big", viewOn="orders", pipeline=[{"$match": {"amount": {"$gt": 50}}}])
    source = opened("shop", shop.url)
    tables = {table.name: table for table in (await source.describe()).tables}

    assert tables["people"].comment == "Who works here"
    assert [(c.name, c.unique, c.comment) for c in tables["people"].columns] == [
        ("_id", True, ""),
        ("mail", True, "Address"),
        ("boss", False, ""),
    ]
    assert (tables["big"].is_view, tables["orders"].is_view) == (True, False)
    assert await ask(source, "big", {"$count": "n"}) == [{"n": 19}]


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


async def test_one_row_more_than_may_be_seen_is_fetched_and_no_more(shop: MongoDatabase, opened):
    source = opened("shop", shop.url)

    assert len(await ask(source, "orders", rows=10)) == 11
    assert len(await ask(source, "orders", {"$limit": 5}, rows=10)) == 5
    assert len(await ask(source, "orders", {"$limit": 5_000}, rows=10)) == 11


async def test_rows_come_in_batches_while_the_cursor_stays_open(shop: MongoDatabase, opened):
    async with proxy(shop.port) as between:
        source = opened("shop", shop.url_at(between.port))
        query = source.check('{"collection": "orders", "pipeline": []}', await source.describe(), 1_000)
        async with source.query(query, Limits(batch_rows=20)) as rows, aclosing(_batches(rows)) as batches:
            sizes = [batch.row_count async for batch in batches]

    assert (sum(sizes), max(sizes)) == (120, 20)
    assert between.commands("getMore")
    (asked,) = between.commands("aggregate")
    assert asked["maxTimeMS"] == 60_000
    assert asked["allowDiskUse"] is False


async def _batches(rows):
    async for batch in rows:
        yield batch


async def test_who_leaves_between_batches_closes_the_cursor_in_the_server(shop: MongoDatabase, opened):
    async with proxy(shop.port) as between:
        source = opened("shop", shop.url_at(between.port))
        query = source.check('{"collection": "orders", "pipeline": []}', await source.describe(), 1_000)
        between.hold.add("getMore")
        with suppress(QueryTimeout):
            async with source.query(query, Limits(seconds=1)) as rows:
                await anext(aiter(rows))

        assert between.commands("killCursors")


async def test_a_cancelled_operation_is_killed_in_the_server_within_a_second(shop: MongoDatabase, opened):
    async with proxy(shop.port) as between:
        source = opened("shop", shop.url_at(between.port))
        await source.describe()
        between.hold.add("aggregate")
        task = asyncio.create_task(ask(source, "orders"))
        held = await between.arrived("aggregate")
        task.cancel()
        async with asyncio.timeout(1):
            killed = await between.arrived("killSessions")
            await until(lambda: not between.open)
        with pytest.raises(asyncio.CancelledError):
            await task

        assert killed["killSessions"] == [held["lsid"]]
        between.hold.clear()
        assert await ask(source, "orders", {"$count": "n"}) == [{"n": 120}]
        assert between.commands("aggregate")[-1]["lsid"] != held["lsid"]


async def test_an_operation_that_takes_too_long_is_told_so_and_killed(shop: MongoDatabase, opened):
    async with proxy(shop.port) as between:
        source = opened("shop", shop.url_at(between.port))
        await source.describe()
        between.hold.add("aggregate")
        with pytest.raises(QueryTimeout):
            await ask(source, "orders", limits=Limits(seconds=0.3))

        assert [command["killSessions"] for command in between.commands("killSessions")] == [
            [command["lsid"]] for command in between.commands("aggregate")
        ]


async def test_a_connection_that_breaks_is_told_as_lost_and_the_next_query_works(shop: MongoDatabase, opened):
    async with proxy(shop.port) as between:
        source = opened("shop", shop.url_at(between.port))
        query = source.check('{"collection": "orders", "pipeline": []}', await source.describe(), 1_000)
        for cut in ("aggregate", "getMore"):
            between.cut = {cut}
            with pytest.raises(SourceLost, match="incomplete"):
                async with source.query(query, Limits(batch_rows=20)) as rows, aclosing(_batches(rows)) as batches:
                    _ = [batch async for batch in batches]
        between.cut.clear()

        assert await ask(source, "orders", {"$count": "n"}) == [{"n": 120}]


async def test_a_server_that_is_not_there_is_told_as_that(opened):
    source = opened("m", "mongodb://someone:s3cret@127.0.0.1:1/shop?serverSelectionTimeoutMS=200")
    for asking in (source.ping, source.describe):
        with pytest.raises(SourceUnavailable, match="nothing answers") as refused:
            await asking()
        assert "s3cret" not in str(refused.value)


async def test_a_wrong_password_is_told_without_repeating_it(shop: MongoDatabase, opened):
    with pytest.raises(SourceUnavailable, match="user name or password") as refused:
        await opened("m", shop.url_at(shop.port, "someone:not-the-w0rd@")).describe()

    assert "w0rd" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mongodb://localhost", "name of a database"),
        ("mongodb://a:b:c@localhost/shop", "URL can't be read"),
    ],
)
async def test_a_url_that_can_not_be_used_is_told(url: str, said: str, opened):
    with pytest.raises(SourceUnavailable, match=said):
        await opened("m", url).ping()


@pytest.mark.parametrize(
    ("code", "kind"),
    [(50, QueryTimeout), (43, SourceLost), (13, SourceUnavailable), (292, QueryFailed), (9, QueryFailed)],
)
def test_what_the_server_says_becomes_a_kind_of_fault(code: int, kind: type[Exception]):
    assert type(translate(errors.OperationFailure("no", code), "m")) is kind


SLY = [
    [],
    [{"$replaceWith": {"$mergeObjects": ["$$ROOT"]}}],
    [{"$group": {"_id": None, "all": {"$push": "$$ROOT"}}}],
    [{"$project": {"all": {"$objectToArray": "$$CURRENT"}}}],
    [{"$set": {"x": {"$getField": "password"}}}],
    [{"$set": {"x": {"$getField": {"field": {"$concat": ["pass", "word"]}, "input": "$$ROOT"}}}}],
    [{"$match": {"$expr": {"$eq": [{"$getField": "password"}, "hunter2"]}}}, {"$project": {"found": "hunter2"}}],
    [{"$project": {"address": 1}}],
    [{"$facet": {"a": [{"$replaceWith": "$address"}]}}],
    [{"$unionWith": {"coll": "people", "pipeline": [{"$group": {"_id": "$$ROOT"}}]}}],
    [{"$lookup": {"from": "people", "localField": "_id", "foreignField": "_id", "as": "same"}}],
    [{"$lookup": {"from": "people", "pipeline": [{"$match": {"$expr": {"$ne": ["$$ROOT", 1]}}}], "as": "all"}}],
    [{"$sort": {"address": 1}}, {"$group": {"_id": {"$toString": {"$bsonSize": "$$ROOT"}}}}],
]


@pytest.mark.parametrize("pipeline", SLY, ids=json.dumps)
async def test_what_may_not_be_read_never_comes_out(pipeline: list, mongodb_database: MongoDatabase, opened):
    secret = {"_id": 1, "name": "Ada", "password": "hunter2", "address": {"city": "Wien", "code": "hunter2"}}
    mongodb_database.fill(people=[secret])
    source = opened("m", mongodb_database.url)
    schema = await source.describe()
    (people,) = schema.tables
    kept = [column for column in people.columns if column.name not in ("password", "address.code")]
    del people.columns[:]
    people.columns.extend(kept)
    query = source.check(json.dumps({"collection": "people", "pipeline": pipeline}), schema, 10)
    async with source.query(query, Limits()) as rows:
        found = [batch.columns async for batch in rows]

    assert "hunter2" not in str(found)

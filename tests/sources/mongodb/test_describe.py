"""What is told of collections: fields found in documents, how they nest, which belong together."""

from bson import ObjectId

from levada.v1 import event_pb2 as events
from tests.mongodb import MongoDatabase
from tests.sources.mongodb.asking import ADA, EVA, ask


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


async def test_a_large_collection_is_known_by_its_oldest_and_its_newest_documents(mongodb_database, opened):
    ages = {0: {"old": 1}, 1_199: {"new": 1}}
    mongodb_database.fill(many=[{"_id": number, **ages.get(number, {})} for number in range(1_200)])
    (many,) = (await opened("m", mongodb_database.url).describe()).tables

    assert [(column.name, column.comment) for column in many.columns] == [
        ("_id", ""),
        ("old", "In less than 1 % of the documents."),
        ("new", "In less than 1 % of the documents."),
    ]


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


async def test_whoever_waits_hears_how_many_collections_were_looked_at(shop: MongoDatabase, opened):
    heard: list[tuple[int, int]] = []
    await opened("shop", shop.url).describe(lambda *far: heard.append(far))

    assert heard[0] == (1, 2)

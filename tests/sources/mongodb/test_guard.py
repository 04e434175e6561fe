"""The guard of MongoDB's language: what is refused at any depth, what passes, and what never comes out."""

import copy
import datetime
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import bson
import pytest
from bson.codec_options import CodecOptions
from bson.decimal128 import Decimal128
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import QueryRefused
from core.sources.mongodb import guard
from core.sources.mongodb.guard import CheckedPipeline, operators, stages
from core.sources.mongodb.query import read
from levada.v1.catalog_pb2 import Column, Schema, Table
from tests.sources.mongodb.cases import JS, READ, REFUSED


def table(collection: str, **fields: str) -> Table:
    columns = [
        Column(name=name.replace("__", ".").replace("_0", "[]"), native_type=kind) for name, kind in fields.items()
    ]
    return Table(name=collection, columns=columns)


SCHEMA = Schema(
    tables=[
        table(
            "orders",
            _id="objectId",
            customer_id="int",
            amount="double",
            at="date",
            status="string",
            items="array",
            items_0__sku="string",
            items_0__quantity="int",
            address="object",
            address__city="string",
        ),
        table("customers", _id="int", name="string", country="string"),
    ]
)


def check(*pipeline: Any, collection: str = "orders", rows: int = 100, **parameters: list) -> CheckedPipeline:
    text = json.dumps({"collection": collection, "pipeline": pipeline})
    return guard.check(text, SCHEMA, rows, parameters)


def columns(*pipeline: Any) -> list[str]:
    return [name for name, _ in check(*pipeline).columns or ()]


@pytest.mark.parametrize("name", REFUSED)
def test_a_query_is_refused_that(name: str):
    rule, pipeline = REFUSED[name]
    with pytest.raises(QueryRefused) as refused:
        check(*pipeline)
    assert refused.value.rule == rule
    assert refused.value.message.endswith(".") or refused.value.message.endswith("?")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "empty"),
        ("db.orders.find()", "syntax"),
        ('{"collection": "orders"}', "syntax"),
        ('{"collection": "orders", "pipeline": [], "allowDiskUse": true}', "syntax"),
        ('{"collection": "orders", "pipeline": {"$out": "x"}}', "syntax"),
        ('{"collection": "orders", "pipeline": [' + '{"$facet": {"a": [' * 200, "syntax"),
        ('{"collection": "orders", "pipeline": [{"$set": {"a": ' + "[" * 60 + "]" * 60 + "}}]}", "nesting"),
        ('{"collection": "orders", "pipeline": []}' + " " * 30_000, "too-long"),
        ('{"collection": "or\u202eders", "pipeline": []}', "control-character"),
        ('{"collection": "system.users", "pipeline": []}', "unreadable-table"),
    ],
)
def test_a_text_that_is_no_query_over_a_readable_collection_is_refused(text: str, rule: str):
    with pytest.raises(QueryRefused) as refused:
        guard.check(text, SCHEMA, 10, {})
    assert refused.value.rule == rule


def test_pipelines_nest_no_deeper_than_four():
    nested: list = [{"$limit": 1}]
    for _ in range(6):
        nested = [{"$unionWith": {"coll": "orders", "pipeline": nested}}]
    with pytest.raises(QueryRefused, match="more than 4 levels"):
        check(*nested)


@pytest.mark.parametrize("pipeline", READ, ids=lambda pipeline: "+".join(key for stage in pipeline for key in stage))
def test_a_query_that_only_reads_passes_and_passes_again_as_it_was_written(pipeline: list):
    checked = check(*pipeline)
    again = guard.check(checked.text, SCHEMA, 100, {})

    assert (again.text, again.columns) == (checked.text, checked.columns)
    assert (checked.language, checked.row_limit) == ("mongodb", 100)
    assert "orders" in checked.tables


WRAPPERS = [
    lambda inner: {"$facet": {"a": [inner]}},
    lambda inner: {"$unionWith": {"coll": "customers", "pipeline": [inner]}},
    lambda inner: {"$lookup": {"from": "customers", "pipeline": [inner], "as": "c"}},
]
VALUES = [
    lambda inner: {"$cond": [True, inner, 1]},
    lambda inner: {"a": {"b": [inner]}},
    lambda inner: {"$let": {"vars": {"v": inner}, "in": "$$v"}},
    lambda inner: {"$switch": {"branches": [{"case": True, "then": inner}]}},
    lambda inner: {"$mergeObjects": [{"x": inner}]},
    lambda inner: {"$filter": {"input": [1], "cond": inner}},
]
PLACES = [
    lambda inner: {"$match": {"$expr": inner}},
    lambda inner: {"$match": {"$nor": [{"$and": [{"$expr": inner}]}]}},
    lambda inner: {"$project": {"x": inner}},
    lambda inner: {"$group": {"_id": inner}},
    lambda inner: {"$group": {"_id": 1, "x": {"$push": inner}}},
    lambda inner: {"$replaceWith": inner},
    lambda inner: {"$setWindowFields": {"partitionBy": inner, "output": {"x": {"$count": {}}}}},
]
HARMFUL = [
    JS,
    {"$accumulator": {}},
    {"$where": "1"},
    {"$meta": "x"},
    {"$range": [0, 9]},
    "$$USER_ROLES",
    {"$nonsense": 1},
]


@given(
    st.sampled_from(HARMFUL),
    st.lists(st.sampled_from(VALUES), max_size=6),
    st.sampled_from(PLACES),
    st.lists(st.sampled_from(WRAPPERS), max_size=3),
)
def test_what_is_refused_is_refused_at_every_depth(harm, values, place, wrappers):
    for wrap in values:
        harm = wrap(harm)
    stage = place(harm)
    for wrap in wrappers:
        stage = wrap(stage)
    with pytest.raises(QueryRefused) as refused:
        check(stage)
    assert refused.value.rule in ("unknown-operator", "session-information")


def test_columns_are_what_the_pipeline_spells_out():
    assert columns() == ["_id", "customer_id", "amount", "at", "status", "items", "address"]
    assert columns({"$project": {"_id": 0, "address.city": 1, "half": {"$divide": ["$amount", 2]}}}) == [
        "address.city",
        "half",
    ]
    assert columns({"$group": {"_id": {"city": "$address.city"}, "n": {"$sum": 1}}}) == ["_id.city", "n"]
    assert columns({"$group": {"_id": None, "n": {"$sum": 1}}}) == ["n"]
    assert columns({"$unwind": "$items"}, {"$replaceRoot": {"newRoot": "$items"}}) == ["sku", "quantity"]
    assert check({"$replaceWith": {"$first": "$items"}}).columns is None


def test_a_misspelt_field_is_told_with_its_likely_name():
    with pytest.raises(QueryRefused, match=r"no field adress\.city.*Did you mean address\.city"):
        check({"$match": {"adress.city": "Wien"}})


def test_conditions_on_fields_stay_in_front_where_indexes_serve_them():
    stages = json.loads(check({"$match": {"status": "paid"}}, {"$sort": {"at": -1}}, {"$count": "n"}).text)["pipeline"]
    assert [next(iter(stage)) for stage in stages] == ["$match", "$sort", "$project", "$count", "$limit"]

    stages = json.loads(check({"$match": {"$expr": {"$ne": ["$$ROOT", {}]}}}).text)["pipeline"]
    assert [next(iter(stage)) for stage in stages] == ["$project", "$match", "$limit"]


def test_values_of_every_kind_are_bound_as_mongodb_holds_them():
    day = datetime.date(2026, 1, 31)
    odd = [None, True, 2**70, Decimal("1.50"), Decimal("1E+9000"), float("nan"), day, datetime.time(13, 5), b"\0", "$x"]
    text = check({"$match": {"amount": {"$in": {"$value": "odd"}}}}, odd=odd).text
    (found,) = read(text).pipeline[0]["$match"]["amount"].values()

    assert found[:5] == [None, True, Decimal128(str(2**70)), Decimal128("1.50"), float("inf")]
    assert found[6:] == [datetime.datetime(2026, 1, 31, tzinfo=datetime.UTC), "13:05:00", b"\0", "$x"]
    for nested in ([{"$gt": ""}], [["a"]], ["a\0b"]):
        with pytest.raises(QueryRefused):
            check({"$match": {"amount": {"$in": {"$value": "odd"}}}}, odd=nested)


WORDS = sorted({
    *operators.EXPRESSIONS, *operators.WINDOW, *stages._STAGES, "$lookup", "$unionWith", "$facet", "$elemMatch", "$not",
    "$regex", "$in", "$value", "$oid", "$date", "$numberInt", "amount", "items.sku", "as", "pipeline", "let", "", "..",
})  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([*WORDS, *map("${}".format, WORDS)])
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=2),
    max_leaves=4,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield all places in *value*: what holds it, and where."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield value, key
        yield from places(item)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_is_asked_is_refused_or_passes_and_nothing_else(data: st.DataObject):
    pipeline = copy.deepcopy(data.draw(st.sampled_from([read for read in READ if read])))
    for _ in range(data.draw(st.integers(1, 2))):
        holder, key = data.draw(st.sampled_from(list(places(pipeline))))
        holder[key] = data.draw(ANYTHING)
    try:
        checked = check(*pipeline, amount=[1])
    except QueryRefused:
        return
    again = guard.check(checked.text, SCHEMA, 100, {})
    assert (again.text, again.columns) == (checked.text, checked.columns)
    bson.encode({"pipeline": read(checked.text).pipeline}, codec_options=CodecOptions(uuid_representation=4))

"""The guard of MongoDB's language: what is refused at any depth, what passes, and what never comes out."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import QueryRefused
from core.sources.mongodb import guard
from core.sources.mongodb.guard import CheckedPipeline
from levada.v1.catalog_pb2 import Column, Schema, Table


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


JS = {"$function": {"body": "function() { return 1 }", "args": [], "lang": "js"}}
GATHER = {"$accumulator": {"init": "function() {}", "accumulate": "function() {}", "accumulateArgs": [], "lang": "js"}}
DOUBLING = {"$reduce": {"input": "$items", "initialValue": ["x"], "in": {"$concatArrays": ["$$value", "$$value"]}}}

REFUSED = {
    "writes": ("write", [{"$out": "stolen"}]),
    "merges": ("write", [{"$merge": {"into": "customers"}}]),
    "writes in a union": ("write", [{"$unionWith": {"coll": "orders", "pipeline": [{"$out": "stolen"}]}}]),
    "runs code": ("unknown-operator", [{"$match": {"$where": "while (true) {}"}}]),
    "runs code in an or": ("unknown-operator", [{"$match": {"$or": [{"amount": 1}, {"$where": "1"}]}}]),
    "runs code in not": ("unknown-operator", [{"$match": {"amount": {"$not": {"$where": "1"}}}}]),
    "runs a function": ("unknown-operator", [{"$project": {"x": JS}}]),
    "runs a function in a condition": ("unknown-operator", [{"$match": {"$expr": {"$eq": [1, JS]}}}]),
    "runs a function deep down": (
        "unknown-operator",
        [{"$set": {"x": {"$cond": {"if": True, "then": {"a": [{"$map": {"input": [], "in": JS}}]}, "else": 1}}}}],
    ),
    "runs a function in a let": (
        "unknown-operator",
        [{"$lookup": {"from": "customers", "let": {"x": JS}, "pipeline": [], "as": "c"}}],
    ),
    "runs a function in a lookup": (
        "unknown-operator",
        [{"$lookup": {"from": "customers", "pipeline": [{"$match": {"$expr": JS}}], "as": "c"}}],
    ),
    "runs a function in a facet": ("unknown-operator", [{"$facet": {"a": [{"$sortByCount": JS}]}}]),
    "runs a function in a window": (
        "unknown-operator",
        [{"$setWindowFields": {"sortBy": {"at": 1}, "output": {"x": {"$sum": JS}}}}],
    ),
    "runs a function in a bucket": ("unknown-operator", [{"$bucket": {"groupBy": JS, "boundaries": [0, 1]}}]),
    "gathers by code": ("unknown-operator", [{"$group": {"_id": None, "x": GATHER}}]),
    "gathers by code in a bucket": (
        "unknown-operator",
        [{"$bucketAuto": {"groupBy": "$amount", "buckets": 2, "output": {"x": GATHER}}}],
    ),
    "holds code as a value": ("unknown-operator", [{"$match": {"status": {"$code": "1"}}}]),
    "reads the server": ("unknown-operator", [{"$currentOp": {}}]),
    "reads sessions": ("unknown-operator", [{"$listSessions": {}}]),
    "reads statistics": ("unknown-operator", [{"$collStats": {"storageStats": {}}}]),
    "makes documents": ("unknown-operator", [{"$documents": [{"a": 1}]}]),
    "walks a graph": ("unknown-operator", [{"$graphLookup": {"from": "customers", "as": "c"}}]),
    "reads who asks": ("session-information", [{"$project": {"x": "$$USER_ROLES"}}]),
    "reads other collections": ("unreadable-table", [{"$unionWith": "secrets"}]),
    "joins other collections": (
        "unreadable-table",
        [{"$lookup": {"from": "secrets", "localField": "_id", "foreignField": "_id", "as": "s"}}],
    ),
    "joins another database": (
        "unreadable-table",
        [{"$lookup": {"from": {"db": "admin", "coll": "orders"}, "pipeline": [], "as": "s"}}],
    ),
    "joins everything with everything": ("cross-join", [{"$lookup": {"from": "customers", "as": "c"}}]),
    "names no field": ("unknown-column", [{"$match": {"custmer_id": 1}}]),
    "computes with no field": ("unknown-column", [{"$set": {"x": {"$add": ["$amount", "$amuont"]}}}]),
    "names a field that is gone": ("unknown-column", [{"$group": {"_id": "$status"}}, {"$sort": {"amount": 1}}]),
    "reads into a text": ("unknown-column", [{"$match": {"status.length": 1}}]),
    "joins by what is hidden": (
        "unknown-column",
        [{"$lookup": {"from": "customers", "localField": "_id", "foreignField": "password", "as": "c"}}],
    ),
    "counts for ever": ("unknown-operator", [{"$set": {"x": {"$range": [0, 2_000_000_000]}}}]),
    "doubles a list": ("size", [{"$set": {"x": DOUBLING}}]),
    "doubles by another name": (
        "size",
        [
            {
                "$set": {
                    "x": {"$reduce": {**DOUBLING["$reduce"], "in": {"$let": {"vars": {"v": "$$value"}, "in": "$$v"}}}}
                }
            }
        ],
    ),
    "doubles stage by stage": ("size", [{"$set": {"status": {"$concat": ["$status", "$status"]}}}] * 40),
    "loops in loops": (
        "size",
        [{"$set": {f"x{n}": {"$map": {"input": "$items", "in": "$$this"}} for n in range(9)}}],
    ),
    "has a thousand stages": ("size", [{"$limit": 5}] * 1_000),
    "joins and joins": (
        "joins",
        [
            {"$lookup": {"from": "customers", "localField": "customer_id", "foreignField": "_id", "as": f"c{n}"}}
            for n in range(20)
        ],
    ),
    "is a long pattern": ("pattern", [{"$match": {"status": {"$regex": "(a+)+" * 200}}}]),
    "has two stages in one": ("syntax", [{"$match": {}, "$out": "x"}]),
    "has two operators in one": ("syntax", [{"$set": {"x": {"$add": [1, 2], "$sum": [1]}}}]),
    "mixes operators and fields": ("unknown-operator", [{"$match": {"address": {"$eq": 1, "city": "Wien"}}}]),
    "names a field like an operator": ("syntax", [{"$set": {"$x": 1}}]),
    "groups by nothing said": ("syntax", [{"$group": {"n": {"$sum": 1}}}]),
    "has a number too large": ("literal", [{"$match": {"amount": 2**63}}]),
    "has a date that is none": ("literal", [{"$match": {"at": {"$date": "yesterday"}}}]),
    "lacks a value": ("parameter", [{"$match": {"customer_id": {"$in": {"$value": "ids"}}}}]),
}


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


READ = [
    [],
    [{"$match": {"status": {"$in": ["paid", "sent"]}, "amount": {"$gte": 5, "$lt": 9}}}, {"$sort": {"at": -1}}],
    [{"$match": {"items": {"$elemMatch": {"sku": "a", "quantity": {"$gt": 1}}}}}],
    [{"$match": {"items.0.sku": {"$exists": True}, "status": {"$not": {"$regex": "^x", "$options": "i"}}}}],
    [{"$unwind": {"path": "$items", "includeArrayIndex": "place"}}, {"$sortByCount": "$items.sku"}],
    [
        {
            "$group": {
                "_id": {"$dateTrunc": {"date": "$at", "unit": "month"}},
                "n": {"$sum": 1},
                "all": {"$push": "$$ROOT"},
            }
        }
    ],
    [{"$facet": {"a": [{"$count": "n"}], "b": [{"$group": {"_id": "$status"}}]}}],
    [{"$set": {"address.zip": "?"}}, {"$unset": "items"}, {"$project": {"address": 1}}],
    [{"$bucket": {"groupBy": "$amount", "boundaries": [0, 10, 100], "default": "more"}}],
    [{"$setWindowFields": {"partitionBy": "$status", "sortBy": {"at": 1}, "output": {"r": {"$rank": {}}}}}],
    [
        {
            "$lookup": {
                "from": "customers",
                "let": {"id": "$customer_id"},
                "as": "c",
                "pipeline": [{"$match": {"$expr": {"$eq": ["$_id", "$$id"]}}}, {"$project": {"name": 1}}],
            }
        },
        {"$match": {"c.name": "Ada"}},
    ],
    [{"$unionWith": {"coll": "customers", "pipeline": [{"$project": {"status": "$country"}}]}}],
    [{"$replaceRoot": {"newRoot": {"$mergeObjects": ["$address", {"n": 1}]}}}, {"$match": {"whatever": 1}}],
    [{"$match": {"at": {"$gte": {"$date": "2026-01-01T00:00:00Z"}}, "_id": {"$oid": "6b01c1faa05e0af839de0384"}}}],
    [
        {
            "$set": {
                "x": {"$reduce": {"input": "$items", "initialValue": "", "in": {"$concat": ["$$value", "$$this.sku"]}}}
            }
        }
    ],
    [{"$sample": {"size": 5}}, {"$skip": 2}, {"$limit": 3}],
]


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

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

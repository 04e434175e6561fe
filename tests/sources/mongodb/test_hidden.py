"""Fields that a caller may not read stay where they are, however slyly they are asked for."""

import json

import pytest

from core.errors import QueryRefused
from core.sources.base import Limits
from core.sources.mongodb.guard import check
from levada.v1.catalog_pb2 import Column, Schema, Table
from tests.mongodb import MongoDatabase

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


def test_what_may_not_be_read_is_not_joined_by_either():
    names = ("_id", "name", "address", "address.city", "codes", "codes.1")
    people = Table(name="people", columns=[Column(name=name, native_type="string") for name in names])
    for path in ("password", "address", "address.code", "codes", "codes.2", "name.0"):
        lookup = {"from": "people", "localField": "name", "foreignField": path, "as": "found"}
        text = json.dumps({"collection": "people", "pipeline": [{"$lookup": lookup}]})
        with pytest.raises(QueryRefused):
            check(text, Schema(tables=[people]), 10, {})


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

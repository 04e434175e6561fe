"""A source of documents beside one of tables: values are handed to its pipelines as data, its rows are joined."""

import json
from pathlib import Path

import pytest

from core.models.plans import Operation
from core.pipelines.federated.operations.execute import works_of
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.event_pb2 import PlannedOperation
from levada.v1.run_pb2 import ANALYSIS_NONE, FederatedParameters, RunOptions
from tests.mongodb import MongoDatabase
from tests.pipelines.federated import world
from tests.pipelines.federated.house import SpreadHouse, rows
from tests.pipelines.federated.world import CUSTOMER_ROWS, joins, plan

ROWS = RunOptions(analyze=ANALYSIS_NONE)
BY_NAME = joins(
    "SELECT c.name, count(*) AS clicks FROM customers AS c JOIN clicks AS k ON k.customer = c.id "
    "GROUP BY c.name ORDER BY c.name"
)


@pytest.fixture
def urls(tmp_path: Path, mongodb_database: MongoDatabase) -> dict[str, str]:
    clicks = [{"customer": str(n % 3 + 1), "page": f"/{n}", "at": {"day": n % 7}} for n in range(30)]
    mongodb_database.client[mongodb_database.name]["clicks"].insert_many(clicks)
    return world.write(tmp_path) | {"web": mongodb_database.url}


def clicks(*stages: dict) -> Operation:
    """Return an operation over the clicks of the customers that the one before it gave."""
    matched = {"$match": {"customer": {"$in": {"$value": "ids"}}}}
    pipeline = [matched, *stages, {"$project": {"_id": 0, "customer": 1, "page": 1}}]
    params = {"collection": "clicks", "pipeline": pipeline, "values": {"ids": "customers.id"}}
    return Operation(id="clicks", source="web", kind="mongodb", params=params)


async def test_rows_of_a_table_are_joined_with_documents_whose_keys_are_text(tmp_path: Path, urls: dict[str, str]):
    asked = world.asks("customers", "crm", "SELECT CAST(id AS TEXT) AS id, name FROM customers WHERE id < 3")
    async with SpreadHouse(tmp_path, urls) as house:
        house.plans(plan(asked, clicks(), BY_NAME))
        seen = await house.ask(sources=["crm", "web"], options=ROWS)
    assert rows(seen) == [("Ada", 10), ("Bo", 10)], seen.end
    assert {one.kind for one in seen.all("operation_started")} == {"sql", "mongodb", "combine"}


SORTS = """{"collection": "clicks", "pipeline": [{"$sort": {"page": -1, "customer": 1}}, {"$limit": 2},
    {"$project": {"page": 1, "customer": 1, "_id": 0}}]}"""


async def test_a_callers_plan_sorts_by_the_first_of_its_fields_first(tmp_path: Path, urls: dict[str, str]):
    clicks = PlannedOperation(id="clicks", source="web", kind="mongodb", params_json=SORTS)
    last = PlannedOperation(id="combine", kind="combine", params_json='{"sql": "SELECT * FROM clicks ORDER BY 1 DESC"}')
    async with SpreadHouse(tmp_path, urls) as house:
        plan = FederatedParameters(operations=[clicks, last])
        seen = await house.ask(sources=["web"], federated=plan, options=ROWS)
    assert rows(seen) == [("/9", "1"), ("/8", "3")], seen.end
    told = json.loads(seen.all("plan_drafted")[0].operation.params_json)
    assert list(told["pipeline"][0]["$sort"]) == ["page", "customer"]


def test_queries_that_differ_in_the_order_of_their_keys_do_not_share_their_rows():
    one, other = {"$sort": {"a": 1, "b": 1}}, {"$sort": {"b": 1, "a": 1}}
    files = [
        works_of([Operation(id="a", source="web", kind="mongodb", params={"pipeline": [stage]})])["a"]
        for stage in (one, other)
    ]
    assert files[0] != files[1]


@pytest.mark.parametrize(
    "stage",
    [
        {"$match": {"$where": "sleep(10000)"}},
        {"$out": "elsewhere"},
        {"$facet": {"x": [{"$match": {"$expr": {"$function": {"body": "f", "args": [], "lang": "js"}}}}]}},
    ],
)
async def test_code_and_writing_are_refused_at_any_depth_before_anything_runs(
    tmp_path: Path, urls: dict[str, str], stage: dict
):
    async with SpreadHouse(tmp_path, urls) as house:
        asked = house.watched("crm")
        house.plans(plan(CUSTOMER_ROWS, clicks(stage), BY_NAME))
        seen = await house.ask(sources=["crm", "web"], options=ROWS)
        assert seen.end.reason == ErrorReason.ERROR_REASON_QUERY_REFUSED
        assert "clicks:" in seen.end.message
        assert not asked.asked


async def test_values_that_look_like_operators_stay_values(tmp_path: Path, urls: dict[str, str]):
    hostile = "SELECT '$customer' AS id, 'x' AS name UNION ALL SELECT '{\"$gt\": \"\"}', 'y'"
    async with SpreadHouse(tmp_path, urls) as house:
        house.plans(plan(world.asks("customers", "crm", hostile), clicks(), joins("SELECT * FROM clicks")))
        seen = await house.ask(sources=["crm", "web"], options=ROWS)
    assert rows(seen) == [], seen.end

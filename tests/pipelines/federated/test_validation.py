"""A plan that could do harm, or can't be carried out, runs nothing: no source is asked, and every fault is named."""

import pytest

from core.models.plans import Operation, Plan
from core.pipelines.federated.planning.structure import problems
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.run_pb2 import ANALYSIS_NONE, RunOptions
from tests.pipelines.federated.house import SpreadHouse, rows
from tests.pipelines.federated.world import BY_COUNTRY, CUSTOMER_ROWS, ORDER_ROWS, asks, joins, plan

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROWS = RunOptions(analyze=ANALYSIS_NONE)
ALL = joins("SELECT * FROM customers")


def document(**params: object) -> Operation:
    return Operation(id="customers", source="crm", kind="mongodb", params=params)


@pytest.mark.parametrize(
    ("hostile", "said"),
    [
        (plan(asks("a", "crm", "SELECT 1", "b"), asks("b", "crm", "SELECT 1", "a"), ALL), "wait for each other"),
        (plan(asks("customers", "crm", "SELECT id FROM customers", "customers"), ALL), "wait for each other"),
        (plan(asks("customers", "crm", "SELECT 1", "nowhere"), ALL), "depends on 'nowhere'"),
        (plan(asks("customers", "elsewhere", "SELECT 1"), ALL), "no source 'elsewhere'"),
        (plan(*[asks(f"a{n}", "crm", "SELECT 1") for n in range(1000)], ALL), "1,001 operations"),
        (plan(CUSTOMER_ROWS, asks("Customers", "crm", "SELECT 1 AS x"), ALL), "named customers"),
        (plan(asks("customers; DROP", "crm", "SELECT 1"), ALL), "is no id"),
        (plan(CUSTOMER_ROWS), "ends in one operation of the kind combine"),
        (plan(ALL), "asks no source"),
        (plan(ALL, CUSTOMER_ROWS), "ends in one operation"),
        (plan(document(collection="customers"), ALL), "asked in sql, not in 'mongodb'"),
        (plan(asks("customers", "crm", ""), ALL), "params.query"),
        (plan(asks("customers", "crm", "DELETE FROM customers"), ALL), "customers:"),
        (plan(asks("customers", "crm", "SELECT secret FROM sqlite_master"), ALL), "customers:"),
        (plan(asks("customers", "crm", "SELECT 1; DROP TABLE customers"), ALL), "customers:"),
        (plan(CUSTOMER_ROWS, joins("SELECT * FROM read_csv('/etc/passwd')")), "combine:"),
        (plan(CUSTOMER_ROWS, joins("COPY customers TO '/tmp/x'")), "combine:"),
        (plan(CUSTOMER_ROWS, joins("SELECT * FROM orders")), "combine:"),
        (plan(CUSTOMER_ROWS, joins("SELECT nothing FROM customers")), "combine:"),
        (plan(CUSTOMER_ROWS, joins("SET memory_limit = '100GB'")), "combine:"),
        (plan(CUSTOMER_ROWS, asks("o", "sales", "SELECT id FROM orders WHERE id IN (:x)"), ALL), "o:"),
        (
            plan(CUSTOMER_ROWS, asks("o", "sales", "SELECT id FROM orders WHERE id IN (:x)", x="customers.nope"), ALL),
            "nope",
        ),
        (plan(CUSTOMER_ROWS, asks("o", "sales", "SELECT id FROM orders WHERE id IN (:x)", x="gone.id"), ALL), "'gone'"),
        (
            plan(CUSTOMER_ROWS, asks("o", "sales", "SELECT id FROM orders WHERE id IN (:x)", x="customers"), ALL),
            "places",
        ),
    ],
)
async def test_a_bad_plan_is_refused_before_anything_runs(house: SpreadHouse, hostile: Plan, said: str):
    asked = [house.watched(name) for name in ("crm", "sales")]
    house.plans(hostile)
    seen = await house.ask(options=ROWS)
    assert seen.end.reason == ErrorReason.ERROR_REASON_QUERY_REFUSED
    assert said in seen.end.message
    assert "operation_started" not in seen.kinds
    assert "plan_validated" not in seen.kinds
    assert not any(source.asked for source in asked)


async def test_the_guards_rule_is_told_of_each_refused_query(house: SpreadHouse):
    house.plans(plan(asks("customers", "crm", "DELETE FROM customers"), ORDER_ROWS, joins("SELECT * FROM orders")))
    seen = await house.ask()
    refused = seen.one("query_refused")
    assert refused.query_id == "customers"
    assert refused.rule


async def test_a_plan_that_was_refused_is_mended_and_what_was_wrong_is_handed_on(house: SpreadHouse):
    bad = plan(asks("customers", "crm", "SELECT nme, id, country FROM customers"), *BY_COUNTRY.operations[1:])
    planner = house.plans(bad, replans=[BY_COUNTRY])
    seen = await house.ask()
    assert [step for step in seen.steps if "/" not in step][3:6] == ["validate_plan", "mend_plan", "validate_plan#2"]
    assert "nme" in " ".join(planner.planned[-1].hints)
    assert rows(seen) == [("Norway", "125.75"), ("Japan", "70.00")]


async def test_what_a_source_refuses_is_mended_and_what_it_gave_before_is_not_asked_again(house: SpreadHouse):
    customers = house.watched("crm")
    bad = asks("orders", "sales", "SELECT customer, CAST(customer AS DATE) AS amount, ordered_on FROM orders")
    first = plan(CUSTOMER_ROWS, bad, BY_COUNTRY.operations[-1])
    house.plans(first, replans=[BY_COUNTRY])
    seen = await house.ask(options=ROWS)
    assert rows(seen) == [("Norway", "125.75"), ("Japan", "70.00")]
    assert len(customers.asked) == 1
    assert "Its rows are there already." in [one.cause for one in seen.all("step_skipped")]


async def test_a_join_that_duckdb_refuses_is_mended_without_asking_anybody_again(house: SpreadHouse):
    asked = [house.watched(name) for name in ("crm", "sales")]
    bad = joins("SELECT CAST(name AS INTEGER) AS n FROM customers")
    house.plans(plan(CUSTOMER_ROWS, ORDER_ROWS, bad), replans=[BY_COUNTRY])
    seen = await house.ask(options=ROWS)
    assert rows(seen) == [("Norway", "125.75"), ("Japan", "70.00")]
    assert [len(source.asked) for source in asked] == [1, 1]


async def test_a_plan_is_mended_three_times_at_most(house: SpreadHouse):
    bad = [plan(asks("customers", "crm", f"SELECT a{n} FROM customers"), ALL) for n in range(9)]
    house.plans(bad[0], replans=bad[1:])
    seen = await house.ask()
    assert seen.end.reason == ErrorReason.ERROR_REASON_QUERY_REFUSED
    assert len([step for step in seen.steps if step.startswith("mend_plan")]) == 3
    assert len([one for one in seen.end.tried if "customers: " in one]) >= 3


@pytest.mark.parametrize(
    ("match", "found"),
    [
        ({"customer": {"$in": {"$value": "ids"}}}, []),
        (
            {"customer": 1},
            ['clicks: the values ids are nowhere in the query: put {"$value": "ids"} where they belong.'],
        ),
    ],
)
async def test_values_that_a_document_never_takes_are_told(match: dict, found: list[str]):
    """A query that leaves them out would be answered for everybody."""
    params = {"collection": "clicks", "pipeline": [{"$match": match}], "values": {"ids": "customers.id"}}
    clicks = Operation(id="clicks", source="web", kind="mongodb", params=params)
    assert problems([CUSTOMER_ROWS, clicks, ALL], {"crm": "sql", "web": "mongodb"}) == found

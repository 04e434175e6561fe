"""What people have a say in: looking at a plan before it runs, editing it, bringing one of their own."""

import json

import pytest
from google.protobuf.json_format import ParseDict

from core.errors import InvalidRequest, NotFound
from core.identity import Principal
from levada.v1 import event_pb2 as events
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.run_pb2 import ANALYSIS_NONE, FederatedParameters, RunOptions
from tests.pipelines.federated.house import SpreadHouse, rows
from tests.pipelines.federated.world import BY_COUNTRY, CUSTOMER_ROWS, ORDER_ROWS, TICKET_ROWS, joins, plan

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROWS = RunOptions(analyze=ANALYSIS_NONE)
REVENUE = [("Norway", "125.75"), ("Japan", "70.00")]


def planned(operations: list) -> list[events.PlannedOperation]:
    """Return *operations* as someone writes them by hand in JSON."""
    return [ParseDict(one.model_dump(exclude_defaults=True), events.PlannedOperation()) for one in operations]


async def test_a_dry_run_stops_once_the_plan_is_checked(house: SpreadHouse):
    asked = house.watched("crm")
    house.plans(BY_COUNTRY)
    seen = await house.ask(options=RunOptions(dry_run=True))
    assert seen.end.outcome == events.OUTCOME_PLANNED
    assert [one.id for one in seen.one("plan_validated").operations] == ["customers", "orders", "combine"]
    assert seen.one("plan_validated").operations[1].params_json.startswith('{"query":"SELECT customer')
    assert not asked.asked


async def test_the_operations_are_told_one_by_one_as_they_are_planned(house: SpreadHouse):
    house.plans(BY_COUNTRY)
    seen = await house.ask(options=RunOptions(dry_run=True))
    assert [one.operation.id for one in seen.all("plan_drafted")] == ["customers", "orders", "combine"]


async def test_an_estimate_comes_from_earlier_runs_and_is_absent_before(house: SpreadHouse):
    first = plan(TICKET_ROWS, joins("SELECT count(*) AS n FROM tickets"))
    house.plans(first, first)
    before, after = await house.ask(options=ROWS), await house.ask(options=ROWS)
    assert not before.one("plan_validated").HasField("estimated_duration")
    estimated = after.one("plan_validated").estimated_duration.ToMicroseconds()
    steps = {event.step: event.step_completed.duration.ToMicroseconds() for event in before.events}
    assert estimated > steps["execute_operations/tickets"] > 0


async def test_a_plan_that_a_caller_brings_is_run_as_it_is(house: SpreadHouse):
    house.plans()
    given = FederatedParameters(operations=planned(BY_COUNTRY.operations))
    seen = await house.ask(sources=[], federated=given, options=ROWS)
    assert rows(seen) == REVENUE
    assert [one.source for one in seen.one("sources_selected").sources] == ["crm", "sales"]


async def test_a_callers_plan_that_is_refused_is_not_made_into_another(house: SpreadHouse):
    planner = house.plans(replans=[BY_COUNTRY])
    bad = FederatedParameters(operations=planned([CUSTOMER_ROWS, joins("SELECT nothing FROM customers")]))
    seen = await house.ask(federated=bad)
    assert seen.end.reason == ErrorReason.ERROR_REASON_QUERY_REFUSED
    assert not planner.planned


async def test_a_plan_waits_until_a_person_lets_it_run(house: SpreadHouse):
    house.plans(BY_COUNTRY)
    run = await house.create(sources=["crm", "sales"], options=RunOptions(require_approval=True))
    asked = (await house.watch(run, "input_requested")).one("input_requested")
    assert [one["id"] for one in json.loads(asked.query)] == ["customers", "orders", "combine"]
    await house.respond(run, input_id=asked.input_id, decision=events.DECISION_APPROVE)
    assert rows(await house.watch(run)) == REVENUE


async def test_an_edited_plan_is_checked_like_any_other_and_then_run(house: SpreadHouse):
    house.plans(BY_COUNTRY)
    run = await house.create(sources=["crm", "sales"], options=RunOptions(require_approval=True))
    asked = (await house.watch(run, "input_requested")).one("input_requested")
    bad = json.dumps([one.model_dump() for one in (ORDER_ROWS, joins("DROP TABLE orders"))])
    await house.respond(run, input_id=asked.input_id, decision=events.DECISION_EDIT, text=bad)
    again = await house.asked(run, 2)
    assert "The edited plan was refused" in again.prompt
    good = json.dumps([one.model_dump() for one in (ORDER_ROWS, joins("SELECT count(*) AS n FROM orders"))])
    await house.respond(run, input_id=again.input_id, decision=events.DECISION_EDIT, text=good)
    assert rows(await house.watch(run)) == [(5,)]


async def test_a_rejected_plan_asks_nobody(house: SpreadHouse):
    asked = house.watched("crm")
    house.plans(BY_COUNTRY)
    run = await house.create(sources=["crm", "sales"], options=RunOptions(require_approval=True))
    question = (await house.watch(run, "input_requested")).one("input_requested")
    await house.respond(run, input_id=question.input_id, decision=events.DECISION_REJECT, text="too broad")
    seen = await house.watch(run)
    assert seen.end.outcome == events.OUTCOME_REJECTED
    assert not asked.asked


async def test_who_may_not_see_queries_sees_the_plan_without_them(house: SpreadHouse):
    house.plans(BY_COUNTRY)
    viewer = Principal("local", "viewer")
    run = await house.create("Revenue by country?", viewer, sources=["crm", "sales"], options=ROWS)
    seen = await house.watch(run, caller=viewer)
    assert rows(seen) == REVENUE
    assert not any(one.operation.params_json for one in seen.all("plan_drafted"))
    assert "SELECT" not in str(seen.events)


async def test_an_unknown_source_is_named_at_once(house: SpreadHouse):
    with pytest.raises(NotFound, match="nowhere"):
        await house.create(sources=["crm", "nowhere"])
    with pytest.raises(NotFound, match="nowhere"):
        lost = events.PlannedOperation(id="a", source="nowhere", kind="sql")
        await house.create(federated=FederatedParameters(operations=[lost]))
    with pytest.raises(InvalidRequest, match="1,000"):
        many = [events.PlannedOperation(id=f"a{n}", source="crm", kind="sql") for n in range(1_000)]
        await house.create(federated=FederatedParameters(operations=many))


SORTED = {"collection": "c", "pipeline": [{"$sort": {"b": 1, "a": -1}}]}


@pytest.mark.parametrize(
    ("asks", "words"),
    [
        ({"params": SORTED}, "keep no order"),
        ({"params": {"filter": [{"id": 2**53 + 1}]}}, "so many digits"),
        ({"params_json": "{'query': 1}"}, "no JSON"),
        ({"params_json": "[" * 100_000}, "no JSON"),
        ({"params_json": '["SELECT 1"]'}, "no JSON object"),
        ({"params_json": '{"query": "\\ud800"}'}, "no JSON"),
    ],
)
async def test_a_plan_whose_queries_did_not_come_as_they_were_meant_is_refused(house: SpreadHouse, asks: dict, words):
    lost = ParseDict({"id": "a", "source": "crm", "kind": "sql"} | asks, events.PlannedOperation())
    with pytest.raises(InvalidRequest, match=words):
        await house.create(federated=FederatedParameters(operations=[lost]))


async def test_a_question_that_no_plan_is_found_for_says_what_works(house: SpreadHouse):
    house.plans("There is nothing about weather.")
    seen = await house.ask("Weather?")
    assert seen.end.reason == ErrorReason.ERROR_REASON_QUESTION_NOT_UNDERSTOOD
    assert "There is nothing about weather." in seen.end.message

"""One trace for one question, from the browser's header through gateway, server, run and steps to the database."""

import sqlite3

import pytest
from opentelemetry.trace import SpanKind

from core.catalog import Catalog
from core.engine import Engine
from core.pipelines import PIPELINES
from core.settings import Settings
from core.store import open_store
from tests.gateway.conftest import gateway
from tests.servers import served, until
from tests.spans import recorded

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
BROWSER = "00f067aa0ba902b7"
QUESTION = "How many customers are called Wilhelmina?"
SQL = "SELECT name, card FROM customers WHERE name = 'Wilhelmina'"
SECRETS = ("Wilhelmina", "4000-1234-5678-9010", "hunter2")


@pytest.fixture
def settings(tmp_path) -> Settings:
    with sqlite3.connect(tmp_path / "crm.db") as database:
        database.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, card TEXT)")
        database.execute("INSERT INTO customers (name, card) VALUES ('Wilhelmina', '4000-1234-5678-9010')")
    database.close()
    return Settings(store=f"sqlite:///{tmp_path}/levada.db", source=f"sqlite:///{tmp_path}/crm.db", http="127.0.0.1:0")


@pytest.fixture
async def door(settings):
    store = open_store(settings.store)
    catalog = Catalog(settings, store)
    async with (
        Engine(settings, PIPELINES, catalog, store) as engine,
        catalog,
        served(engine, catalog, PIPELINES, settings) as server,
        gateway(settings.model_copy(update={"grpc": server.address})) as here,
    ):
        yield here


@pytest.fixture
async def spans(door):
    """Return the spans of one question, asked and watched to its end through the gateway."""
    with recorded() as found:
        run_id = await ask(door)
        async with door.events(run_id) as stream:
            assert (await stream.all())[-1].event == "completed"
        await until(lambda: found.named("run query"))
        yield found


async def ask(door) -> str:
    answer = await door.client.post(
        "/v1/runs",
        json={"question": QUESTION, "query": {"query": SQL}, "options": {"analyze": "ANALYSIS_NONE"}},
        headers={"traceparent": f"00-{TRACE}-{BROWSER}-01", "authorization": "Bearer hunter2"},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["run"]["runId"]


def parent_of(span) -> str:
    return format(span.parent.span_id, "016x")


def id_of(span) -> str:
    return format(span.context.span_id, "016x")


async def test_each_part_of_the_way_is_the_child_of_the_one_before(spans):
    request = spans.one("POST /v1/runs")
    call = spans.one("levada.v1.RunService/CreateRun")
    created = spans.one("create run")
    run = spans.one("run query")
    step = spans.one("execute_sql")
    query = spans.one("SELECT customers")
    assert parent_of(request) == BROWSER
    for child, parent in ((call, request), (created, call), (run, created), (step, run), (query, step)):
        assert parent_of(child) == id_of(parent), f"{child.name} is not the child of {parent.name}"
    assert {format(span.context.trace_id, "032x") for span in (request, call, created, run, step, query)} == {TRACE}


async def test_names_and_attributes_follow_the_conventions(spans):
    request, call = spans.one("POST /v1/runs"), spans.one("levada.v1.RunService/CreateRun")
    query = spans.one("SELECT customers")
    assert request.kind is call.kind is SpanKind.SERVER
    assert query.kind is SpanKind.CLIENT
    assert (request.attributes["http.request.method"], request.attributes["http.response.status_code"]) == ("POST", 201)
    assert call.attributes["rpc.system.name"] == "grpc"
    assert call.attributes["rpc.method"] == "levada.v1.RunService/CreateRun"
    assert call.attributes["rpc.response.status_code"] == "OK"
    assert query.attributes["db.system.name"] == "sqlite"
    assert query.attributes["db.operation.name"] == "SELECT"
    assert query.attributes["db.query.summary"] == "SELECT customers"
    assert query.attributes["db.response.returned_rows"] == 1


async def test_no_secret_and_no_row_is_in_any_span(spans):
    told = [span.to_json() for span in spans]
    assert told
    assert not [(secret, text) for text in told for secret in SECRETS if secret in text]


async def test_every_event_and_the_run_itself_carry_the_trace(door):
    run_id = await ask(door)
    run = (await door.client.get(f"/v1/runs/{run_id}")).json()
    assert run.get("run", run)["traceId"] == TRACE
    page = (await door.client.get(f"/v1/runs/{run_id}/events", headers={"accept": "application/json"})).json()
    assert {event["traceId"] for event in page["events"]} == {TRACE}

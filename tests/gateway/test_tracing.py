"""One trace from the browser through the gateway to the server, and figures for Prometheus."""

import re
from dataclasses import replace

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from core.pipeline import Pipeline
from tests.gateway.sockets import address, socket
from tests.grpc_server.conftest import QUERY
from tests.grpc_server.said import done, text
from tests.servers import until
from tests.spans import recorded

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture
def pipelines() -> list[Pipeline]:
    return [QUERY, replace(QUERY, name="agents")]


async def test_a_browsers_trace_goes_on_through_the_gateway_to_the_run(door, runs):
    with recorded() as spans:
        answer = await door.client.post("/v1/runs", json={"question": "secret?"}, headers={"traceparent": PARENT})
        run_id = answer.json()["run"]["runId"]
        span = spans.one("POST /v1/runs")
    assert format(span.context.trace_id, "032x") == TRACE
    assert format(span.parent.span_id, "016x") == "00f067aa0ba902b7"
    assert span.attributes["http.route"] == "/v1/runs"
    assert span.attributes["http.request.method"] == "POST"
    assert span.attributes["http.response.status_code"] == 201
    assert "secret" not in str(dict(span.attributes))
    assert runs.held[run_id].traceparent.split("-")[1] == TRACE


async def test_a_stream_is_one_span_however_many_events_it_has(door, runs):
    run_id = await door.ask()
    runs.say(run_id, *(text() for _ in range(50)), done())
    with recorded() as spans:
        await door.client.get(f"/v1/runs/{run_id}/events", headers={"traceparent": PARENT})
        ours = [span.name for span in spans if span.instrumentation_scope.name == "levada"]
    assert ours.count("GET /v1/runs/{run_id}/events") == 1
    assert len(ours) <= 3


async def test_a_problem_carries_the_trace_that_finds_it(door):
    with recorded() as spans:
        problem = (await door.client.get("/v1/runs/x", headers={"traceparent": PARENT})).json()
        assert problem["traceId"] == TRACE
        assert spans.one("GET /v1/runs/{run_id}").attributes["http.response.status_code"] == 404


async def test_metrics_can_be_scraped(door, runs):
    answer = await door.client.get("/metrics")
    assert answer.status_code == 200
    assert re.match(r"text/plain; version=", answer.headers["content-type"])


async def test_a_websocket_is_one_span_until_it_is_closed_and_what_is_asked_over_it_has_its_own(door, runs):
    with recorded() as spans:
        async with socket(door) as here:
            first = await here.ask("run", id="a", request={"question": "secret?"})
            await here.say("run", id="b", request={"question": "secret?"}, traceparent=PARENT)
            (*_, second) = await here.until("created", id="b")
            for created in (first, second):
                runs.say(created["run"]["runId"], *(text() for _ in range(50)), done())
            ended = {(await here.until("end"))[-1]["id"] for _ in range(2)}
            assert ended == {"a", "b"}
            assert (await here.ask("ping"))["type"] == "pong"
            assert spans.named("GET /v1/ws") == []
        await until(lambda: spans.named("GET /v1/ws"))
        connection, (one, other) = spans.one("GET /v1/ws"), spans.named("/v1/ws run")
        told = [span.name for span in spans if span.name.startswith("/v1/ws")]
    assert connection.attributes["http.response.status_code"] == 101
    assert told == ["/v1/ws run", "/v1/ws run"]
    assert len({connection.context.trace_id, one.context.trace_id, other.context.trace_id}) == 3
    assert [link.context for span in (one, other) for link in span.links] == [connection.context] * 2
    assert format(other.context.trace_id, "032x") == TRACE
    for created, span in ((first, one), (second, other)):
        assert runs.held[created["run"]["runId"]].traceparent.split("-")[1] == format(span.context.trace_id, "032x")
    assert "secret" not in str([dict(span.attributes) for span in spans])


async def test_what_is_asked_over_a_websocket_is_within_the_trace_of_the_handshake(door, runs):
    with recorded() as spans:
        async with socket(door, additional_headers={"traceparent": PARENT}) as here:
            created = await here.ask("run", id="a", request={"question": "?"})
            await here.say("cancel", id="b", runId="x" * 8)
            (*_, refused) = await here.until("error")
        await until(lambda: spans.named("GET /v1/ws"))
        connection, asked, cancelled = (spans.one(name) for name in ("GET /v1/ws", "/v1/ws run", "/v1/ws cancel"))
    assert asked.parent.span_id == cancelled.parent.span_id == connection.context.span_id
    assert runs.held[created["run"]["runId"]].traceparent.split("-")[1] == TRACE
    assert refused["problem"]["traceId"] == TRACE
    assert cancelled.attributes["http.response.status_code"] == 404


@pytest.mark.parametrize(
    "said", [{"traceparent": "none"}, {"tracestate": "a=1"}, {"traceparent": PARENT.replace(TRACE, "0" * 32)}]
)
async def test_what_names_no_trace_is_as_if_nothing_were_said(door, said):
    with recorded() as spans:
        for headers in ({"traceparent": PARENT}, said):
            async with socket(door, additional_headers=headers) as here:
                await here.say("cancel", id="a", runId="x" * 8, **said)
                await here.until("error")
        await until(lambda: len(spans.named("GET /v1/ws")) == 2)
        (joined, alone), (within, apart) = spans.named("GET /v1/ws"), spans.named("/v1/ws cancel")
    assert within.parent.span_id == joined.context.span_id
    assert (apart.parent, [link.context for link in apart.links]) == (None, [alone.context])


async def test_agents_asked_over_their_websocket_answer_within_the_trace_of_the_message(door, runs):
    async with socket(door, "/api/streaming/ws/me") as here:
        await here.next()
        assert (await here.ask("message", message="Hello", traceparent=PARENT))["type"] == "created"
    (held,) = runs.held.values()
    assert held.traceparent.split("-")[1] == TRACE


async def test_a_refused_websocket_is_a_span_with_the_answer_s_status(door):
    with recorded() as spans:
        with pytest.raises(InvalidStatus):
            async with connect(address(door), proxy=None):
                pass
        await until(lambda: spans.named("GET /v1/ws"))
        assert spans.one("GET /v1/ws").attributes["http.response.status_code"] == 401

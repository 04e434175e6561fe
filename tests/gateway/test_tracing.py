"""One trace from the browser through the gateway to the server, and figures for Prometheus."""

import re

from tests.grpc_server.said import done, text
from tests.spans import recorded

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


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

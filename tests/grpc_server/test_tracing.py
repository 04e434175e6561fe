"""Calls in traces: their parents, names and attributes by the conventions for RPC."""

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from levada.v1 import run_service_pb2 as pb
from tests.grpc_server.said import ask, refused
from tests.servers import until
from tests.spans import recorded

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture
def spans():
    with recorded() as found:
        yield found


async def test_a_call_goes_on_in_its_callers_trace_and_the_run_keeps_it(server, runs, spans):
    request = pb.CreateRunRequest(run=ask("Who is Ada Lovelace, born 1815?"))
    run_id = (await server.runs.CreateRun(request, metadata=[("traceparent", PARENT)])).run.run_id
    await until(lambda: spans.named("levada.v1.RunService/CreateRun"))
    span = spans.one("levada.v1.RunService/CreateRun")
    assert span.kind is SpanKind.SERVER
    assert format(span.context.trace_id, "032x") == TRACE
    assert format(span.parent.span_id, "016x") == "b7ad6b7169203331"
    assert dict(span.attributes) == {
        "rpc.system.name": "grpc",
        "rpc.method": "levada.v1.RunService/CreateRun",
        "rpc.response.status_code": "OK",
    }
    assert runs.held[run_id].traceparent == f"00-{TRACE}-{span.context.span_id:016x}-01"


async def test_a_call_without_a_trace_begins_one(server, runs, spans):
    run_id = (await server.runs.CreateRun(pb.CreateRunRequest(run=ask()))).run.run_id
    assert runs.held[run_id].traceparent.startswith("00-")


@pytest.mark.parametrize(
    ("failing", "code", "status"),
    [(None, "NOT_FOUND", StatusCode.UNSET), (RuntimeError("secret"), "INTERNAL", StatusCode.ERROR)],
)
async def test_the_callers_mistakes_are_not_the_servers_errors(server, runs, spans, failing, code, status):
    runs.failing = failing
    told = await refused(server.runs.GetRun(pb.GetRunRequest(run_id="none")))
    await until(lambda: spans.named("levada.v1.RunService/GetRun"))
    span = spans.one("levada.v1.RunService/GetRun")
    assert span.attributes["rpc.response.status_code"] == code
    assert span.status.status_code is status
    assert not span.events, "an exception's text may hold what nobody should read"
    if failing:
        assert told.metadata["trace_id"] == format(span.context.trace_id, "032x")


async def test_health_checks_leave_no_spans(server, spans):
    from tests.grpc_server.test_stopping import health

    assert await health(server) == "SERVING"
    assert not list(spans)

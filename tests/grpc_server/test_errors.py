"""Every error a caller can meet: its status, its reason, what it says."""

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from core import errors
from core.errors import Reason
from core.settings import Limits, Settings
from levada.v1 import catalog_service_pb2 as catalog
from levada.v1 import query_service_pb2 as queries
from levada.v1 import run_service_pb2 as pb
from levada.v1.run_pb2 import AgentsParameters, InputAnswer, RunOptions, RunRequest
from tests.grpc_server.said import ask, done, refused, text

INVALID = grpc.StatusCode.INVALID_ARGUMENT


async def create(server, **fields):
    return (await server.runs.CreateRun(pb.CreateRunRequest(run=ask(**fields)))).run.run_id


BAD_RUNS = {
    "no question": (RunRequest(), "run.question"),
    "an empty question": (ask(""), "run.question"),
    "a question of spaces": (ask(" \n\t "), "run.question"),
    "10,001 characters": (ask("x" * 10_001), "run.question"),
    "a control character": (ask("drop\x00 it"), "run.question"),
    "an escape sequence": (ask("\x1b[31mred"), "run.question"),
    "a C1 control character": (ask("a\x85b"), "run.question"),
    "a priority too high": (ask(priority=101), "run.priority"),
    "a priority too low": (ask(priority=-101), "run.priority"),
    "a long conversation id": (ask(conversation_id="c" * 129), "run.conversation_id"),
    "a long request id": (ask(request_id="r" * 129), "run.request_id"),
    "a source without a name": (ask(sources=["shop", ""]), "run.sources[1]"),
    "parameters of another pipeline": (ask(pipeline="query", agents=AgentsParameters()), "run.agents"),
    "too many rows": (ask(options=RunOptions(row_limit=1_000_001)), "run.options.row_limit"),
    "less than no rows": (ask(options=RunOptions(row_limit=-1)), "run.options.row_limit"),
    "no time": (ask(options=RunOptions(timeout=Duration())), "run.options.timeout"),
    "less than no time": (ask(options=RunOptions(timeout=Duration(seconds=-1))), "run.options.timeout"),
    "too broad": (ask(options=RunOptions(breadth=11)), "run.options.breadth"),
    "too deep": (ask(options=RunOptions(depth=21)), "run.options.depth"),
    "too many attempts": (ask(options=RunOptions(max_attempts=6)), "run.options.max_attempts"),
    "a role that is none": (ask(options=RunOptions(models={"boss": "offline"})), "run.options.models['boss']"),
    "an analysis that is none": (ask(options=RunOptions(analyze=77)), "run.options.analyze"),
    "a row encoding that is none": (ask(options=RunOptions(row_encoding=77)), "run.options.row_encoding"),
}


@pytest.mark.parametrize("what", BAD_RUNS)
async def test_a_bad_request_is_refused_by_field_by_both_ways_to_ask(server, runs, what):
    request, field = BAD_RUNS[what]
    for call in (
        server.runs.CreateRun(pb.CreateRunRequest(run=request)),
        server.queries.RunQuery(queries.RunQueryRequest(run=request)),
    ):
        told = await refused(call)
        assert (told.code, told.reason) == (INVALID, "INVALID_REQUEST")
        assert list(told.violations) == [field]
        assert told.message == told.localized == told.violations[field]
    assert not runs.held


async def test_all_faults_are_told_at_once(server):
    told = await refused(server.runs.CreateRun(pb.CreateRunRequest(run=ask("", priority=500, request_id="r" * 999))))
    assert set(told.violations) == {"run.question", "run.priority", "run.request_id"}


@pytest.mark.parametrize("question", ["x" * 10_000, "Wie viel Umsatz\n\tim März?", "¿Cuántos? 多少 🙂"])
async def test_questions_at_the_edge_are_taken(server, question):
    assert await create(server, question=question)


async def test_a_question_that_is_not_utf8_is_refused_by_its_field(server):
    raw = bytes([0x12, 4]) + b"\xff\xfe\x80a"  # RunRequest.question
    request = bytes([0x0A, len(raw)]) + raw
    for method in ("/levada.v1.RunService/CreateRun", "/levada.v1.QueryService/RunQuery"):
        kind = "unary_unary" if "Create" in method else "unary_stream"
        told = await refused(getattr(server.channel, kind)(method)(request))
        assert (told.code, told.reason) == (INVALID, "INVALID_REQUEST")
        assert "UTF-8" in told.violations["run.question"]


async def test_bytes_that_are_no_message_are_refused(server):
    for method in ("unary_unary", "CreateRun"), ("unary_stream", "WatchRun"):
        told = await refused(getattr(server.channel, method[0])(f"/levada.v1.RunService/{method[1]}")(b"\xff\xff\xff"))
        assert (told.code, told.reason) == (INVALID, "INVALID_REQUEST")
    stream = server.channel.stream_stream("/levada.v1.RunService/WatchRuns")(iter([b"\xff\xff\xff"]))
    assert (await refused(stream)).reason == "INVALID_REQUEST"


async def test_an_unknown_pipeline(server):
    told = await refused(server.runs.CreateRun(pb.CreateRunRequest(run=ask(pipeline="qerry"))))
    assert (told.code, told.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_PIPELINE")
    assert told.metadata == {"pipeline": "qerry"}


async def test_an_unknown_source(server):
    told = await refused(server.catalog.DescribeSource(catalog.DescribeSourceRequest(source="shpo")))
    assert (told.code, told.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_SOURCE")


async def test_an_unknown_run_and_somebody_elses_are_told_apart_by_nothing(server):
    theirs = await server.runs.CreateRun(pb.CreateRunRequest(run=ask()), metadata=[("authorization", "them")])
    ids = (theirs.run.run_id, theirs.run.run_id[:-1] + ("0" if theirs.run.run_id[-1] != "0" else "1"))
    calls = (
        lambda id_: server.runs.GetRun(pb.GetRunRequest(run_id=id_)),
        lambda id_: server.runs.WatchRun(pb.WatchRunRequest(run_id=id_)),
        lambda id_: server.runs.WatchRun(pb.WatchRunRequest(run_id=id_, after_sequence=99)),
        lambda id_: server.runs.CancelRun(pb.CancelRunRequest(run_id=id_)),
        lambda id_: server.runs.ListRunEvents(pb.ListRunEventsRequest(run_id=id_)),
        lambda id_: server.runs.RespondToRun(
            pb.RespondToRunRequest(run_id=id_, answer=InputAnswer(input_id="i", text="t"))
        ),
    )
    for call in calls:
        existing, missing = [await refused(call(id_)) for id_ in ids]
        assert existing.reason == "RUN_NOT_FOUND"
        assert existing.message.replace(ids[0], ids[1]) == missing.message
        assert existing.code == missing.code == grpc.StatusCode.NOT_FOUND
    assert not (await server.runs.ListRuns(pb.ListRunsRequest())).runs


async def test_cursors(server, runs):
    run_id = await create(server)
    runs.say(run_id, *(text() for _ in range(9)), done())
    runs.forget(run_id, before=5)
    for request, code, reason in (
        ({"after_sequence": -1}, INVALID, "INVALID_REQUEST"),
        ({"after_sequence": 12}, INVALID, "CURSOR_AHEAD"),
        ({"after_sequence": 3}, grpc.StatusCode.OUT_OF_RANGE, "CURSOR_EXPIRED"),
    ):
        for call in (
            server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id, **request)),
            server.runs.ListRunEvents(pb.ListRunEventsRequest(run_id=run_id, **request)),
        ):
            told = await refused(call)
            assert (told.code, told.reason) == (code, reason)
    assert told.metadata == {"oldest_sequence": "5"}


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (InputAnswer(text="x"), "answer.input_id"),
        (InputAnswer(input_id="i", text="x\x07"), "answer.text"),
        (InputAnswer(input_id="i", decision="DECISION_EDIT"), "answer.text"),
        (InputAnswer(input_id="i", decision=9), "answer.decision"),
    ],
)
async def test_a_bad_answer(server, answer, field):
    told = await refused(server.runs.RespondToRun(pb.RespondToRunRequest(run_id="any", answer=answer)))
    assert (told.reason, list(told.violations)) == ("INVALID_REQUEST", [field])


async def test_bad_pages_and_causes(server):
    for call, field in (
        (server.runs.ListRuns(pb.ListRunsRequest(page_size=-1)), "page_size"),
        (server.runs.ListRuns(pb.ListRunsRequest(states=[55])), "states"),
        (server.runs.ListRunEvents(pb.ListRunEventsRequest(run_id="any", page_size=-1)), "page_size"),
        (server.runs.CancelRun(pb.CancelRunRequest(run_id="any", cause="c" * 1_001)), "cause"),
    ):
        assert list((await refused(call)).violations) == [field]


RAISED = (
    errors.RequestIdReused(),
    errors.Conflict(),
    errors.Conflict(reason=Reason.ERROR_REASON_INPUT_NOT_EXPECTED),
    errors.NotAllowed(),
    errors.Limited(retry_after=7),
    errors.Limited(reason=Reason.ERROR_REASON_QUEUE_FULL, details={"limit": "1000"}),
    errors.NotFound(reason=Reason.ERROR_REASON_UNKNOWN_SOURCE, details={"source": "shpo"}),
    errors.NotFound(reason=Reason.ERROR_REASON_UNKNOWN_MODEL),
    errors.SourceUnavailable(),
    errors.ModelError(reason=Reason.ERROR_REASON_MODEL_REQUIRED),
    errors.StoreError(),
    errors.StoreError(reason=Reason.ERROR_REASON_STORE_FULL),
    errors.ServerStopping(),
)


@pytest.mark.parametrize("error", RAISED, ids=lambda error: Reason.Name(error.reason))
async def test_what_the_engine_raises_reaches_the_caller_whole(server, runs, error):
    runs.failing = error
    told = await refused(server.runs.CreateRun(pb.CreateRunRequest(run=ask())))
    assert told.code == error.code
    assert f"ERROR_REASON_{told.reason}" == Reason.Name(error.reason)
    assert told.message == told.localized == error.message
    assert told.metadata == error.details
    assert (told.retry_seconds is not None) == error.retryable
    assert told.retry_seconds in (None, 1.0, error.retry_after)


async def test_what_nobody_foresaw_is_internal_logged_and_shows_nothing_of_itself(server, runs, caplog):
    runs.failing = RuntimeError("password=hunter2")
    for call in (
        server.runs.GetRun(pb.GetRunRequest(run_id="any")),
        server.runs.WatchRun(pb.WatchRunRequest(run_id="any")),
    ):
        told = await refused(call)
        assert (told.code, told.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
        assert "hunter2" not in str(told)
    assert "hunter2" in caplog.text


async def test_the_longest_errors_fit_into_what_clients_take_of_headers(server, runs):
    runs.failing = errors.NotFound("月" * 5_000, details={"words": "月" * 5_000, "more": "x" * 5_000})
    told = await refused(server.runs.GetRun(pb.GetRunRequest(run_id="any")))
    assert told.message.startswith("月月月")


@pytest.mark.parametrize("settings", [Settings(limits=Limits(streams=2))])
async def test_more_streams_than_there_may_be(server):
    run_id = await create(server)
    request = pb.WatchRunRequest(run_id=run_id)
    streams = [server.runs.WatchRun(request) for _ in range(2)]
    for stream in streams:
        await stream.read()
    told = await refused(server.runs.WatchRun(request))
    assert (told.code, told.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS")
    assert told.metadata == {"limit": "2", "name": "streams"}
    streams[0].cancel()
    assert (await server.runs.GetRun(pb.GetRunRequest(run_id=run_id))).run.run_id == run_id

"""The door with the real engine and store behind it."""

import asyncio

import grpc
import pytest

from levada.v1 import query_service_pb2 as queries
from levada.v1 import run_service_pb2 as pb
from levada.v1.run_pb2 import RunOptions, RunState
from tests import toys
from tests.grpc_server.said import ask, refused
from tests.servers import served, until


@pytest.fixture
async def server(tmp_path):
    async with toys.engine(tmp_path) as engine, served(engine, toys.services(), toys.TOYS) as here:
        here.engine = engine
        yield here


async def watched(server, run_id, after=0):
    stream = server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id, after_sequence=after))
    return [event async for answer in stream for event in answer.events]


def payloads(events):
    return [event.WhichOneof("payload") for event in events]


async def test_a_question_is_answered_in_numbered_events_with_one_end(server):
    stream = server.queries.RunQuery(queries.RunQueryRequest(run=ask("30", pipeline="counting")))
    events = [event async for answer in stream for event in answer.events]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert payloads(events)[0] == "queued"
    assert payloads(events)[-1] == "completed"
    assert "".join(event.text_delta.text for event in events).split() == [str(number) for number in range(30)]


async def test_a_late_reader_gets_what_a_live_one_got_from_each_number_on(server):
    stream = server.queries.RunQuery(queries.RunQueryRequest(run=ask("60", pipeline="counting")))
    live = [event async for answer in stream for event in answer.events]
    run_id = live[0].run_id
    for after in range(len(live) + 1):
        assert await watched(server, run_id, after) == live[after:]


async def test_what_a_stream_left_off_is_taken_up_by_another_without_gap_or_repeat(server):
    stream = server.queries.RunQuery(queries.RunQueryRequest(run=ask("5000", pipeline="counting")))
    seen = list((await stream.read()).events)
    run_id = seen[0].run_id
    stream.cancel()
    while payloads(seen)[-1] != "completed":
        again = server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id, after_sequence=seen[-1].sequence))
        seen += (await again.read()).events
        again.cancel()
    assert [event.sequence for event in seen] == list(range(1, len(seen) + 1))
    assert "".join(event.text_delta.text for event in seen).split() == [str(number) for number in range(5000)]


async def test_a_reader_that_leaves_cancels_the_run_when_it_said_so(server):
    options = RunOptions(cancel_on_disconnect=True)
    stream = server.queries.RunQuery(queries.RunQueryRequest(run=ask(pipeline="dreaming", options=options)))
    events = list((await stream.read()).events)
    while "text_delta" not in payloads(events):
        events += (await stream.read()).events
    stream.cancel()
    rest = await watched(server, events[0].run_id, events[-1].sequence)
    assert (payloads(rest)[-1], rest[-1].cancelled.by) == ("cancelled", "server")


async def test_cancelling_is_answered_by_an_honest_end(server):
    run = (await server.runs.CreateRun(pb.CreateRunRequest(run=ask(pipeline="dreaming")))).run
    reading = asyncio.ensure_future(watched(server, run.run_id))
    await server.runs.CancelRun(pb.CancelRunRequest(run_id=run.run_id, cause="Enough"))
    assert (await reading)[-1].cancelled.cause == "Enough"
    again = await server.runs.CancelRun(pb.CancelRunRequest(run_id=run.run_id))
    assert again.run.state == RunState.RUN_STATE_CANCELLED


async def test_an_ended_run_can_not_be_cancelled(server):
    stream = server.queries.RunQuery(queries.RunQueryRequest(run=ask("1", pipeline="counting")))
    events = [event async for answer in stream for event in answer.events]
    told = await refused(server.runs.CancelRun(pb.CancelRunRequest(run_id=events[0].run_id)))
    assert (told.code, told.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "RUN_ENDED")


async def test_a_request_id_used_for_another_request_is_refused(server):
    await server.runs.CreateRun(pb.CreateRunRequest(run=ask("1", pipeline="counting", request_id="r")))
    told = await refused(server.runs.CreateRun(pb.CreateRunRequest(run=ask("2", pipeline="counting", request_id="r"))))
    assert told.reason == "REQUEST_ID_REUSED"


async def test_a_cursor_ahead_of_the_log(server):
    run = (await server.runs.CreateRun(pb.CreateRunRequest(run=ask(pipeline="dreaming")))).run
    told = await refused(server.runs.WatchRun(pb.WatchRunRequest(run_id=run.run_id, after_sequence=1_000)))
    assert (told.code, told.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "CURSOR_AHEAD")


async def test_somebody_elses_run_is_not_there(server):
    request = pb.CreateRunRequest(run=ask("1", pipeline="counting"))
    run = (await server.runs.CreateRun(request, metadata=[("authorization", "them")])).run
    theirs = await refused(server.runs.GetRun(pb.GetRunRequest(run_id=run.run_id)))
    missing = await refused(server.runs.GetRun(pb.GetRunRequest(run_id="0" * 36)))
    assert theirs == missing


async def test_runs_are_listed_by_state_and_conversation(server):
    for conversation in ("a", "b"):
        request = ask("1", pipeline="counting", conversation_id=conversation)
        async for _ in server.queries.RunQuery(queries.RunQueryRequest(run=request)):
            pass
    await server.runs.CreateRun(pb.CreateRunRequest(run=ask(pipeline="dreaming", conversation_id="a")))
    done = pb.ListRunsRequest(states=[RunState.RUN_STATE_COMPLETED])
    assert [run.request.conversation_id for run in (await server.runs.ListRuns(done)).runs] == ["b", "a"]
    talk = pb.ListRunsRequest(conversation_id="a")
    assert [run.request.pipeline for run in (await server.runs.ListRuns(talk)).runs] == ["dreaming", "counting"]


async def test_a_run_handed_back_by_a_stopping_server_goes_on_with_the_next(tmp_path):
    async with toys.engine(tmp_path) as engine, served(engine, toys.services(), toys.TOYS) as server:
        stream = server.queries.RunQuery(queries.RunQueryRequest(run=ask(pipeline="dreaming")))
        seen = list((await stream.read()).events)
        while "text_delta" not in payloads(seen):
            seen += (await stream.read()).events

        async def drain():
            told = await refused(_creating(server))
            assert told.reason == "SERVER_STOPPING"
            await draining

        draining = asyncio.ensure_future(engine.drain(0.2))
        await asyncio.sleep(0)
        await server.server.stop(drain)
        told = await refused(_rest(stream, seen))
        assert told.reason == "SERVER_STOPPING"
    async with toys.engine(tmp_path) as engine, served(engine, toys.services(), toys.TOYS) as server:
        run_id, last = seen[0].run_id, seen[-1].sequence
        again = server.runs.WatchRun(pb.WatchRunRequest(run_id=run_id, after_sequence=last))
        while "text_delta" not in payloads(seen[last:]):
            seen += (await again.read()).events
        assert [event.sequence for event in seen] == list(range(1, len(seen) + 1))
        assert seen[-1].attempt == 2
        await server.runs.CancelRun(pb.CancelRunRequest(run_id=run_id))
        await until(lambda: True)


async def _creating(server):
    await server.runs.CreateRun(pb.CreateRunRequest(run=ask("1", pipeline="counting")))


async def _rest(stream, seen):
    while (answer := await stream.read()) is not grpc.aio.EOF:
        seen += answer.events

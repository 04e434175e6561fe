"""Readers that take nothing: cut after a while with a status that says what to do; those that read are not."""

import asyncio

import grpc
import pytest

from core.settings import Limits, Settings
from levada.v1 import query_service_pb2 as queries
from levada.v1 import run_service_pb2 as pb
from levada.v1.run_service_pb2_grpc import RunServiceStub
from tests.grpc_server.said import ask, done, refused, text
from tests.servers import until

SECONDS = 0.4
# The window that this reader grants, and nothing runs ahead of it.
NARROW = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 16_384)]


@pytest.fixture(autouse=True)
def long_messages_get_no_more_time(monkeypatch):
    monkeypatch.setattr("grpc_server.watch.SLOWEST", 1e9)


@pytest.fixture
def settings() -> Settings:
    return Settings(heartbeat=0.1, limits=Limits(write_seconds=SECONDS))


@pytest.fixture
async def narrow(server):
    async with grpc.aio.insecure_channel(server.address, options=NARROW) as channel:
        yield RunServiceStub(channel)


async def create(server) -> str:
    return (await server.runs.CreateRun(pb.CreateRunRequest(run=ask()))).run.run_id


def admitted(server) -> int:
    return server.server._streams._admitted


async def numbers(stream) -> list[int]:
    found = []
    while (answer := await stream.read()) is not grpc.aio.EOF:
        found += [event.sequence for event in answer.events]
    return found


async def _rest(stream):
    while await stream.read() is not grpc.aio.EOF:
        pass


async def test_a_reader_that_takes_nothing_is_cut_and_told_to_read_on(server, runs, narrow):
    run_id = await create(server)
    runs.say(run_id, *(text("x" * 30_000) for _ in range(100)), done())
    stream, taken = narrow.WatchRun(pb.WatchRunRequest(run_id=run_id)), []

    async def read():
        await asyncio.sleep(SECONDS * 3)
        while (answer := await stream.read()) is not grpc.aio.EOF:
            taken.extend(event.sequence for event in answer.events)

    told = await refused(read())
    assert (told.code, told.reason) == (grpc.StatusCode.UNAVAILABLE, "READER_STALLED")
    assert "watch again from your last event" in told.message
    assert told.retry_seconds is not None
    assert taken == list(range(1, len(taken) + 1))
    assert len(taken) < 20
    again = narrow.WatchRun(pb.WatchRunRequest(run_id=run_id, after_sequence=taken[-1]))
    assert await numbers(again) == list(range(taken[-1] + 1, 103))


async def test_it_counts_as_a_stream_until_it_has_taken_that_or_left(server, runs, narrow):
    run_id = await create(server)
    runs.say(run_id, *(text("x" * 30_000) for _ in range(100)), done())
    stream = narrow.WatchRun(pb.WatchRunRequest(run_id=run_id))
    await stream.read()
    await asyncio.sleep(SECONDS * 3)
    assert admitted(server) == 1
    stream.cancel()
    await until(lambda: admitted(server) == 0)


async def test_a_reader_with_nothing_to_read_is_not_cut(server, runs, narrow):
    run_id = await create(server)
    stream = narrow.WatchRun(pb.WatchRunRequest(run_id=run_id))
    reading = asyncio.ensure_future(numbers(stream))
    await asyncio.sleep(SECONDS * 4)
    runs.say(run_id, done())
    assert await reading == [1, 2]


async def test_a_reader_that_is_slow_but_steady_is_not_cut(server, runs, narrow):
    run_id = await create(server)
    runs.say(run_id, *(text("x" * 30_000) for _ in range(20)), done())
    stream, found = narrow.WatchRun(pb.WatchRunRequest(run_id=run_id)), []
    while (answer := await stream.read()) is not grpc.aio.EOF:
        found += [event.sequence for event in answer.events]
        await asyncio.sleep(SECONDS / 4)
    assert found == list(range(1, 23))


async def test_a_run_whose_reader_is_cut_goes_on_even_if_it_would_not_without_one(server, runs):
    request = ask()
    request.options.cancel_on_disconnect = True
    async with grpc.aio.insecure_channel(server.address, options=NARROW) as channel:
        stream = type(server.queries)(channel).RunQuery(queries.RunQueryRequest(run=request))
        await stream.read()
        (run_id,) = runs.held
        runs.say(run_id, *(text("x" * 30_000) for _ in range(100)))
        await asyncio.sleep(SECONDS * 3)
        told = await refused(_rest(stream))
        assert told.reason == "READER_STALLED"
    assert not runs.held[run_id].ended


async def test_a_gateway_that_takes_nothing_is_cut_too(server, runs, narrow):
    run_id = await create(server)
    runs.say(run_id, *(text("x" * 30_000) for _ in range(100)), done())
    stream = narrow.WatchRuns()
    for watch_id in range(20):
        await stream.write(pb.WatchRunsRequest(add=pb.AddWatch(watch_id=watch_id, run_id=run_id, credits=1_000)))
    await stream.read()
    assert admitted(server) > 1
    await until(lambda: admitted(server) == 1)  # the stream itself, until it has taken its end
    assert (await refused(_rest(stream))).reason == "READER_STALLED"

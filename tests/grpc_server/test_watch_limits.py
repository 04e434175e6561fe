"""What watches may cost: those beyond a limit are refused, and refusals are no way to fill the server."""

import asyncio

import grpc
import pytest

from core import streams
from core.settings import Limits, Settings
from grpc_server.readers import MOST_WATCHES
from grpc_server.watches import HANDS
from levada.v1 import run_service_pb2 as pb
from levada.v1.run_service_pb2_grpc import RunServiceStub
from tests.grpc_server.said import done, text
from tests.grpc_server.watching import create, watching
from tests.servers import until


async def test_bytes_bound_a_watch_where_they_are_counted_and_an_event_begun_is_whole(server, runs):
    run_id = await create(server)
    runs.say(run_id, *(text("x" * 10_000) for _ in range(20)), done())
    size = len(runs.held[run_id].events[1])
    async with watching(server) as client:
        await client.add(1, run_id, after=1, credit_bytes=3 * size)
        await until(lambda: len(client.numbers[1]) == 3)
        await client.grant(1, 0, 1)  # the fourth begins within it
        await until(lambda: len(client.numbers[1]) == 4)
        await client.grant(1, 0, size - 1)  # paid back, and nothing over
        await client.grant(1, 0, 2 * size)
        await until(lambda: len(client.numbers[1]) == 6)
        await client.grant(1, 100)  # more events, no more bytes
        await asyncio.sleep(0.1)
        assert client.numbers[1] == list(range(2, 8))
        await client.grant(1, 0, 10**9)
        await until(lambda: 1 in client.ends)
    assert client.numbers[1] == list(range(2, 23))


@pytest.mark.parametrize("settings", [Settings(limits=Limits(streams=4))])
async def test_watches_count_as_streams(server):
    run_id = await create(server)
    async with watching(server) as client:
        for watch_id in range(4):
            await client.add(watch_id, run_id)
        await until(lambda: client.ends)
        assert [end.reason for end in client.ends.values()] == ["TOO_MANY_STREAMS"]
        await client.drop(0)
        await client.add(9, run_id)
        await until(lambda: client.numbers[9] == [1])


@pytest.mark.parametrize("settings", [Settings(limits=Limits(user_streams=1))])
async def test_watches_of_one_reader_are_one_stream_from_the_first_to_the_last_of_them(server, monkeypatch):
    monkeypatch.setattr(streams, "PATIENCE", 0.1)
    run_id = await create(server)
    async with watching(server) as client:
        for watch_id in range(MOST_WATCHES + 1):
            await client.add(watch_id, run_id, reader=7)
        await until(lambda: client.ends and sum(map(bool, client.numbers.values())) == MOST_WATCHES)
        assert [end.reason for end in client.ends.values()] == ["TOO_MANY_STREAMS"]
        client.ends.clear()
        for watch_id in range(200, 203):
            await client.add(watch_id, run_id, reader=8)
        await until(lambda: len(client.ends) == 3)
        assert {end.reason for end in client.ends.values()} == {"TOO_MANY_STREAMS"}
        for watch_id in range(MOST_WATCHES):
            await client.drop(watch_id)
        await until(lambda: not server.server._streams.held._here.callers)
        await client.add(300, run_id, reader=8)
        await until(lambda: client.numbers[300] == [1])


@pytest.mark.parametrize("settings", [Settings(limits=Limits(user_streams=1))])
async def test_a_watch_dropped_while_it_waits_for_a_place_leaves_room_to_wait(server, monkeypatch):
    monkeypatch.setattr(streams, "PATIENCE", 5.0)
    run_id = await create(server)
    async with watching(server) as client:
        await client.add(1, run_id)
        await until(lambda: client.numbers[1] == [1])
        for watch_id in range(2, 5):
            await client.add(watch_id, run_id)
            await client.drop(watch_id)
        await client.add(5, run_id)
        await client.drop(1)
        await until(lambda: client.numbers[5] == [1])
    assert not client.ends


@pytest.mark.parametrize("settings", [Settings(limits=Limits(streams=1))])
async def test_a_client_that_takes_no_refusals_is_not_heard_any_more(server):
    """It adds watches without end and reads nothing: neither they nor their refusals pile up."""
    # A window that does not grow with the machine's speed.
    async with grpc.aio.insecure_channel(server.address, options=[("grpc.http2.bdp_probe", 0)]) as channel:
        call = RunServiceStub(channel).WatchRuns()
        before, added = len(asyncio.all_tasks()), 0

        def bounded() -> bool:
            return added < 100_000 and len(asyncio.all_tasks()) - before < 3 * HANDS

        async def add() -> None:
            nonlocal added
            while bounded():
                ids = range(added, added + 1_000)
                adds = [pb.WatchRunsRequest(add=pb.AddWatch(watch_id=watch_id, run_id="none")) for watch_id in ids]
                adds[0].more.extend(adds[1:])
                await call.write(adds[0])
                added += 1_000

        adding, heard = asyncio.ensure_future(add()), -1
        while heard < added:
            heard = added
            await asyncio.sleep(1)
            assert bounded()
        while heard == added:  # until it takes refusals again
            assert await call.read() is not grpc.aio.EOF
        adding.cancel()
        call.cancel()
        await asyncio.wait([adding])

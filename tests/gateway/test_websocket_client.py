"""The Python client over a WebSocket: every event once and in order, whatever becomes of the connection."""

import asyncio

import pytest

import levada
import levada.websocket
from gateway.tokens import LEEWAY
from levada import wire
from levada.retry import Retry
from levada.v1.run_pb2 import InputAnswer
from tests.gateway.conftest import gateway, long_run
from tests.gateway.test_websocket_door import signed
from tests.grpc_server.said import done, text
from tests.servers import until

QUICK = Retry(attempts=5, first_wait=0.01)


@pytest.fixture
async def client(door):
    async with levada.websocket.connect(door.url, retry=QUICK) as here:
        yield here


def cut(door) -> int:
    """Cut every WebSocket; return how many there were."""
    found = [each for each in door.server.server_state.connections if hasattr(each, "handshake_complete")]
    for each in found:
        each.transport.abort()
    return len(found)


async def read(stream) -> list[int]:
    return [event.sequence async for event in stream]


async def test_a_question_is_answered(client, runs):
    stream = client.ask("How many orders?", conversation_id="c")
    reading = asyncio.ensure_future(stream.result())
    await until(lambda: stream.run_id)
    runs.say(stream.run_id, text(), done())
    assert (await reading).completed.summary == "Done."
    assert runs.held[stream.run_id].run.request.conversation_id == "c"


async def test_runs_share_one_connection(client, door, runs):
    asked = [await door.ask() for _ in range(3)]
    expected = [long_run(runs, run_id, 300) for run_id in asked]
    assert await asyncio.gather(*(read(client.watch(run_id)) for run_id in asked)) == expected
    assert cut(door) == 1


async def test_a_stream_goes_on_where_it_was_after_every_cut(client, door, runs):
    run_id = await door.ask()
    expected = long_run(runs, run_id, 2_000)
    told, cuts = [], 0
    async for event in client.watch(run_id):
        told.append(event.sequence)
        if event.sequence % 400 == 0:
            cuts += cut(door)
    assert told == expected
    assert cuts >= 2


async def test_what_was_asked_as_the_connection_broke_is_asked_once(client, door, runs, monkeypatch):
    said, lost = wire.Wire.say, []

    async def breaking(self, kind, name, **members):
        await said(self, kind, name, **members)
        if kind == "run" and not lost:
            lost.append(name)
            await until(lambda: runs.held)
            cut(door)

    monkeypatch.setattr(wire.Wire, "say", breaking)
    stream = client.ask("How many orders?")
    reading = asyncio.ensure_future(read(stream))
    await until(lambda: stream.run_id)
    runs.say(stream.run_id, done())
    assert await reading == [1, 2]
    assert lost
    assert len(runs.held) == 1


async def test_it_goes_on_with_the_gateway_that_comes_after(backend, settings, runs):
    first = settings.model_copy(update={"grpc": backend.address})
    async with gateway(first) as door:
        run_id = await door.ask()
        port = door.url.rpartition(":")[2]
        retry = Retry(attempts=None, first_wait=0.01, longest_wait=0.1)
        async with levada.websocket.connect(door.url, retry=retry) as client:
            stream = client.watch(run_id)
            reading = asyncio.ensure_future(read(stream))
            await until(lambda: stream.last_sequence == 1)
            door.server.should_exit = True
            await until(lambda: stream.reconnecting)
            async with gateway(first.model_copy(update={"http": f"127.0.0.1:{port}"})):
                runs.say(run_id, text(), done())
                assert await reading == [1, 2, 3]


async def test_five_attempts_in_a_row_are_made_and_then_it_is_said_that_the_stream_was_interrupted(
    backend, settings, runs
):
    told = []
    async with gateway(settings.model_copy(update={"grpc": backend.address})) as door:
        run_id = await door.ask()
        client = levada.websocket.connect(door.url, on_reconnect=told.append)
        async with client as here:
            stream = here.watch(run_id)
            reading = asyncio.ensure_future(read(stream))
            await until(lambda: stream.last_sequence == 1)
            door.server.should_exit = True
            with pytest.raises(levada.StreamInterrupted) as lost:
                await reading
    assert (lost.value.run_id, lost.value.last_sequence) == (run_id, 1)
    assert [each.attempt for each in told] == [1, 2, 3, 4, 5]


async def test_a_gateway_that_never_answered_is_not_waited_for():
    async with levada.websocket.connect("http://127.0.0.1:1") as client:
        with pytest.raises(levada.ServerUnreachable, match="make demo"):
            await read(client.ask("How many orders?"))


async def test_what_the_gateway_refuses_is_raised_as_over_grpc(client):
    with pytest.raises(levada.CallFailed) as refused:
        await read(client.watch("nothing"))
    assert refused.value.reason == "RUN_NOT_FOUND"
    with pytest.raises(levada.CallFailed) as refused:
        await read(client.ask(""))
    assert "question" in refused.value.violations
    with pytest.raises(levada.CallFailed) as refused:
        await client.cancel("nothing")
    assert refused.value.reason == "RUN_NOT_FOUND"


async def test_a_token_that_opens_nothing_is_told(door):
    async def stale() -> str:
        return signed(exp=-LEEWAY - 1)

    async with levada.websocket.connect(door.url, token=stale) as client:
        with pytest.raises(levada.CallFailed, match="expired") as refused:
            await read(client.watch("r"))
    assert refused.value.reason == "UNAUTHENTICATED"


async def test_runs_are_steered_while_they_are_watched(client, door, runs):
    run_id = await door.ask()
    runs.held[run_id].run.input.input_id = "i"
    assert (await client.pause(run_id)).run_id == run_id
    assert (await client.resume(run_id)).run_id == run_id
    await client.respond(run_id, InputAnswer(input_id="i", text="Yes"))
    assert runs.held[run_id].answers[0].text == "Yes"
    async for event in client.watch(run_id):
        if event.sequence == 1:
            await client.cancel(run_id, "Enough.")
    assert event.cancelled.cause == "Enough."


async def test_a_reader_that_is_slow_is_not_run_over_and_holds_up_nobody(client, door, runs, monkeypatch):
    monkeypatch.setattr(wire, "MOST_WAITING", 20)
    slow, quick = await door.ask(), await door.ask()
    stream = client.watch(slow)
    told = []
    async for event in stream:
        told.append(event.sequence)
        if event.sequence == 1:
            expected = long_run(runs, slow, 500)
            runs.say(quick, done())
            assert await read(client.watch(quick)) == [1, 2]
            await until(lambda: any(each.full for each in client._caller._wire._inboxes.values()))
    assert told == expected


async def test_events_that_are_kept_no_longer_are_told(client, door, runs):
    run_id = await door.ask()
    long_run(runs, run_id, 20)
    runs.forget(run_id, 15)
    with pytest.raises(levada.CursorExpired) as gap:
        await read(client.watch(run_id, 2))
    assert gap.value.oldest == 15
    gaps = []
    assert (await read(client.watch(run_id, 2, on_gap=gaps.append)))[0] == 15
    assert gaps == [range(3, 15)]


async def test_a_stream_that_is_left_is_watched_no_longer(client, door, runs):
    run_id = await door.ask()
    stream = aiter(client.watch(run_id))
    await anext(stream)
    assert door.readers == 1
    await stream.aclose()
    await until(lambda: door.readers == 0)


def test_what_is_no_address_is_said():
    with pytest.raises(ValueError, match="http://"):
        levada.websocket.Dial("127.0.0.1:8080", None, QUICK)

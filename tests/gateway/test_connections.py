"""Requests that are only begun: they get a time limit, and nobody waits for them when the gateway stops."""

import asyncio

import pytest

from tests.gateway.conftest import gateway
from tests.grpc_server.said import text
from tests.servers import until

HALF_HEADS = [b"", b"\r\n", b"GET /livez HT", b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: "]
WHOLE = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(autouse=True)
def short_limits(monkeypatch):
    monkeypatch.setattr("gateway.connection.HEAD_SECONDS", 0.3)
    monkeypatch.setattr("gateway.requests.BODY_SECONDS", 0.3)


async def connect(door):
    return await asyncio.open_connection(*door.url.removeprefix("http://").split(":"))


async def answer_to(door, said: bytes) -> bytes:
    """Say it and wait; return what came until the gateway closed the connection."""
    reader, writer = await connect(door)
    writer.write(said)
    async with asyncio.timeout(60):
        try:
            return await reader.read()
        finally:
            writer.close()


@pytest.mark.parametrize("half", HALF_HEADS, ids=repr)
async def test_half_a_head_does_not_hold_a_connection(door, half):
    assert await answer_to(door, half) == b""


@pytest.mark.parametrize("half", HALF_HEADS[1:], ids=repr)
async def test_half_a_head_after_a_whole_request_does_not_hold_it_either(door, half):
    door.server.config.timeout_keep_alive = 0.3
    answer = await answer_to(door, WHOLE + half)
    assert answer.count(b"HTTP/1.1 200") == 1


async def test_a_head_that_comes_byte_by_byte_is_not_waited_for_anew_with_each(door):
    reader, writer = await connect(door)
    head = iter(b"GET /livez HTTP/1.1\r\nX: " + 1_000 * b"x")
    while not (reader.at_eof() or reader.exception()):  # the latter where a byte more was under way
        writer.write(bytes([next(head)]))  # which ends long after the limit
        await asyncio.sleep(0.02)
    writer.close()


async def test_half_a_body_is_answered_with_what_is_wrong(door, runs):
    head = b'POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"question":'
    answer = await answer_to(door, head)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"application/problem+json" in answer
    assert b"Send it again" in answer
    assert runs.held == {}


async def test_a_stream_is_no_half_request_however_long_it_is_silent(door, runs):
    run_id = await door.ask()
    async with door.events(run_id) as stream:
        await stream.next(1)
        await asyncio.sleep(0.6)  # twice the limit
        runs.say(run_id, text())
        assert [message.number for message in await stream.next(1)] == [2]


async def test_a_reader_that_stands_still_does_not_hold_up_a_stop(backend, runs, settings, monkeypatch, caplog):
    monkeypatch.setattr("gateway.connection.LAST_SECONDS", 0.3)
    async with gateway(settings.model_copy(update={"grpc": backend.address})) as door:
        run_id = await door.ask()
        runs.say(run_id, *(text("x" * 60_000) for _ in range(500)))
        reader, writer = await asyncio.open_connection(*door.url.removeprefix("http://").split(":"), limit=1_000)
        writer.write(b"GET /v1/runs/%b/events HTTP/1.1\r\nHost: localhost\r\n\r\n" % run_id.encode())
        await reader.readline()
        await until(lambda: any(each._stalled for each in door.server.server_state.connections))
    assert "Exception" not in caplog.text
    writer.transport.abort()

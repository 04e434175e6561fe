"""What a WebSocket may cost: readers that take nothing, messages without end, gateways that stop under it."""

import asyncio
import contextlib
import json
import os
import socket as sockets
import struct
import time

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from core.settings import Limits, Settings
from gateway import connection
from gateway.__main__ import bound, server
from gateway.requests import MOST_BYTES
from gateway.watch import WINDOW_BYTES
from gateway.websocket.session import MOST_AT_ONCE
from tests.gateway.conftest import KEPT, Door
from tests.gateway.sockets import address, numbers, socket, token
from tests.grpc_server.said import done, text
from tests.limits import LIFTED
from tests.servers import until

SECONDS = 1.0
SIZE, COUNT = 20_000, 200
# Longer than acknowledgements are put off, after which the system takes some more.
SETTLED_SECONDS = 0.25


def waiting_for(write_seconds: float = 60, heartbeat: float = 15) -> Settings:
    limits = Limits(write_seconds=write_seconds, **LIFTED)
    return Settings(http="127.0.0.1:0", token_key="k" * 32, heartbeat=heartbeat, limits=limits)


@pytest.fixture
def settings() -> Settings:
    return waiting_for()


@pytest.fixture
async def door(backend, settings):
    """A gateway on a listener as `python -m gateway` makes it."""
    running = server(settings.model_copy(update={"grpc": backend.address}))
    listeners = bound(settings.http)
    connection.patient(listeners[0])
    serving = asyncio.ensure_future(running.serve(listeners))
    await until(lambda: running.started)
    url = f"http://127.0.0.1:{listeners[0].getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=KEPT) as client:
        yield Door(running, url, client)
    running.should_exit = True
    await serving


class Narrow:
    """A WebSocket with a small window, by hand: it takes only what it is told to."""

    def __init__(self, door: Door) -> None:
        host, port = door.url.removeprefix("http://").split(":")
        self.socket = sockets.socket()
        self.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
        self.socket.connect((host, int(port)))
        self.socket.setblocking(False)

    async def open(self, door: Door) -> "Narrow":
        path = address(door, token=await token(door)).partition(door.url.removeprefix("http://"))[2]
        await self.write(head(path))
        answer = await asyncio.get_running_loop().sock_recv(self.socket, 300)
        assert b" 101 " in answer
        return self

    async def write(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.socket, data)

    async def say(self, kind: str, **members: object) -> None:
        await self.write(frame(0x81, json.dumps({"type": kind, **members}).encode()))

    async def drain(self) -> bytes:
        """Take everything until the connection ends."""
        taken = bytearray()
        with contextlib.suppress(ConnectionError):
            while piece := await asyncio.get_running_loop().sock_recv(self.socket, 65_536):
                taken += piece
        return bytes(taken)

    async def cut(self) -> bool:
        """Take a little; return whether the connection has ended."""
        try:
            return await asyncio.get_running_loop().sock_recv(self.socket, 256) == b""
        except ConnectionError:
            return True


def head(path: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket"]
    lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==", "", ""]
    return "\r\n".join(lines).encode()


def frame(first: int, payload: bytes) -> bytes:
    """Return a frame as clients send it; masked with zeros, which changes nothing."""
    if len(payload) < 126:
        size = bytes([0x80 | len(payload)])
    elif len(payload) < 2**16:
        size = b"\xfe" + struct.pack("!H", len(payload))
    else:
        size = b"\xff" + struct.pack("!Q", len(payload))
    return bytes([first]) + size + bytes(4) + payload


@pytest.fixture
async def narrow(door):
    here = await Narrow(door).open(door)
    yield here
    here.socket.close()


async def loud(door: Door, runs) -> str:
    run_id = await door.ask()
    runs.say(run_id, *(text("x" * SIZE) for _ in range(COUNT)))
    return run_id


def waiting(door: Door) -> list[int]:
    return [watch.held for watch in door.server._gateway.hub._watches.values()]


async def stuck(door: Door):
    """Return the connection of who takes nothing, once the system's buffers have taken all that they can, too."""
    seen: list[tuple[object, int]] = []
    while True:
        stalled = [each for each in door.server.server_state.connections if getattr(each, "_stalled", None)]
        now = [(each._stalled, each.transport.get_write_buffer_size()) for each in stalled]
        if now and now == seen and max(waiting(door)) > WINDOW_BYTES / 2:
            return stalled[0]
        seen = now
        await asyncio.sleep(SETTLED_SECONDS)


async def test_who_takes_nothing_costs_a_window_while_others_go_on(door, runs, narrow):
    run_id = await loud(door, runs)
    for number in range(3):
        await narrow.say("watch", id=str(number), runId=run_id)
    await until(lambda: len(waiting(door)) == 3 and min(waiting(door)) > WINDOW_BYTES / 2)
    async with socket(door) as other:
        await other.say("watch", id="w", runId=run_id)
        runs.say(run_id, done())
        assert numbers(await other.until("end"), "w") == list(range(1, COUNT + 3))
    assert (await stuck(door)).transport.get_write_buffer_size() <= connection.HIGH_WATER + 2 * SIZE
    assert max(waiting(door)) <= WINDOW_BYTES + 2 * SIZE


@pytest.mark.parametrize("settings", [waiting_for(SECONDS)])
async def test_who_takes_nothing_for_too_long_is_cut(door, runs, narrow):
    began = time.monotonic()
    await narrow.say("watch", id="w", runId=await loud(door, runs))
    await until(lambda: door.readers == 1)
    await until(lambda: door.readers == 0)
    assert time.monotonic() - began >= SECONDS
    assert len(await narrow.drain()) < SIZE * COUNT / 4


@pytest.mark.parametrize("settings", [waiting_for(SECONDS), waiting_for(SECONDS, heartbeat=0.2)])
async def test_who_takes_a_little_now_and_then_is_not_cut(door, runs, narrow):
    await narrow.say("watch", id="w", runId=await loud(door, runs))
    await until(lambda: waiting(door) and waiting(door)[0] > WINDOW_BYTES / 2)
    end = time.monotonic() + 2 * SECONDS
    while time.monotonic() < end:
        assert not await narrow.cut()
        await asyncio.sleep(0.002)
    assert door.readers == 1


async def test_a_run_is_cancelled_by_who_takes_nothing(door, runs, narrow):
    run_id = await loud(door, runs)
    await narrow.say("watch", id="w", runId=run_id)
    await stuck(door)
    await narrow.say("cancel", id="c", runId=run_id)
    await until(lambda: runs.held[run_id].ended)


async def test_pings_of_who_takes_nothing_are_not_kept(door, runs, narrow):
    await narrow.say("watch", id="w", runId=await loud(door, runs))
    one = await stuck(door)
    before = one.transport.get_write_buffer_size()
    for _ in range(500):
        await narrow.write(frame(0x89, last := os.urandom(125)))
    await until(lambda: last in one._pong)
    assert len(one._pong) < 200
    assert one.transport.get_write_buffer_size() <= before


async def test_requests_of_who_takes_no_answers_are_read_no_more(door, runs, narrow):
    await narrow.say("watch", id="w", runId=await loud(door, runs))
    await stuck(door)
    message = frame(0x81, json.dumps({"type": "ping", "id": "x" * 90}).encode())

    def answering() -> int:
        return len([task for task in asyncio.all_tasks() if "Session._answer" in repr(task)])

    async def ask() -> None:
        for _ in range(100):
            await narrow.write(message * 1_000)

    asking = asyncio.ensure_future(ask())
    await until(lambda: answering() == MOST_AT_ONCE)
    assert await asyncio.wait([asking], timeout=SECONDS) == (set(), {asking})
    assert answering() == MOST_AT_ONCE
    asking.cancel()


@pytest.mark.parametrize("settings", [waiting_for(SECONDS, heartbeat=0.2)])
async def test_answers_to_pings_keep_an_idle_connection_open(door, monkeypatch):
    monkeypatch.setattr(connection, "HEAD_SECONDS", SECONDS)  # which is for the head that it began with
    async with socket(door) as here:
        await asyncio.sleep(2 * SECONDS)  # longer than a client may stay silent
        assert (await here.ask("ping"))["type"] == "pong"


@pytest.mark.parametrize("settings", [waiting_for(SECONDS, heartbeat=0.2)])
async def test_a_client_that_answers_no_ping_is_gone(door, runs, narrow):
    await narrow.say("watch", id="w", runId=await door.ask())
    await until(lambda: door.readers == 1)
    assert (await narrow.drain()).endswith(b"keepalive ping timeout")
    await until(lambda: door.readers == 0)


async def closed(here) -> int:
    with pytest.raises(ConnectionClosed) as over:
        while True:
            await here.next()
    assert over.value.rcvd is not None
    return over.value.rcvd.code


async def test_a_message_that_is_too_large_closes_the_connection(door):
    async with socket(door) as here:
        await here.connection.send('{"type":"ping","id":"' + "x" * (MOST_BYTES - 100))
        assert (await here.next())["type"] == "error"
        with contextlib.suppress(ConnectionClosed):
            await here.connection.send("x" * (MOST_BYTES + 1))
        assert await closed(here) == 1009


async def test_a_message_in_too_many_pieces_closes_the_connection(door, narrow):
    await narrow.write(frame(0x01, b"") + frame(0x00, b"") * 1_000)
    assert struct.pack("!H", 1009) in await narrow.drain()


async def test_text_that_is_no_utf_8_closes_the_connection(door, narrow):
    await narrow.write(frame(0x81, b"\xff\xfe"))
    assert struct.pack("!H", 1007) in await narrow.drain()


async def test_a_head_that_is_too_long_for_a_websocket_is_refused_at_once(door):
    narrow = Narrow(door)
    path = address(door, token="t" * 9_000).partition(door.url.removeprefix("http://"))[2]
    await narrow.write(
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n".encode()
    )
    await narrow.write(b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")
    async with asyncio.timeout(60):
        assert (await narrow.drain()).startswith(b"HTTP/1.1 4")
    narrow.socket.close()


async def test_a_gateway_that_stops_says_that_it_comes_back(door, runs):
    run_id = await door.ask()
    async with socket(door) as here:
        assert (await here.ask("watch", id="w", runId=run_id))["event"] == "queued"
        door.server.should_exit = True
        assert await closed(here) == 1012


async def test_a_gateway_does_not_wait_for_who_takes_nothing(door, runs, narrow, monkeypatch):
    monkeypatch.setattr("gateway.websocket.protocol.LAST_SECONDS", 0.1)
    await narrow.say("watch", id="w", runId=await loud(door, runs))
    await stuck(door)
    door.server.should_exit = True
    await until(lambda: not door.server.server_state.connections)


async def test_nothing_is_watched_for_a_client_that_asks_and_leaves_at_once(door, runs):
    run_id = await door.ask()
    async with connect(address(door, token=await token(door)), proxy=None) as client:
        for number in range(5):
            client.protocol.send_text(f'{{"type": "watch", "id": "{number}", "runId": "{run_id}"}}'.encode())
        client.protocol.send_text(b'{"type": "run", "id": "r", "request": {"question": "How many?"}}')
        client.protocol.send_close(1000)
        client.transport.write(b"".join(client.protocol.data_to_send()))  # all in one piece
        await client.wait_closed()
    await until(lambda: len(runs.held) == 2)  # what was asked for is done
    assert (await door.client.get(f"/v1/runs/{run_id}")).status_code == 200
    await until(lambda: door.readers == 0)

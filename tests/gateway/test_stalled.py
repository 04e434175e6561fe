"""Readers that take nothing for too long are cut and can resume; those who are slow are not."""

import asyncio
import re
import socket
import time

import pytest

from core.settings import Limits, Settings
from gateway import connection
from gateway.__main__ import bound, server
from levada.v1 import run_service_pb2 as pb
from tests.gateway.conftest import Door, gateway
from tests.grpc_server.said import ask, done, text
from tests.servers import until

SECONDS = 1.0
SIZE, COUNT = 20_000, 100
NUMBER = re.compile(rb"^id: (\d+)$", re.MULTILINE)


@pytest.fixture
def settings() -> Settings:
    return Settings(http="127.0.0.1:0", heartbeat=0.2, limits=Limits(write_seconds=SECONDS))


@pytest.fixture
async def door(backend, settings):
    """A gateway on a listener as `python -m gateway` makes it."""
    running = server(settings.model_copy(update={"grpc": backend.address}))
    running.config.timeout_keep_alive = 0.2  # readers read until they are left
    sockets = bound(settings.http)
    connection.patient(sockets[0])
    serving = asyncio.ensure_future(running.serve(sockets))
    await until(lambda: running.started)
    yield Door(running, f"http://127.0.0.1:{sockets[0].getsockname()[1]}", None)
    running.should_exit = True
    await serving


@pytest.fixture
def connect(door):
    """Return what connects a Narrow reader."""
    made = []

    def reader(run_id: str, after: int = 0) -> Narrow:
        made.append(Narrow(door, run_id, after))
        return made[-1]

    yield reader
    for one in made:
        one.socket.close()


class Narrow:
    """A reader with a small window, who takes only what he is told to."""

    def __init__(self, door: Door, run_id: str, after: int = 0) -> None:
        host, port = door.url.removeprefix("http://").split(":")
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        self.socket.connect((host, int(port)))
        self.socket.setblocking(False)
        head = f"GET /v1/runs/{run_id}/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: {after}\r\n\r\n"
        self.socket.send(head.encode())
        self.data = b""

    async def take(self, most: int = 65_536) -> bytes:
        data = await asyncio.get_running_loop().sock_recv(self.socket, most)
        self.data += data
        return data

    async def rest(self) -> None:
        try:
            while await self.take():
                pass
        except ConnectionError:
            pass

    @property
    def numbers(self) -> list[int]:
        """Return the numbers of the events that came whole."""
        return [int(number) for number in NUMBER.findall(self.data.rpartition(b"\n\n")[0])]


async def create(backend) -> str:
    return (await backend.runs.CreateRun(pb.CreateRunRequest(run=ask()))).run.run_id


async def long_run(runs, backend) -> str:
    run_id = await create(backend)
    runs.say(run_id, *(text("x" * SIZE) for _ in range(COUNT)), done())
    return run_id


async def test_a_reader_that_takes_nothing_is_cut_and_can_resume(door, runs, backend, connect):
    run_id = await long_run(runs, backend)
    began = time.monotonic()
    reader = connect(run_id)
    await until(lambda: door.readers == 1)
    await until(lambda: door.readers == 0)
    assert time.monotonic() - began >= SECONDS
    await reader.rest()
    assert reader.numbers == list(range(1, len(reader.numbers) + 1))
    again = connect(run_id, (reader.numbers or [0])[-1])
    await again.rest()
    assert reader.numbers + again.numbers == list(range(1, COUNT + 3))
    assert b"event: completed" in again.data


async def test_a_reader_that_is_slow_but_steady_is_not_cut(door, runs, backend, connect):
    run_id = await long_run(runs, backend)
    reader, began = connect(run_id), time.monotonic()
    while time.monotonic() - began < SECONDS * 2:
        await reader.take(1_024)  # so that what waits takes longer than the limit, and some of it goes meanwhile
        await asyncio.sleep(SECONDS / 20)
    assert door.readers == 1
    assert len(reader.data) < SIZE * COUNT / 2
    await reader.rest()
    assert reader.numbers == list(range(1, COUNT + 3))


async def test_a_reader_with_nothing_to_read_is_not_cut(door, runs, backend, connect):
    idle = await create(backend)
    reader = connect(idle)
    reading = asyncio.ensure_future(reader.rest())
    await asyncio.sleep(SECONDS * 2)
    assert door.readers == 1
    runs.say(idle, done())
    await reading
    assert reader.numbers == [1, 2]


async def test_a_reader_that_paused_for_less_than_the_limit_goes_on(door, runs, backend, connect):
    run_id = await long_run(runs, backend)
    reader = connect(run_id)
    for _ in range(6):  # longer than the limit together
        await asyncio.sleep(SECONDS * 0.3)
        for _ in range(20):
            await reader.take()
    await reader.rest()
    assert reader.numbers == list(range(1, COUNT + 3))


@pytest.mark.parametrize("settings", [Settings(http="127.0.0.1:0", limits=Limits(connections=20))])
async def test_beyond_its_connections_a_gateway_says_so_and_stays_well(backend, settings):
    async with gateway(settings.model_copy(update={"grpc": backend.address})) as door:
        host, port = door.url.removeprefix("http://").split(":")
        held = [await asyncio.open_connection(host, port) for _ in range(20)]
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"application/problem+json" in answer
        assert b"retry-after: 5" in answer.lower()
        assert b"TOO_MANY_STREAMS" in answer
        more = [await asyncio.open_connection(host, port) for _ in range(10)]
        closed = [asyncio.ensure_future(reader.read()) for reader, _ in more]
        await until(lambda: sum(each.done() for each in closed) >= 7)  # the rest is closed without a word
        for _, open_writer in [*held, *more, (reader, writer)]:
            open_writer.close()
        await until(lambda: len(door.server.server_state.connections) < 20)
        assert (await door.client.get("/livez")).status_code == 200

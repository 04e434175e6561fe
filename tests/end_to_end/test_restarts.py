"""Servers and gateways killed under their readers' hands, and started again: the readers go on by themselves."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

import levada
from levada.v1 import run_pb2
from levada.v1.event_pb2 import DECISION_APPROVE, Event
from tests.end_to_end.conftest import QUESTION
from tests.gateway.eventsource import Stream
from tests.servers import ServerProcess, environment, server_process

HASTY = levada.Retry(first_wait=0.05, longest_wait=0.5, seconds=60)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Server:
    """A server that can be killed and started again: the same store, source and port."""

    def __init__(self, folder: Path, up: AsyncExitStack) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self._folder = folder
        self._up = up
        self._running: ServerProcess | None = None

    async def start(self) -> None:
        self._running = await self._up.enter_async_context(
            server_process(self._folder, LEVADA_GRPC=self.address, LEVADA_LEASE="1")
        )

    async def end(self, how: signal.Signals) -> None:
        assert self._running is not None
        self._running.signal(how)
        await self._running.process.wait()

    async def again(self, how: signal.Signals) -> None:
        await self.end(how)
        await self.start()


@pytest.fixture
async def server(tmp_path: Path, shop_file: Path) -> AsyncIterator[Server]:
    (tmp_path / ".levada").mkdir()
    (tmp_path / ".levada" / "shop.db").symlink_to(shop_file)
    async with AsyncExitStack() as up:
        made = Server(tmp_path, up)
        await made.start()
        yield made


async def log(client: levada.Client, run_id: str) -> list[Event]:
    found: list[Event] = []
    ended = False
    while not ended:
        page, ended = await client.list_events(run_id, len(found), 1000)
        found += page
    return found


def approval() -> run_pb2.RunOptions:
    """A run that waits for a person in its midst, so that it is under way however fast the machine is."""
    return run_pb2.RunOptions(interactive=True, require_approval=True)


async def approve(client: levada.Client, event: Event) -> None:
    answer = run_pb2.InputAnswer(input_id=event.input_requested.input_id, decision=DECISION_APPROVE)
    await client.respond(event.run_id, answer)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
async def test_a_run_is_read_through_a_server_that_is_started_again(server: Server, how: signal.Signals) -> None:
    told: list[levada.Reconnect] = []
    async with levada.connect(server.address, retry=HASTY, on_reconnect=told.append) as client:
        stream = client.ask(QUESTION, options=approval())
        seen = []
        async for event in stream:
            seen.append(event)
            if event.HasField("input_requested"):
                await server.again(how)
                await approve(client, event)
        assert seen == await log(client, stream.run_id)
    assert seen[-1].HasField("completed")
    assert told


async def test_a_server_killed_at_work_goes_on_where_it_was(server: Server) -> None:
    async with levada.connect(server.address, retry=HASTY) as client:
        stream = client.ask(QUESTION)
        seen, view = [], levada.RunView()
        async for event in stream:
            seen.append(event)
            view.add(event)
            if event.HasField("query_proposed") and not any(e.HasField("resumed") for e in seen):
                await server.again(signal.SIGKILL)
        assert seen == await log(client, stream.run_id)
        runs, _ = await client.list()
    assert view.state == "completed"
    assert view.table is not None
    assert view.table.count == 12
    assert len(runs) == 1


async def test_a_server_that_stays_away_is_said_to_be_lost_and_what_came_is_kept(server: Server) -> None:
    async with levada.connect(server.address, retry=levada.Retry(seconds=1)) as client:
        stream = client.ask(QUESTION, options=approval())
        seen = []
        with pytest.raises(levada.StreamInterrupted) as lost:
            async for event in stream:
                seen.append(event)
                if event.HasField("input_requested"):
                    await server.end(signal.SIGKILL)
        assert lost.value.last_sequence == len(seen)
        await server.start()
        await client.cancel(stream.run_id)
        seen += [event async for event in stream]  # the same stream goes on where it was
        assert seen == await log(client, stream.run_id)
    assert seen[-1].HasField("cancelled")


@asynccontextmanager
async def gateway(folder: Path, grpc: str, http: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway"),
        cwd=folder,
        env=environment(folder, LEVADA_GRPC=grpc, LEVADA_HTTP=http),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def numbers(url: str, last_id: str) -> AsyncIterator[tuple[str, str]]:
    """Yield (id, event) of frames, coming back after every drop as an EventSource does, until there is no more."""
    while True:
        try:
            async with (
                httpx.AsyncClient(timeout=20) as client,
                client.stream("GET", url, headers={"Last-Event-ID": last_id} if last_id else {}) as answer,
            ):
                if answer.status_code == 204:
                    return
                assert answer.status_code == 200, await answer.aread()
                stream = Stream(answer)
                async for message in stream:
                    last_id = message.id
                    yield message.id, message.event
        except (httpx.TransportError, AssertionError) as error:
            if isinstance(error, AssertionError) and "cut within a message" not in str(error):
                raise
            await asyncio.sleep(0.05)


async def test_a_browser_reads_on_through_a_gateway_that_is_killed_and_started_again(
    server: Server, tmp_path: Path
) -> None:
    http = f"127.0.0.1:{free_port()}"
    async with AsyncExitStack() as up, levada.connect(server.address, retry=HASTY) as client:
        door = await up.enter_async_context(gateway(tmp_path, server.address, http))
        run = await client.create(QUESTION, options=approval())
        seen = []
        async for number, event in numbers(f"http://{http}/v1/runs/{run.run_id}/events", ""):
            seen.append((number, event))
            if event == "input_requested":
                door.kill()
                await door.wait()
                await up.enter_async_context(gateway(tmp_path, server.address, http))
                asked = (await client.get(run.run_id)).input.input_id
                await client.respond(run.run_id, run_pb2.InputAnswer(input_id=asked, decision=DECISION_APPROVE))
        stored = await log(client, run.run_id)
    assert seen == [(str(event.sequence), str(event.WhichOneof("payload"))) for event in stored]
    assert seen[-1][1] == "completed"

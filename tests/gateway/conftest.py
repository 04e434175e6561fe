"""A gateway as users run it, in front of a real gRPC server over runs whose events the tests say by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace

import httpx
import pytest
import uvicorn.server

from core.pipeline import Pipeline
from core.settings import Limits, Settings
from gateway.__main__ import Server, server
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunState
from tests.gateway.eventsource import Stream
from tests.grpc_server.conftest import NO_SERVICES, QUERY
from tests.grpc_server.memory import MemoryRuns
from tests.grpc_server.said import done
from tests.limits import LIFTED
from tests.servers import Served, served

# Uvicorn looks ten times a second whether it is to end and whether all have left: too seldom for what ends this often.
uvicorn.server.asyncio = SimpleNamespace(**vars(asyncio) | {"sleep": lambda seconds: asyncio.sleep(seconds / 20)})

# Shorter than the gateway keeps an idle connection, which else may close it as the next request is on its way.
KEPT = httpx.Limits(keepalive_expiry=1)

ENDS = {
    "completed": RunState.RUN_STATE_COMPLETED,
    "failed": RunState.RUN_STATE_FAILED,
    "cancelled": RunState.RUN_STATE_CANCELLED,
}


class Runs(MemoryRuns):
    """Runs in memory whose state follows their events, as a store's does."""

    def say(self, run_id: str, *payloads: events.Event) -> None:
        super().say(run_id, *payloads)
        end = payloads[-1].WhichOneof("payload") if payloads else ""
        self.held[run_id].run.state = ENDS.get(end, self.held[run_id].run.state)


@dataclass
class Door:
    """A running gateway."""

    server: Server
    url: str
    client: httpx.AsyncClient

    @property
    def readers(self) -> int:
        return len(self.server._gateway.hub)

    async def ask(self, question: str = "How many orders?", **fields) -> str:
        answer = await self.client.post("/v1/runs", json={"question": question, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()["run"]["runId"]

    @asynccontextmanager
    async def events(self, run_id: str, path: str = "/v1/runs/{}/events", **headers: str) -> AsyncIterator[Stream]:
        async with self.client.stream("GET", path.format(run_id), headers=headers) as answer:
            stream = Stream(answer)
            yield stream
            await stream.close()


@asynccontextmanager
async def gateway(settings: Settings) -> AsyncIterator[Door]:
    """Serve a gateway on a port of the system's choice."""
    running = server(settings)
    serving = asyncio.ensure_future(running.serve())
    while not running.started:
        assert not serving.done(), serving.result()
        await asyncio.sleep(0.002)
    host, port = running.servers[0].sockets[0].getsockname()[:2]
    url = f"http://{host}:{port}"
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=KEPT) as client:
        yield Door(running, url, client)
        running.should_exit = True
        await serving


@pytest.fixture
def runs() -> Runs:
    return Runs()


@pytest.fixture
def settings() -> Settings:
    return Settings(http="127.0.0.1:0", token_key="k" * 32, limits=Limits(streams=5_000, **LIFTED))


@pytest.fixture
def pipelines() -> list[Pipeline]:
    return [QUERY]


@pytest.fixture
async def backend(runs: Runs, settings: Settings, pipelines: list[Pipeline]) -> AsyncIterator[Served]:
    async with served(runs, NO_SERVICES, pipelines, settings) as here:
        yield here


@pytest.fixture
async def door(backend: Served, settings: Settings) -> AsyncIterator[Door]:
    async with gateway(settings.model_copy(update={"grpc": backend.address})) as here:
        yield here


def long_run(runs: Runs, run_id: str, words: int) -> list[int]:
    """Let a run say words and end; return the numbers of all its events."""
    texts = [events.Event(text_delta=events.TextDelta(text=f"word {number}")) for number in range(words)]
    runs.say(run_id, *texts, done())
    return list(range(1, words + 3))

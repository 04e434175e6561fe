"""Runs whose events a test says by hand, behind a real gRPC server and a real gateway: it decides what happens when."""

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from core.identity import LOCAL
from core.settings import Limits, Settings
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunState
from tests.browser.processes import Process, running
from tests.browser.recording import QUESTION, Said
from tests.gateway.conftest import Runs
from tests.grpc_server.conftest import NO_SERVICES, QUERY
from tests.grpc_server.said import ask
from tests.limits import LIFTED
from tests.servers import environment, served

STATES = {
    "started": RunState.RUN_STATE_RUNNING,
    "input_requested": RunState.RUN_STATE_WAITING,
    "input_received": RunState.RUN_STATE_RUNNING,
}


class Stage:
    """The runs, in a thread of their own; every method is for the test's."""

    def __init__(self, loop: asyncio.AbstractEventLoop, address: str, runs: Runs) -> None:
        self._loop = loop
        self._runs = runs
        self.address = address

    def _there(self, do: Callable[[], Awaitable[Any]]) -> Any:
        async def call() -> Any:
            return await do()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(timeout=120)

    def create(self, question: str = QUESTION) -> str:
        """Make a run; return its id."""

        async def make() -> str:
            return (await self._runs.create(LOCAL, ask(question)))[0].run_id

        return self._there(make)

    def say(self, run_id: str, *said: Said) -> None:
        """Say events, as JSON; that the run is queued was said when it was made."""
        parsed = [json_format.ParseDict(event, events.Event()) for event in said if "queued" not in event]

        async def speak() -> None:
            for event in parsed:
                self._follow(run_id, event)
                self._runs.say(run_id, event)

        self._there(speak)

    def _follow(self, run_id: str, event: events.Event) -> None:
        run = self._runs.held[run_id].run
        payload = event.WhichOneof("payload") or ""
        run.state = STATES.get(payload, run.state)
        if payload == "input_requested":
            run.input.CopyFrom(event.input_requested)
        else:
            run.ClearField("input")
        if payload == "completed":
            run.summary = event.completed.summary

    def answers(self, run_id: str) -> list[Any]:
        """Return what people answered a run."""

        async def look() -> list[Any]:
            return list(self._runs.held[run_id].answers)

        return self._there(look)

    def let_go(self, run_id: str) -> None:
        """Wait for nobody's answer any more, without a word of it."""

        async def do() -> None:
            self._runs.held[run_id].run.ClearField("input")

        self._there(do)


@contextmanager
def stage() -> Iterator[Stage]:
    ready: Future[tuple[Stage, asyncio.Event]] = Future()

    async def serve() -> None:
        runs, over = Runs(), asyncio.Event()
        settings = Settings(heartbeat=5, limits=Limits(streams=5_000, **LIFTED))
        async with served(runs, NO_SERVICES, [QUERY], settings) as server:
            loop = asyncio.get_running_loop()
            ready.set_result((Stage(loop, server.address, runs), over))
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    here, over = ready.result(timeout=120)
    try:
        yield here
    finally:
        here._loop.call_soon_threadsafe(over.set)
        thread.join(timeout=30)


@contextmanager
def gateway(folder: Path, grpc: str, http: str = "127.0.0.1:0", **variables: str) -> Iterator[Process]:
    """Run a gateway as a process of its own: a test may kill it, and start another one at the same address."""
    known = environment(folder, **{"LEVADA_GRPC": grpc, "LEVADA_HTTP": http, **variables})
    with running([sys.executable, "-m", "gateway"], folder, known) as process:
        yield process

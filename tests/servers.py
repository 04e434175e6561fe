"""Servers for tests: the gRPC server within the test's process over any Runs, and the whole one as a process."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from core.identity import Principal
from core.pipeline import Pipeline, Services
from core.runs import Runs
from core.settings import Settings
from core.sources.sample import ensure
from core.streams import OpenStreams
from grpc_server.interceptors.identity import Authenticate
from grpc_server.server import Server
from levada.v1.catalog_service_pb2_grpc import CatalogServiceStub
from levada.v1.query_service_pb2_grpc import QueryServiceStub
from levada.v1.run_service_pb2_grpc import RunServiceStub
from tests.limits import VARIABLES

ROOT = Path(__file__).parent.parent
SHOP = ROOT / "build" / "shop.db"
"""The sample shop, once some test asked for it."""


class Stubs:
    """A channel to *address* with a stub of each service."""

    def __init__(self, address: str) -> None:
        self.channel = grpc.aio.insecure_channel(address)
        self.queries = QueryServiceStub(self.channel)
        self.runs = RunServiceStub(self.channel)
        self.catalog = CatalogServiceStub(self.channel)


async def by_token(authorization: str) -> Principal:
    """Take "NAME" for the subject of that name, nothing for `local`."""
    return Principal("local", authorization or "local")


@dataclass
class Served(Stubs):
    """A server in this process, with a channel to it."""

    server: Server
    address: str

    def __post_init__(self) -> None:
        super().__init__(self.address)


async def nothing() -> None:
    """Drain nothing."""


@asynccontextmanager
async def served(
    runs: Runs,
    services: Services,
    pipelines: Sequence[Pipeline],
    settings: Settings | None = None,
    authenticate: Authenticate = by_token,
    address: str = "127.0.0.1:0",
    streams: OpenStreams | None = None,
) -> AsyncIterator[Served]:
    """Serve *runs* over gRPC, by default on a port of the system's choice."""
    server = Server(runs, services, pipelines, settings or Settings(), authenticate, streams)
    here = Served(server, server.bind(address))
    await server.start()
    try:
        yield here
    finally:
        await here.channel.close()
        await server.stop(nothing)


@dataclass
class ServerProcess:
    """`python -m grpc_server` as users run it."""

    process: asyncio.subprocess.Process
    address: str

    def signal(self, which: signal.Signals) -> None:
        self.process.send_signal(which)


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Return an environment in which Levada keeps its store in *folder* and the port is the system's choice."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LEVADA_", "OTEL_"))}
    own = {"LEVADA_STORE": f"sqlite:///{folder}/levada.db", "LEVADA_GRPC": "127.0.0.1:0", "PYTHONPATH": str(ROOT)}
    return {**kept, **VARIABLES, **own, **variables}


async def start_process(folder: Path, **variables: str) -> asyncio.subprocess.Process:
    if "LEVADA_SOURCE" not in variables and not (own := folder / ".levada" / "shop.db").exists():
        # So that it need not make one, which takes seconds.
        await asyncio.to_thread(ensure, SHOP)
        own.parent.mkdir(exist_ok=True)
        own.symlink_to(SHOP)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "grpc_server",
        cwd=folder,
        env=environment(folder, **variables),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def server_process(folder: Path, **variables: str) -> AsyncIterator[ServerProcess]:
    """Run the server as a process with the LEVADA_* *variables*, until it is ready; kill it in the end."""
    process = await start_process(folder, **variables)
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        async with asyncio.timeout(90):
            line = (await process.stdout.readline()).decode()
        assert "listening on " in line, (line, (await process.stderr.read()).decode())
        yield ServerProcess(process, line.rsplit("listening on ", 1)[1].strip())
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def until(true: Callable[[], object], seconds: float = 60) -> None:
    """Wait until *true* holds; fail after *seconds*."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for is in other hands
            await asyncio.sleep(0.002)

"""A gRPC server that can go away and come back on its port, with whatever the pipelines are called."""

from dataclasses import replace

from core.settings import Settings
from grpc_server.server import Server
from tests.gateway.conftest import Runs
from tests.grpc_server.conftest import NO_SERVICES, QUERY
from tests.servers import nothing

PIPELINES = ("query", "agents", "assessment", "research")


class Backend:
    def __init__(self, runs: Runs, settings: Settings) -> None:
        self._runs, self._settings = runs, settings
        self.address = "127.0.0.1:0"

    async def start(self) -> None:
        self._server = Server(
            self._runs, NO_SERVICES, [replace(QUERY, name=name) for name in PIPELINES], self._settings
        )
        self.address = self._server.bind(self.address)
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop(nothing)

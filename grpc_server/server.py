"""The gRPC server: Levada's services, health and reflection on one port, and how it stops."""

from collections.abc import Awaitable, Callable, Sequence

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import SERVICE_NAME as HEALTH
from grpc_health.v1.health import aio as health  # type: ignore[attr-defined]
from grpc_reflection.v1alpha import reflection

from core.errors import LevadaError
from core.knowledge import Knowledge
from core.pipeline import Pipeline, Services
from core.runs import Runs
from core.settings import Settings
from core.streams import OpenStreams
from grpc_server import frames
from grpc_server.catalog_service import CatalogService
from grpc_server.handlers import generic
from grpc_server.interceptors.errors import Errors
from grpc_server.interceptors.identity import Authenticate, Identity, everybody_is_local
from grpc_server.interceptors.limits import Streams
from grpc_server.interceptors.rates import Rates
from grpc_server.interceptors.tracing import Tracing
from grpc_server.knowledge_service import KnowledgeService
from grpc_server.query_service import QueryService
from grpc_server.run_service import RunService
from grpc_server.validation import Validation
from levada.v1 import catalog_service_pb2, knowledge_service_pb2, query_service_pb2, run_service_pb2

QUERIES = query_service_pb2.DESCRIPTOR.services_by_name["QueryService"]
RUNS = run_service_pb2.DESCRIPTOR.services_by_name["RunService"]
CATALOG = catalog_service_pb2.DESCRIPTOR.services_by_name["CatalogService"]
KNOWLEDGE = knowledge_service_pb2.DESCRIPTOR.services_by_name["KnowledgeService"]
SERVICES = (QUERIES, RUNS, CATALOG, KNOWLEDGE)

# Methods that answer with stored bytes.
QUERY_FRAMES = {"RunQuery": frames.events}
RUN_FRAMES = {
    "WatchRun": frames.events,
    "WatchRuns": frames.batches,
    "ListRunEvents": frames.page,
    "ExportRun": b"".join,
}

OPTIONS = (
    ("grpc.so_reuseport", 0),  # a second server on the port must fail, not share it
    ("grpc.http2.bdp_probe", 0),  # else the server runs megabytes ahead of a reader that stalls
    ("grpc.max_receive_message_length", 2**20),
    ("grpc.max_send_message_length", -1),
    ("grpc.keepalive_time_ms", 60_000),  # finds readers whose machine vanished
    ("grpc.http2.ping_timeout_ms", 20_000),  # gRPC 1.85 heeds this, and not its own keepalive_timeout_ms
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),  # clients may ping this often
    ("grpc.http2.max_ping_strikes", 0),
)

# How long readers get, once runs rest, to receive what is already stored; and calls to be answered.
LAST_WORDS = 0.5
GRACE = 1.0


class PortTaken(LevadaError):
    """The port can't be bound."""


class Server:
    """Levada's door for gRPC. It holds no state of runs: those are the engine's."""

    def __init__(
        self,
        runs: Runs,
        services: Services,
        pipelines: Sequence[Pipeline],
        settings: Settings,
        authenticate: Authenticate = everybody_is_local,
        streams: OpenStreams | None = None,
        knowledge: Knowledge | None = None,
    ) -> None:
        self._streams = Streams(settings.limits.streams, streams or OpenStreams(settings.limits))
        checks = Validation(settings.limits, [pipeline.name for pipeline in pipelines])
        queries = QueryService(runs, services, checks, self._streams, settings.heartbeat, settings.limits.write_seconds)
        steering = RunService(runs, checks, self._streams, authenticate, settings.heartbeat, settings.limits)
        self._catalog = CatalogService(services, pipelines, settings)
        documents = KnowledgeService(knowledge, checks, settings.limits) if knowledge is not None else object()
        self._health = health.HealthServicer()
        # Errors twice: within, so that a stream counts until its reader has taken what it ended with.
        around = (Tracing(), Errors(), Identity(authenticate), self._streams, Errors(), Rates())
        self._server = grpc.aio.server(interceptors=around, options=OPTIONS)
        self._server.add_generic_rpc_handlers(
            (
                generic(QUERIES, queries, QUERY_FRAMES),
                generic(RUNS, steering, RUN_FRAMES),
                generic(CATALOG, self._catalog, {}),
                generic(KNOWLEDGE, documents, {}),
            )
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = [service.full_name for service in SERVICES]
        reflection.enable_server_reflection([*names, HEALTH, reflection.SERVICE_NAME], self._server)

    def bind(self, address: str) -> str:
        """Take *address* without serving yet; return it, a port 0 replaced by the one chosen. Raises PortTaken."""
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise PortTaken(
                f"Can't listen on {address}: something else listens there (another Levada?), or the address is not "
                "this machine's. Stop it, or set LEVADA_GRPC to another address."
            ) from error
        return address if address.startswith("unix:") else f"{address.rsplit(':', 1)[0]}:{port}"

    async def start(self) -> None:
        """Serve."""
        await self._server.start()
        for service in SERVICES:
            await self._health.set(service.full_name, health_pb2.HealthCheckResponse.SERVING)

    async def stop(self, drain: Callable[[], Awaitable[object]]) -> None:
        """Say that this server stops, wait for *drain* while readers read on, then end every stream and call."""
        await self._health.enter_graceful_shutdown()
        await drain()
        await self._streams.end(LAST_WORDS)
        await self._server.stop(GRACE)
        await self._catalog.close()

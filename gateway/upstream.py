"""The gRPC server as this process sees it: one channel, calls with the caller's trace, errors as problems."""

from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any

import grpc
import orjson
from google.protobuf.message import Message
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from core import telemetry
from core.errors import LevadaError
from core.settings import Settings
from gateway import problems
from levada.v1.catalog_service_pb2_grpc import CatalogServiceStub
from levada.v1.knowledge_service_pb2_grpc import KnowledgeServiceStub
from levada.v1.query_service_pb2_grpc import QueryServiceStub
from levada.v1.run_service_pb2_grpc import RunServiceStub

SAFE_TO_REPEAT = {
    "levada.v1.RunService": ("GetRun", "ListRuns", "ListRunEvents", "CancelRun", "PauseRun", "ResumeRun"),
    "levada.v1.CatalogService": ("ListPipelines", "ListSources", "DescribeSource", "RefreshSource", "ListModels"),
    "levada.v1.QueryService": ("Classify",),
    "levada.v1.KnowledgeService": ("ListDocuments",),
}
# Calls go round the servers that there are; one that a server can't take, because it is gone or stops, is taken by
# another if it may be repeated. (What never left this process is repeated by gRPC itself.)
SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{"service": s, "method": method} for s, methods in SAFE_TO_REPEAT.items() for method in methods],
            "retryPolicy": {
                "maxAttempts": 3,
                "initialBackoff": "0.05s",
                "maxBackoff": "0.5s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
}
OPTIONS = [
    ("grpc.service_config", orjson.dumps(SERVICE_CONFIG).decode()),
    ("grpc.dns_min_time_between_resolutions_ms", 1_000),  # a server that moved is found again soon
    # A stalled reader's data must wait in the server's store, not in the transport.
    ("grpc.http2.bdp_probe", 0),
    # A machine that vanished or froze closes no connection: calls would be lost in it for a quarter of an hour.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 5_000),  # gRPC 1.85 heeds this, and not its own keepalive_timeout_ms
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5_000),  # how long connecting may take: a busy machine needs more than moments
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.max_receive_message_length", 64 * 2**20),
]
DEADLINE = 30.0
HEALTH_DEADLINE = 1.0


class NoServer(LevadaError):
    """The address of the gRPC server is none."""


def target(where: str) -> str:
    """Return gRPC's name for *where*: an address or a DNS name, or the addresses of several servers. Raises NoServer.

    Which server answers then makes no difference: they share one store.
    """
    places = [place.strip() for place in where.split(",")]
    if len(places) == 1:
        return where
    try:
        versions = {ip_address(place.rpartition(":")[0].strip("[]")).version for place in places}
    except ValueError:
        raise NoServer(
            f"LEVADA_GRPC is {where!r}: several servers are named by their IP addresses, like "
            "10.0.0.1:50051,10.0.0.2:50051, or by one DNS name that stands for all of them, like levada:50051."
        ) from None
    if len(versions) > 1:
        raise NoServer(f"LEVADA_GRPC is {where!r}: give the addresses of all servers either as IPv4 or as IPv6.")
    return f"ipv{versions.pop()}:{','.join(places)}"


class Upstream:
    """The servers behind this gateway: one, or several that share a store."""

    def __init__(self, settings: Settings) -> None:
        self.address = settings.grpc
        self.channel = grpc.aio.insecure_channel(target(settings.grpc), options=OPTIONS)
        self.runs = RunServiceStub(self.channel)
        self.queries = QueryServiceStub(self.channel)
        self.catalog = CatalogServiceStub(self.channel)
        self.knowledge = KnowledgeServiceStub(self.channel)
        self._health = HealthStub(self.channel)

    async def call(self, method: Any, request: Message | AsyncIterator[Message], seconds: float = DEADLINE) -> Any:
        """Call *method* of one of the stubs, with a message or a stream of them. Raises Problem."""
        return (await self.told(method, request, seconds))[0]

    async def told(
        self, method: Any, request: Message | AsyncIterator[Message], seconds: float = DEADLINE
    ) -> tuple[Any, dict[str, str]]:
        """Call *method*, and return with its answer the headers that say how the caller stands with rate limits."""
        parent = telemetry.traceparent()
        metadata = (("traceparent", parent),) if parent else ()
        try:
            call = method(request, timeout=seconds, metadata=metadata)
            return await call, problems.standing(await call.initial_metadata())
        except grpc.aio.AioRpcError as error:
            raise problems.of_rpc_error(error) from None

    async def serving(self) -> bool:
        """Tell whether the server says that it serves."""
        try:
            answer = await self._health.Check(HealthCheckRequest(), timeout=HEALTH_DEADLINE)
        except grpc.aio.AioRpcError:
            return False
        return answer.status == HealthCheckResponse.SERVING

    async def close(self) -> None:
        await self.channel.close(None)

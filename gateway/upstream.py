"""The gRPC server as this process sees it: one channel, calls with the caller's trace, errors as problems."""

from typing import Any

import grpc
from google.protobuf.message import Message
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from core import telemetry
from core.settings import Settings
from gateway import problems
from levada.v1.catalog_service_pb2_grpc import CatalogServiceStub
from levada.v1.query_service_pb2_grpc import QueryServiceStub
from levada.v1.run_service_pb2_grpc import RunServiceStub

OPTIONS = [
    # A stalled reader's data must wait in the server's store, not in the transport.
    ("grpc.http2.bdp_probe", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.max_receive_message_length", 64 * 2**20),
]
DEADLINE = 30.0
HEALTH_DEADLINE = 1.0


class Upstream:
    """The server behind this gateway."""

    def __init__(self, settings: Settings) -> None:
        self.address = settings.grpc
        self.channel = grpc.aio.insecure_channel(settings.grpc, options=OPTIONS)
        self.runs = RunServiceStub(self.channel)
        self.queries = QueryServiceStub(self.channel)
        self.catalog = CatalogServiceStub(self.channel)
        self._health = HealthStub(self.channel)

    async def call(self, method: Any, request: Message) -> Any:
        """Call *method* of one of the stubs. Raises Problem."""
        return (await self.told(method, request))[0]

    async def told(self, method: Any, request: Message) -> tuple[Any, dict[str, str]]:
        """Call *method*, and return with its answer the headers that say how the caller stands with rate limits."""
        parent = telemetry.traceparent()
        metadata = (("traceparent", parent),) if parent else ()
        try:
            call = method(request, timeout=DEADLINE, metadata=metadata)
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

"""Where the client calls: one server or several, of which one is used until it fails."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc

from levada.v1.catalog_service_pb2_grpc import CatalogServiceStub
from levada.v1.knowledge_service_pb2_grpc import KnowledgeServiceStub
from levada.v1.query_service_pb2_grpc import QueryServiceStub
from levada.v1.run_service_pb2_grpc import RunServiceStub

DEFAULT_ADDRESS = "127.0.0.1:50051"
# How often each server is tried before it is said that none is there; one that is starting may be there by then.
ROUNDS = 3
OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_http_proxy", 0),
    # Each channel has connections of its own: a new one is not held up by how the one before it failed.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.min_reconnect_backoff_ms", 5_000),  # gRPC's word for how long connecting may take
    ("grpc.keepalive_time_ms", 20_000),
    # Two names for how long the answer to a ping may take: gRPC 1.85 heeds the second only, others the first.
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),
)


class Line:
    """A channel to one server, with a stub of each service."""

    def __init__(self, target: str) -> None:
        self.channel = grpc.aio.insecure_channel(target, options=OPTIONS)
        self.runs = RunServiceStub(self.channel)
        self.queries = QueryServiceStub(self.channel)
        self.catalog = CatalogServiceStub(self.channel)
        self.knowledge = KnowledgeServiceStub(self.channel)
        self.calls = 0

    @property
    def connected(self) -> bool:
        """Whether a connection stands or stood; false while none could be made."""
        return self.channel.get_state() is not grpc.ChannelConnectivity.TRANSIENT_FAILURE


class Servers:
    """The servers at *address*, tried in the order given."""

    def __init__(self, address: str = "") -> None:
        self.address = address or os.environ.get("LEVADA_GRPC") or DEFAULT_ADDRESS
        self._targets = _targets(self.address)
        self._at = 0
        self._line: Line | None = None
        self._answered = False
        self._left = 0

    @property
    def unreachable(self) -> bool:
        """Whether every server was tried and none ever answered: then nothing is lost that could come back."""
        return not self._answered and self._left >= ROUNDS * len(self._targets)

    def answered(self) -> None:
        """Take down that a server answered, if only with an error."""
        self._answered = True

    @asynccontextmanager
    async def line(self) -> AsyncIterator[Line]:
        """Lend the line in use; one that was left is closed when its last call ends."""
        line = self._line = self._line or Line(self._targets[self._at])
        line.calls += 1
        try:
            yield line
        finally:
            line.calls -= 1
            if line is not self._line and not line.calls:
                await line.channel.close(None)

    def leave(self, line: Line) -> None:
        """Go on to the next server, or to the same one on a new connection.

        A connection that died without a word swallows whatever is called on it, so it is not used again.
        """
        self._answered = self._answered or line.connected
        if line is self._line:
            self._line = None
            self._at = (self._at + 1) % len(self._targets)
            self._left += 1

    async def close(self) -> None:
        """Close the line in use; calls on it are cancelled."""
        line, self._line = self._line, None
        if line is not None:
            await line.channel.close(None)


def _targets(address: str) -> list[str]:
    """Return the servers that *address* lists. gRPC's own lists ("ipv4:10.0.0.1:1,10.0.0.2:1") are one target."""
    if address.startswith(("ipv4:", "ipv6:")):
        return [address]
    return [target.strip() for target in address.split(",") if target.strip()] or [DEFAULT_ADDRESS]

"""Readers that do not give up: over gRPC from any server, over SSE from the gateway, each going on by its cursor."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import grpc
import httpx
from google.protobuf.json_format import Parse

from levada.v1.event_pb2 import Event
from levada.v1.run_service_pb2 import WatchRunRequest
from levada.v1.run_service_pb2_grpc import RunServiceStub
from tests.chaos.world import HEARTBEAT
from tests.gateway.eventsource import Stream

TERMINAL = {"completed", "failed", "cancelled"}
# A server that is stopped says nothing, not even that it is alive.
SILENCE = 5 * HEARTBEAT
# How a call ends whose server is gone, or has lost its database for the moment.
PASSING = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED}
CHANNEL = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.use_local_subchannel_pool", 1),
]


def pause(failures: int) -> float:
    """Return how long to wait after so many failures in a row, as clients do that mean well."""
    return min(3.0, 0.1 * 2 ** min(failures, 10)) * random.uniform(0.5, 1)


def normal(event: Event) -> bytes:
    return event.SerializeToString(deterministic=True)


@dataclass
class Record:
    """What one reader saw of one run, over all its connections, and what was wrong with it."""

    run_id: str
    by: str
    seen: list[bytes] = field(default_factory=list)
    connections: int = 0
    faults: list[str] = field(default_factory=list)
    last: str = ""
    input: str = ""

    @property
    def ended(self) -> bool:
        return self.last in TERMINAL

    def hear(self, event: Event) -> None:
        number, data = event.sequence, normal(event)
        if self.ended:
            self.fault(f"number {number} after the end")
        elif number != len(self.seen) + 1:
            same = number <= len(self.seen) and self.seen[number - 1] == data
            self.fault(f"number {number} after {len(self.seen)}, {'the same' if same else 'not the same'} as before")
        else:
            self.seen.append(data)
        self.input = self.input or event.input_requested.input_id
        self.last = event.WhichOneof("payload") or ""

    def fault(self, text: str) -> None:
        self.faults.append(f"{self.by} of {self.run_id}: {text}")


class Readers:
    """Whoever reads from servers at *addresses* and a gateway at *http*."""

    def __init__(self, addresses: Sequence[str], http: str = "") -> None:
        self._channels = [grpc.aio.insecure_channel(address, options=CHANNEL) for address in addresses]
        self.stubs: Sequence[RunServiceStub] = [RunServiceStub(channel) for channel in self._channels]
        timeout = httpx.Timeout(SILENCE, connect=SILENCE)
        self.http = httpx.AsyncClient(
            base_url=f"http://{http}", timeout=timeout, limits=httpx.Limits(max_connections=1_000)
        )

    async def aclose(self) -> None:
        await self.http.aclose()
        for channel in self._channels:
            await channel.close()

    def anywhere(self, chance: random.Random) -> Iterator[RunServiceStub]:
        """Name any server, again and again."""
        while True:
            yield chance.choice(self.stubs)

    async def read(self, record: Record, servers: Iterator[RunServiceStub], silence: float | None = SILENCE) -> None:
        """Read a run to its end, whatever happens on the way: over SSE, else from each of *servers* in turn."""
        failures = 0
        while not record.ended and not record.faults:
            record.connections += 1
            before = len(record.seen)
            if record.by == "sse":
                await self._over_sse(record)
            else:
                await self._over_grpc(record, next(servers), silence)
            failures = failures + 1 if len(record.seen) == before else 0
            await asyncio.sleep(0 if record.ended else pause(failures))

    async def _over_grpc(self, record: Record, stub: RunServiceStub, silence: float | None) -> None:
        call = stub.WatchRun(WatchRunRequest(run_id=record.run_id, after_sequence=len(record.seen)))
        try:
            while True:
                async with asyncio.timeout(silence):
                    answer = await call.read()
                if answer is grpc.aio.EOF:
                    break
                for event in answer.events:
                    record.hear(event)
            if not record.ended:
                record.fault("the stream ended well, without an end of the run")
        except grpc.aio.AioRpcError as error:
            if error.code() not in PASSING:
                record.fault(f"{error.code().name} {error.details()}")
        except TimeoutError:
            pass
        finally:
            call.cancel()

    async def _over_sse(self, record: Record) -> None:
        headers = {"Last-Event-ID": str(len(record.seen))} if record.seen else {}
        url = f"/v1/runs/{record.run_id}/events"
        try:
            async with self.http.stream("GET", url, headers=headers) as response:
                if response.status_code != 200:
                    told = (await response.aread()).decode()
                    if response.status_code not in (502, 503, 504):
                        record.fault(f"status {response.status_code} {told}")
                    return
                async for message in Stream(response):
                    if message.event not in ("gap", "timeout"):
                        record.hear(Parse(message.data, Event()))
        except httpx.TransportError:
            pass

"""A gateway's end of a stream of watches, for tests."""

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager

import grpc

from levada.v1 import run_service_pb2 as pb
from tests.grpc_server.said import ask


class Client:
    """A gateway's end of the stream: keeps what each watch got."""

    def __init__(self, stream) -> None:
        self.stream = stream
        self.numbers: dict[int, list[int]] = defaultdict(list)
        self.sizes: dict[int, int] = defaultdict(int)
        self.gaps: dict[int, int] = {}
        self.ends: dict[int, pb.WatchEnd] = {}
        self.messages = 0
        self.heartbeats = 0

    async def read(self) -> None:
        while (answer := await self.stream.read()) is not grpc.aio.EOF:
            self.messages += 1
            self.heartbeats += not answer.batches
            for batch in answer.batches:
                for watch_id in (batch.watch_id, *batch.also):
                    self.take(watch_id, batch)

    def take(self, watch_id: int, batch: pb.WatchBatch) -> None:
        self.numbers[watch_id] += [event.sequence for event in batch.events]
        self.sizes[watch_id] += sum(event.ByteSize() for event in batch.events)
        if batch.HasField("gap"):
            self.gaps[watch_id] = batch.gap.oldest_sequence
        if batch.HasField("end"):
            self.ends[watch_id] = batch.end

    async def add(self, watch_id: int, run_id: str, after: int = 0, granted: int = 100, **fields) -> None:
        add = pb.AddWatch(watch_id=watch_id, run_id=run_id, after_sequence=after, credits=granted, **fields)
        await self.stream.write(pb.WatchRunsRequest(add=add))

    async def grant(self, watch_id: int, more: int, more_bytes: int = 0) -> None:
        grant = pb.GrantCredits(watch_id=watch_id, credits=more, credit_bytes=more_bytes)
        await self.stream.write(pb.WatchRunsRequest(grant=grant))

    async def drop(self, watch_id: int) -> None:
        await self.stream.write(pb.WatchRunsRequest(drop=pb.DropWatch(watch_id=watch_id)))


@asynccontextmanager
async def watching(server):
    client = Client(server.runs.WatchRuns())
    reading = asyncio.ensure_future(client.read())
    try:
        yield client
    finally:
        client.stream.cancel()
        await asyncio.wait([reading])


async def create(server) -> str:
    return (await server.runs.CreateRun(pb.CreateRunRequest(run=ask()))).run.run_id

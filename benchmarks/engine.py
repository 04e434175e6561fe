"""What an event costs from a step's mouth to a gRPC reader, against a bare grpc.aio stream of messages of that size.

Both run in this one process and one loop, server and reader together, so that the ratio is of work and not of luck.
The engine's way includes numbering, the commit to SQLite (WAL, full sync) and reading it back.

python -m benchmarks.engine [--events N] [--readers N] [--rounds N] [--flush N]
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator

import grpc
import uvloop

from benchmarks.talk import TALK, question
from core.engine import Engine
from core.settings import Settings
from grpc_server.server import Server
from levada.v1 import event_pb2 as events
from levada.v1 import query_service_pb2 as query
from levada.v1.query_service_pb2_grpc import QueryServiceStub
from levada.v1.run_pb2 import RunRequest

SIZE = 150
CHANNEL = [("grpc.max_receive_message_length", -1)]


async def bare(count: int) -> float:
    """Return seconds per message of a bare grpc.aio stream, one event a message."""
    payload = events.Event(run_id="r" * 26, sequence=1, finding=events.Finding(text="x" * SIZE)).SerializeToString()

    async def stream(_: bytes, __: grpc.aio.ServicerContext) -> AsyncIterator[bytes]:
        for _i in range(count):
            yield payload

    handler = grpc.unary_stream_rpc_method_handler(stream)  # type: ignore[arg-type]
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bare.Bare", {"Stream": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        begun, seen = time.perf_counter(), 0
        async for message in channel.unary_stream("/bare.Bare/Stream", response_deserializer=events.Event.FromString)(
            b""
        ):
            seen += len(message.run_id) > 0
        seconds = time.perf_counter() - begun
    await server.stop(0)
    assert seen == count
    return seconds / count


async def engine(count: int, runs: int, flush: int) -> float:
    """Return seconds per event through the engine, *runs* runs of *count* events each with a reader each.

    A run waits until its last *flush* events are durable before it says more; with 1 every event is a commit.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(store=f"sqlite:///{folder}/levada.db")
        async with Engine(settings, [TALK], None) as engine:  # type: ignore[arg-type]
            server = Server(engine, None, [TALK], settings)  # type: ignore[arg-type]
            address = server.bind("127.0.0.1:0")
            await server.start()
            async with grpc.aio.insecure_channel(address, options=CHANNEL) as channel:
                stub = QueryServiceStub(channel)
                begun = time.perf_counter()
                seen = await asyncio.gather(*(read(stub, count, flush) for _ in range(runs)))
                seconds = time.perf_counter() - begun
            await server.stop(lambda: asyncio.sleep(0))
    assert min(seen) >= count
    return seconds / sum(seen)


async def read(stub: QueryServiceStub, count: int, flush: int) -> int:
    run = RunRequest(pipeline="talk", question=question(count, SIZE, flush=flush))
    return sum([len(message.events) async for message in stub.RunQuery(query.RunQueryRequest(run=run))])


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--readers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--flush", type=int, default=100)
    arguments = parser.parse_args()
    ratios = []
    for _ in range(arguments.rounds):
        base = await bare(arguments.events)
        ours = await engine(arguments.events, arguments.readers, arguments.flush)
        ratios.append(ours / base)
        print(f"bare {base * 1e6:6.1f} µs a message   engine {ours * 1e6:6.1f} µs an event   ratio {ours / base:.2f}")
    print(f"median ratio {statistics.median(ratios):.2f} (goal ≤ 4), {os.cpu_count()} cores")


if __name__ == "__main__":
    uvloop.run(main())

"""What the gateway costs: CPU per event against a bare Starlette loop in the same run, first events, memory.

`python -m benchmarks.gateway`. Each server is a process of its own, so that its CPU can be told apart; events come
from a gRPC server that only counts, so that nothing but the gateway is measured.
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import psutil

READERS = 50
WORD = "SELECT customers.name, sum(order_items.quantity * order_items.unit_price) AS revenue, count(*) AS orders FROM"


def counted_events(interval: float) -> None:
    """Serve runs that never end, each saying an event every *interval* seconds; with 0, sixteen whenever it may."""
    import grpc
    import uvloop

    from levada.v1 import event_pb2 as events
    from levada.v1 import run_service_pb2 as pb
    from levada.v1 import run_service_pb2_grpc as service
    from levada.v1.run_pb2 import Run

    def event(run_id: str, number: int) -> events.Event:
        delta = events.TextDelta(channel=events.CHANNEL_SQL, text=WORD)
        made = events.Event(run_id=run_id, sequence=number, step="generate_sql", attempt=1, text_delta=delta)
        made.time.GetCurrentTime()
        return made

    class Counting(service.RunServiceServicer):
        async def GetRun(self, request, context):  # noqa: N802
            return pb.GetRunResponse(run=Run(run_id=request.run_id, last_sequence=1))

        async def WatchRuns(self, requests, context):  # noqa: N802
            allowed: dict[int, asyncio.Semaphore] = {}
            writing = asyncio.Lock()

            async def say(add: pb.AddWatch) -> None:
                number = add.after_sequence
                while add.watch_id in allowed:
                    count = 1 if interval else 16
                    for _ in range(count):
                        await allowed[add.watch_id].acquire()
                    said = [event(add.run_id, number + each) for each in range(1, count + 1)]
                    number += count
                    async with writing:
                        batch = pb.WatchBatch(watch_id=add.watch_id, events=said)
                        await context.write(pb.WatchRunsResponse(batches=[batch]))
                    await asyncio.sleep(interval * random.uniform(0.5, 1.5))

            async with asyncio.TaskGroup() as group:
                async for together in requests:
                    for request in (together, *together.more):
                        action = getattr(request, request.WhichOneof("action"))
                        if isinstance(action, pb.AddWatch):
                            allowed[action.watch_id] = asyncio.Semaphore(action.credits)
                            group.create_task(say(action))
                        elif isinstance(action, pb.DropWatch):
                            allowed.pop(action.watch_id, None)
                        elif action.watch_id in allowed:
                            for _ in range(action.credits):
                                allowed[action.watch_id].release()

    async def serve() -> None:
        server = grpc.aio.server()
        service.add_RunServiceServicer_to_server(Counting(), server)
        print(server.add_insecure_port("127.0.0.1:0"), flush=True)
        await server.start()
        await server.wait_for_termination()

    uvloop.run(serve())


def bare_loop(interval: float) -> None:
    """Serve the same events from a bare Starlette loop: a generator, and Starlette's own response."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.responses import StreamingResponse
    from starlette.routing import Route

    frame = f'id: %d\nevent: text_delta\ndata: {{"runId":"run","sequence":"%d","text":"{WORD}"}}\n\n'

    async def frames() -> AsyncIterator[bytes]:
        number = 0
        while True:
            number += 1
            yield (frame % (number, number)).encode()
            await asyncio.sleep(interval * random.uniform(0.5, 1.5))

    async def stream(request):
        return StreamingResponse(frames(), media_type="text/event-stream")

    app = Starlette(routes=[Route("/v1/runs/{run_id}/events", stream)])
    config = uvicorn.Config(app, port=0, http="httptools", loop="uvloop", log_level="warning", access_log=False)

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            print(self.servers[0].sockets[0].getsockname()[1], flush=True)

    Server(config).run()


def own_gateway(grpc_port: str) -> None:
    """Serve the gateway as `python -m gateway` does, telling its port."""
    from core.settings import Settings
    from gateway import __main__ as gateway

    async def serve():
        running = gateway.server(Settings(http="127.0.0.1:0", grpc=f"127.0.0.1:{grpc_port}"))
        gateway.settle()
        serving = asyncio.ensure_future(running.serve())
        while not running.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        print(running.servers[0].sockets[0].getsockname()[1], flush=True)
        await serving

    with asyncio.Runner(loop_factory=gateway.loop_factory()) as runner:
        runner.run(serve())


@contextmanager
def process(*arguments: str) -> Iterator[tuple[psutil.Process, str]]:
    """Run this module in a process of its own; yield it with the port that it prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "benchmarks.gateway", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as started:
        try:
            assert started.stdout is not None
            yield psutil.Process(started.pid), started.stdout.readline().strip()
        finally:
            started.kill()


class Reader(asyncio.Protocol):
    """Reads a stream and counts events; *first* is when the first one came."""

    def __init__(self, port: str, name: int) -> None:
        self._head = f"GET /v1/runs/run-{name}/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        self.events = self.writes = 0
        self.began = self.first = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.began = time.perf_counter()
        transport.write(self._head)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if found := data.count(b"\nevent: "):
            self.events += found
            self.writes += 1
            self.first = self.first or time.perf_counter()


async def read(port: str, readers: int) -> list[Reader]:
    loop = asyncio.get_running_loop()
    made = [loop.create_connection(lambda n=n: Reader(port, n), "127.0.0.1", int(port)) for n in range(readers)]
    return [protocol for _, protocol in await asyncio.gather(*made)]  # type: ignore[misc]


async def cpu_per_event(server: psutil.Process, port: str, seconds: float) -> tuple[float, float]:
    """Return microseconds of the server's CPU per event, and events per second."""
    readers = await read(port, READERS)
    await asyncio.sleep(1)
    before, cpu, began = sum(r.events for r in readers), server.cpu_times(), time.perf_counter()
    await asyncio.sleep(seconds)
    events = sum(reader.events for reader in readers) - before
    spent, took = server.cpu_times(), time.perf_counter() - began
    for reader in readers:
        reader.transport.close()
    used = spent.user + spent.system - cpu.user - cpu.system
    return 1e6 * used / max(events, 1), events / took


def measure(interval: float, seconds: float) -> tuple[tuple[float, float], tuple[float, float]]:
    with process("--bare", str(interval)) as (bare, port):
        plain = asyncio.run(cpu_per_event(bare, port, seconds))
    with process("--events", str(interval)) as (_, grpc_port), process("--gateway", grpc_port) as (own, port):
        return plain, asyncio.run(cpu_per_event(own, port, seconds))


async def first_events(port: str, count: int) -> list[float]:
    """Return how long each of *count* readers that come at once waits for its first event, in milliseconds."""
    readers = await read(port, count)
    async with asyncio.timeout(60):
        while not all(reader.first for reader in readers):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    waits = sorted(1e3 * (reader.first - reader.began) for reader in readers)
    for reader in readers:
        reader.transport.close()
    return waits


async def idle_memory(server: psutil.Process, port: str, count: int) -> float:
    """Return KiB of the server's memory per stream on which nothing happens."""
    (await read(port, 10))[0].transport.close()
    await asyncio.sleep(1)
    before = server.memory_info().rss
    readers = await read(port, count)
    await asyncio.sleep(3)
    grown = server.memory_info().rss - before
    for reader in readers:
        reader.transport.close()
    return grown / count / 1024


def report(seconds: float) -> None:
    for name, interval in (("one event at a time, 2,000/s", READERS / 2_000), ("as fast as readers take them", 0.0)):
        (bare, bare_rate), (own, own_rate) = measure(interval, seconds)
        print(f"{name}: {READERS} readers")
        print(f"  bare Starlette loop  {bare:6.1f} µs CPU per event, {bare_rate:9,.0f} events/s")
        print(f"  gateway              {own:6.1f} µs CPU per event, {own_rate:9,.0f} events/s")
        print(f"  ratio                {own / bare:6.2f}")
    with process("--events", "0.5") as (_, grpc_port), process("--gateway", grpc_port) as (_, port):
        waits = asyncio.run(first_events(port, 200))
        p99 = waits[int(len(waits) * 0.99) - 1]
        print(f"200 readers at once: first event after {statistics.median(waits):.0f} ms (p50), {p99:.0f} ms (p99)")
    with process("--bare", "1e6") as (bare_process, port):
        bare_memory = asyncio.run(idle_memory(bare_process, port, 1_000))
    with process("--events", "1e6") as (_, grpc_port), process("--gateway", grpc_port) as (own_process, port):
        own_memory = asyncio.run(idle_memory(own_process, port, 1_000))
    print(f"memory per idle stream: {own_memory:.0f} KiB, bare Starlette {bare_memory:.0f} KiB")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateway", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4, help="how long to measure each")
    for part in ("bare", "events", "gateway"):
        parser.add_argument(f"--{part}", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.bare is not None:
        bare_loop(float(chosen.bare))
    elif chosen.events is not None:
        counted_events(float(chosen.events))
    elif chosen.gateway is not None:
        own_gateway(chosen.gateway)
    else:
        report(chosen.seconds)


if __name__ == "__main__":
    main()

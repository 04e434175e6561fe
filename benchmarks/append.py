"""How fast events become durable: runs that each say an event and wait for it, through journal, writer and SQLite.

Against the same commits (one INSERT of as many events) by Python's sqlite3 alone, same file system, same run.

python -m benchmarks.append [--seconds N] [--size BYTES]
"""

import argparse
import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
from dataclasses import dataclass, field

import uvloop

from core import ids
from core.identity import LOCAL
from core.journal import Journal
from core.store import Store, open_store
from core.store.records import NewRun
from levada.v1.event_pb2 import Finding
from levada.v1.run_pb2 import RunRequest

PRODUCERS = (1, 100, 1_000)


@dataclass
class Measured:
    events: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        ranked = sorted(self.latencies)
        middle, late = statistics.median(ranked), ranked[int(0.99 * len(ranked))]
        rate = self.events / self.seconds
        return f"{rate:9,.0f} events/s   an event durable after {middle * 1e3:6.2f} ms (p99 {late * 1e3:6.2f})"


async def claimed(store: Store, count: int) -> list[Journal]:
    def new() -> NewRun:
        request, now = RunRequest(pipeline="bench", question="?"), time.time_ns() // 1_000
        return NewRun(ids.run_id(), LOCAL, request, now, b"", "", "", count, lambda place: b"queued")

    await asyncio.gather(*(store.create(new()) for _ in range(count)))

    def refused(error: Exception) -> None:
        raise error

    runs = await store.claim("bench", count, 3600, [])
    return [Journal(run, store.enlist, refused, max_events=10**9, max_bytes=10**12) for run in runs]


async def produce(journal: Journal, payload: Finding, until: float, measured: Measured) -> None:
    while (began := time.perf_counter()) < until:
        journal.say(payload)
        await journal.flush()
        measured.events += 1
        measured.latencies.append(time.perf_counter() - began)


async def ours(producers: int, seconds: float, size: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/levada.db")
        await store.open()
        journals, payload, measured = await claimed(store, producers), Finding(text="x" * size), Measured()
        began = time.perf_counter()
        await asyncio.gather(*(produce(journal, payload, began + seconds, measured) for journal in journals))
        measured.seconds = time.perf_counter() - began
        await store.close()
    return measured


def bare(producers: int, seconds: float, size: int) -> Measured:
    """Commit *producers* events at a time by sqlite3 alone."""
    measured, data, number = Measured(), bytes(size + 100), 0
    with tempfile.TemporaryDirectory() as folder:
        c = sqlite3.connect(f"{folder}/bare.db")
        c.execute("PRAGMA journal_mode=WAL")
        c.execute("PRAGMA synchronous=FULL")
        c.execute("CREATE TABLE events (run_id TEXT, sequence INTEGER, data BLOB, PRIMARY KEY (run_id, sequence))")
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            start, number = time.perf_counter(), number + 1
            rows = [(f"{run:036}", number, data) for run in range(producers)]
            c.executemany("INSERT INTO events VALUES (?, ?, ?)", rows)
            c.commit()
            measured.events += producers
            measured.latencies.append(time.perf_counter() - start)
        measured.seconds = time.perf_counter() - began
        c.close()
    return measured


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--size", type=int, default=150, help="bytes of text in an event, which adds about 100")
    arguments = parser.parse_args()
    for producers in PRODUCERS:
        print(f"{producers:5} runs   sqlite3 alone {bare(producers, arguments.seconds, arguments.size)}")
        print(f"{producers:5} runs   Levada        {await ours(producers, arguments.seconds, arguments.size)}")
    print(f"{os.cpu_count()} cores")


if __name__ == "__main__":
    uvloop.run(main())

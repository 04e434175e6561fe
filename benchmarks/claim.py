"""How long it takes to claim a run, to accept one and to look for places, by how many wait, on SQLite and PostgreSQL.

python -m benchmarks.claim [--queued N ...] [--tenants N ...] [--times N]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop
from sqlalchemy import insert, text

from benchmarks.shared import database
from core import ids
from core.identity import Principal
from core.store import Store, migrate, open_store, postgresql
from core.store.records import Append, NewRun
from core.store.tables import metadata, runs
from levada.v1.run_pb2 import RunRequest, RunState

AT_ONCE = 1_000


async def fill(store: Store, queued: int, tenants: int) -> None:
    """Put so many runs into the queue, those of all tenants mixed."""
    request = RunRequest(pipeline="bench", question="?" * 100).SerializeToString()
    row = {"state": RunState.RUN_STATE_QUEUED, "request": request, "last_sequence": 1, "oldest_sequence": 1, "bytes": 8}
    for start in range(0, queued, AT_ONCE):
        rows = [
            {**row, "id": ids.run_id(), "tenant": f"tenant {number % tenants}", "subject": "s", "priority": number % 3}
            for number in range(start, min(queued, start + AT_ONCE))
        ]
        await store._writer.do(lambda c, rows=rows: c.execute(insert(runs), rows))  # type: ignore[attr-defined]
    if store.shared:
        # What autovacuum does within a minute.
        await store._writer.do(lambda c: c.execute(text("ANALYZE")))  # type: ignore[attr-defined]


async def timed(times: int, action: Callable[[], Awaitable[Any]]) -> str:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await action()
        taken.append(time.perf_counter() - began)
    ranked = sorted(taken)
    return f"{statistics.median(ranked) * 1e3:8.1f} {ranked[int(0.95 * len(ranked))] * 1e3:8.1f}"


async def measure(url: str, queued: int, tenants: int, times: int) -> None:
    store = open_store(url)
    await store.open()
    for table in metadata.sorted_tables:
        await store._writer.do(lambda c, table=table: c.execute(table.delete()))  # type: ignore[attr-defined]
    await fill(store, queued, tenants)
    held: list[str] = []

    async def claim() -> None:
        """Claim as a server with 16 places does that has one free: its oldest run ends as it takes another one."""
        for one in await store.claim("bench", 1, 3600, held, 64):
            held.append(one.id)
            if len(held) > 16:
                held.pop(0)
            ended = {"state": RunState.RUN_STATE_COMPLETED, "ended": 1, "worker": ""}
            await store.append(Append(one.id, one.epoch, one.row.last_sequence, one.row.bytes, [], run=ended))

    async def create() -> None:
        request, now = RunRequest(pipeline="bench", question="?"), time.time_ns() // 1_000
        caller = Principal("tenant 0", "s")
        new = NewRun(ids.run_id(), caller, request, now, b"", "", "", 10**9, lambda place: b"%d" % place)
        await store.create(new)

    async def look() -> None:
        await store.queue(lambda place, told: False)

    kind = "PostgreSQL" if store.shared else "SQLite"
    columns = [await timed(times, action) for action in (claim, create, look)]
    print(f"{kind:10} {queued:8,} {tenants:7,}  {'  '.join(columns)}")
    await store.close()


async def main(queued: list[int], tenants: list[int], times: int) -> None:
    print("Milliseconds, median and p95.        claim and end     accept one        look for places")
    print("store        queued tenants")
    with tempfile.TemporaryDirectory() as folder, database() as url:
        engine = postgresql.engine(url, writing=True, patient=True)
        await migrate.upgrade(engine)
        await engine.dispose()
        for where in (f"sqlite:///{folder}/levada.db", url):
            for count in queued:
                for many in tenants:
                    await measure(where, count, many, times)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queued", type=int, nargs="+", default=[10, 1_000, 100_000])
    parser.add_argument("--tenants", type=int, nargs="+", default=[1, 100])
    parser.add_argument("--times", type=int, default=50)
    arguments = parser.parse_args()
    uvloop.run(main(arguments.queued, arguments.tenants, arguments.times))

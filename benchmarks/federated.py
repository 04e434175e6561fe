"""How fast the rows of two sources are joined, against DuckDB over the same rows already in Arrow; and how much memory.

Two SQLite files are made here: N sales and a tenth as many customers. What `federated` does with them is measured step
by step in a process of its own: fetching both (side by side, kept on disk), and the join. Beside it stand, in the same
process, the drivers' own fetching of the same rows and DuckDB's join of the same data in memory.

Goal: in all at most 1.5 x DuckDB's join plus the drivers' fetching; memory at most twice the rows' size in Arrow, or
the limit above which the join uses the disk.

python -m benchmarks.federated [--rows N] [--rounds N]
"""

import argparse
import asyncio
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psutil
import pyarrow as pa

from core.pipelines.federated.joining.guarded import checked_join
from core.pipelines.federated.joining.keys import comparable
from core.pipelines.federated.joining.tables import Tables
from core.pipelines.federated.operations.scratch import THREADS, Keeping, Scratch
from core.pipelines.federated.operations.taking import SHOWN_ROWS
from core.pipelines.federated.results import Kept
from core.sources import open_source
from core.sources.base import Limits, Source
from core.sources.blocking import running
from core.sources.duckdb.rows import DuckDBReader
from core.sources.pace import Pace

SALES = "SELECT id, customer_id, product, amount, price, day FROM sales"
CUSTOMERS = "SELECT id, name, country FROM customers"
JOIN = (
    "SELECT c.country, count(*) AS n, sum(s.price * s.amount) AS revenue, median(s.price) AS middle "
    "FROM sales AS s JOIN customers AS c ON c.id = s.customer_id GROUP BY c.country ORDER BY revenue DESC"
)
COUNTRIES = 50


def create(folder: Path, count: int) -> None:
    with sqlite3.connect(folder / "sales.db") as db:
        db.execute(
            "CREATE TABLE sales (id INTEGER, customer_id INTEGER, product TEXT, amount INTEGER, price REAL, day DATE)"
        )
        db.executemany(
            "INSERT INTO sales VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    n,
                    n * 7919 % (count // 10),
                    f"product {n % 500}",
                    n % 9 + 1,
                    1.25 + n % 90,
                    f"2026-01-{n % 28 + 1:02}",
                )
                for n in range(count)
            ),
        )
    db.close()
    with sqlite3.connect(folder / "customers.db") as db:
        db.execute("CREATE TABLE customers (id INTEGER, name TEXT, country TEXT)")
        db.executemany(
            "INSERT INTO customers VALUES (?, ?, ?)",
            ((n, f"customer {n}", f"country {n % COUNTRIES}") for n in range(count // 10)),
        )
    db.close()


class Figures:
    """What each thing took in each round: seconds, seconds of CPU, mebibytes above what the process had before."""

    def __init__(self) -> None:
        self.taken: dict[str, list[tuple[float, float, float]]] = {}

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Measure what happens within as *name*."""
        process, stop = psutil.Process(), threading.Event()
        before = most = process.memory_info().rss

        def watch() -> None:
            nonlocal most
            while not stop.wait(0.01):
                most = max(most, process.memory_info().rss)

        thread = threading.Thread(target=watch)
        thread.start()
        began, cpu = time.perf_counter(), time.process_time()
        yield
        took = time.perf_counter() - began, time.process_time() - cpu
        stop.set()
        thread.join()
        self.taken.setdefault(name, []).append((*took, (most - before) / 2**20))

    def median(self, name: str, place: int) -> float:
        return statistics.median(one[place] for one in self.taken[name])

    def sum(self, names: Sequence[str], place: int) -> float:
        return sum(self.median(name, place) for name in names)


async def kept(source: Source, sql: str, count: int, scratch: Scratch, name: str) -> Kept:
    query = source.check(sql, await source.describe(), count)
    async with source.query(query, Limits(rows=count, arrow_after=SHOWN_ROWS)) as rows:
        keeping = await THREADS.run(lambda: Keeping(scratch, name, rows.columns))
        async for batch in rows:
            await THREADS.run(lambda batch=batch: keeping.add(batch))
    return await THREADS.run(lambda: keeping.finish(""))


async def joined(tables: Tables) -> int:
    sql = comparable(JOIN, tables.schema())
    query = checked_join(sql, tables.schema(), 10_000)
    count = 0
    async with running(DuckDBReader("combine", tables.open, query.text), THREADS, Pace(Limits())) as rows:
        async for batch in rows:
            count += batch.row_count
    return count


def bare(sales: pa.Table, customers: pa.Table) -> int:
    """Join the same rows, in Arrow already, with nothing around DuckDB."""
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        connection.register("sales", sales)
        connection.register("customers", customers)
        return len(connection.execute(JOIN).fetchall())


def driver(path: Path, sql: str) -> int:
    """Fetch all rows with sqlite3 alone."""
    count = 0
    with sqlite3.connect(path) as db:
        cursor = db.execute(sql)
        while batch := cursor.fetchmany(2_000):
            count += len(batch)
    db.close()
    return count


async def round_of(folder: Path, sources: dict[str, Source], count: int, figures: Figures) -> int:
    """Measure everything once; return the size of the rows in Arrow."""
    for name, sql in (("sales", SALES), ("customers", CUSTOMERS)):
        with figures.of(f"driver alone, {name}"):
            driver(folder / f"{name}.db", sql)
    scratch = Scratch(folder / "scratch", 2**32)
    scratch.make()
    with figures.of("fetch and keep both"):
        async with asyncio.TaskGroup() as group:
            sales = group.create_task(kept(sources["sales"], SALES, count, scratch, "sales"))
            customers = group.create_task(kept(sources["customers"], CUSTOMERS, count, scratch, "customers"))
    tables = Tables(scratch.folder, {"sales": sales.result(), "customers": customers.result()})
    with figures.of("join"):
        assert await joined(tables) == COUNTRIES
    arrow = {name: pa.ipc.open_file(scratch.folder / kept.file).read_all() for name, kept in tables.kept.items()}
    with figures.of("DuckDB alone"):
        assert bare(arrow["sales"], arrow["customers"]) == COUNTRIES
    scratch.remove()
    return sum(table.nbytes for table in arrow.values())


async def measured(folder: Path, count: int, rounds: int) -> None:
    sources: dict[str, Source] = {
        name: open_source(name, f"sqlite:///{folder}/{name}.db") for name in ("sales", "customers")
    }
    figures, size = Figures(), 0
    for _ in range(rounds):
        size = await round_of(folder, sources, count, figures)
    for source in sources.values():
        await source.close()
    for name in figures.taken:
        seconds, cpu, memory = (figures.median(name, place) for place in range(3))
        print(f"{name}: {seconds:.2f} s, {cpu:.2f} s of CPU, {memory:.0f} MiB more")
    for place, of in enumerate(("time", "CPU time")):
        ours = figures.sum(["fetch and keep both", "join"], place)
        bare = figures.sum(["driver alone, sales", "driver alone, customers", "DuckDB alone"], place)
        print(f"{of}: {ours:.2f} s against {bare:.2f} s: {ours / bare:.2f} x (goal 1.5)")
    most = max(one[2] for name in ("fetch and keep both", "join") for one in figures.taken[name])
    print(f"rows in Arrow {size / 2**20:.0f} MiB; most memory {most:.0f} MiB: {most * 2**20 / size:.1f} x (goal 2)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        create(Path(name), arguments.rows)
        asyncio.run(measured(Path(name), arguments.rows, arguments.rounds))


if __name__ == "__main__":
    sys.exit(main())

"""How fast rows reach a gRPC client, against the driver fetching them alone; and what it costs the server in memory.

The tables are made here, N rows of six columns in SQLite: one of plain numbers and text, one with decimals, moments and
NULLs too, which the driver hands over as plain numbers and text and the server turns into what they are declared to be.
The server runs as a process of its own.

python -m benchmarks.rows [--rows N] [--rounds N]
"""

import argparse
import asyncio
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path

import grpc
import psutil

from levada.v1 import query_service_pb2 as query
from levada.v1.query_service_pb2_grpc import QueryServiceStub
from levada.v1.run_pb2 import Analysis, QueryParameters, RunOptions, RunRequest

TABLES = ("plain", "typed")


def create(path: Path, count: int) -> None:
    with sqlite3.connect(path) as db:
        types = ("REAL", "TEXT", "INTEGER"), ("DECIMAL(10,2)", "TIMESTAMP", "INTEGER")
        for table, (price, at, note) in zip(TABLES, types, strict=True):
            db.execute(
                f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT, price {price}, amount INTEGER, "
                f"sold_at {at}, note {note})"
            )
            noted = 7 if table == "plain" else None
            rows = (
                (i, f"product {i % 500}", 12.25 + i % 90, i % 7, f"2026-01-{i % 28 + 1:02} 13:{i % 60:02}:00", noted)
                for i in range(count)
            )
            db.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?)", rows)


def alone(path: Path, table: str) -> float:
    """Return the rows per second of the driver alone."""
    with sqlite3.connect(path) as db:
        begun, count = time.perf_counter(), 0
        cursor = db.execute(f"SELECT * FROM {table}")
        while batch := cursor.fetchmany(500):
            count += len(batch)
        return count / (time.perf_counter() - begun)


async def streamed(stub: QueryServiceStub, table: str, count: int) -> tuple[float, int]:
    """Return the rows per second that a client gets, and how many it got."""
    run = RunRequest(
        question="All sales",
        options=RunOptions(row_limit=count, analyze=Analysis.ANALYSIS_NONE, interactive=False),
        query=QueryParameters(query=f"SELECT * FROM {table}"),
    )
    got, begun, first, last = 0, time.perf_counter(), 0.0, 0.0
    async for message in stub.RunQuery(query.RunQueryRequest(run=run)):
        for event in message.events:
            if event.HasField("operation_started"):
                first = time.perf_counter()
            elif event.HasField("table_rows"):
                got, last = got + event.table_rows.row_count, time.perf_counter()
            elif event.HasField("failed"):
                raise SystemExit(event.failed.message)
    return got / (last - (first or begun)), got


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sales.db")
        create(path, arguments.rows)
        variables = {"LEVADA_STORE": f"sqlite:///{folder}/s.db", "LEVADA_GRPC": "127.0.0.1:0"}
        server = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "grpc_server",
            env={**os.environ, **variables, "LEVADA_SOURCE": f"sqlite:///{path}"},
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert server.stdout is not None
            address = (await server.stdout.readline()).decode().rsplit("listening on ", 1)[1].strip()
            await measure(address, path, psutil.Process(server.pid), arguments)
        finally:
            server.terminate()
            await server.wait()


async def measure(address: str, path: Path, server: psutil.Process, arguments: argparse.Namespace) -> None:
    options = [("grpc.max_receive_message_length", -1)]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        stub = QueryServiceStub(channel)
        await streamed(stub, "typed", 1000)
        before = peak = server.memory_info().rss
        for table in TABLES:
            ratios = []
            for _ in range(arguments.rounds):
                base = alone(path, table)
                watching = asyncio.create_task(highest(server))
                ours, got = await streamed(stub, table, arguments.rows)
                watching.cancel()
                peak = max(peak, await watching)
                ratios.append(ours / base)
                print(
                    f"{table}: driver {base:9,.0f} rows/s   streamed {ours:9,.0f} rows/s   {ours / base:.0%}   {got:,}"
                )
            print(f"{table}: median {statistics.median(ratios):.0%} of the driver alone (goal ≥ 40 %)")
    print(f"server memory: {before / 2**20:.0f} MB before, grew by {(peak - before) / 2**20:.0f} MB (goal < 150 MB)")


async def highest(server: psutil.Process) -> int:
    most = 0
    try:
        while True:
            most = max(most, server.memory_info().rss)
            await asyncio.sleep(0.02)
    except asyncio.CancelledError:
        return most


if __name__ == "__main__":
    asyncio.run(main())

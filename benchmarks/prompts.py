"""What a large schema takes on its way into a prompt: 5,000 columns described, cut to the room there is, and rendered.

    python -m benchmarks.prompts [--rounds N]

Times are CPU of one core. A model's prompt is rendered in a thread, so that nothing else waits for it.
"""

import argparse
import datetime
import statistics
import time
from typing import Any

from core.models.base import Ask, Probe
from core.pipelines.answering import material
from core.pipelines.answering.prompted import PROMPTS, ROOM
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, ForeignKey, Schema, Table

LINES = 5_000
TABLES = (30, 100, 250)
ALL = 10**9


class Bounds:
    """Knows how far dates reach, and no values."""

    def find(self, words: str, limit: int = 5) -> list[Any]:
        return []

    def bounds(self, table: str, column: str) -> tuple[str, str]:
        return "2020-01-01", "2026-06-30"

    async def probe(self, sql: str, rows: int = 5) -> Probe:
        return Probe(error="Nothing is run here.")


def schema(tables: int) -> Schema:
    """Return LINES columns in so many *tables*, every one with a comment, sample values or a range, and a unit."""
    made = Schema(source="large", dialect="postgres")
    for number in range(tables):
        table = Table(name=f"table_{number}", comment="Things that are kept.", row_estimate=1_000, primary_key=["id"])
        table.columns.append(Column(name="id", native_type="bigint"))
        table.columns.extend(column(place) for place in range(1, LINES // tables))
        table.foreign_keys.append(
            ForeignKey(columns=["column_1"], referenced_table="table_0", referenced_columns=["id"])
        )
        made.tables.append(table)
    return made


def column(place: int) -> Column:
    kind = events.COLUMN_TYPE_TIMESTAMP if place % 10 == 3 else events.COLUMN_TYPE_TEXT
    return Column(
        name=f"column_{place}",
        type=kind,
        native_type="numeric(10,2)",
        comment="What this column holds, in words.",
        samples=["alpha", "beta", "gamma", "délta", "epsilon"],
        unit="EUR",
    )


def measure(asked: Ask, room: int, rounds: int) -> tuple[float, str]:
    """Return the median milliseconds for a prompt of *asked*, and what there was no room for."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        made = PROMPTS.render("nl2sql", room, material.parts(asked), **material.values(asked))
        times.append(time.process_time() - began)
    return 1000 * statistics.median(times), "; ".join(made.left_out) or "nothing"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    for tables in TABLES:
        asked = Ask("How many?", schema(tables), Bounds(), datetime.date(2026, 1, 1))
        for room in (ALL, ROOM):
            milliseconds, left_out = measure(asked, room, options.rounds)
            said = "all of it" if room == ALL else f"{room:,} tokens"
            print(f"{LINES:,} columns in {tables} tables, {said}: {milliseconds:.1f} ms, left out: {left_out}")


if __name__ == "__main__":
    main()

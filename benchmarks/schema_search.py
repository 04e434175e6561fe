"""Searching schemas: how long it takes to index 2,000 tables, and to find which sources and tables a question needs.

    python -m benchmarks.schema_search [--tables 2000] [--sources 4]

The tables are made up of words of several businesses, each with a dozen columns, comments and sample values, and are
spread over the sources. What is measured goes through the index as runs use it: choosing sources (values apart) and
ranking each chosen one's tables. Nothing is looked up in a database.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Sequence

from core.models.base import Lookup
from core.pipelines.answering import choosing
from core.schema_index import SchemaIndex
from levada.v1.catalog_pb2 import Column, ForeignKey, Schema, Table

THINGS = "order customer invoice product shipment supplier ticket review session employee contract payment campaign"
PARTS = "header line detail history archive status audit address price note item version batch region"
FIELDS = "id name status created updated amount currency country city comment quantity owner weight phone score"
VALUES = "open closed pending Norway Japan Peru EUR USD late early red green large small north south gold silver"
QUESTIONS = [
    "How many shipments were late by supplier country?",
    "Which customers have the most open tickets?",
    "Average review score per product and campaign",
    "Total amount of invoices that are pending",
    "What changed?",
]


class Written:
    """A source that holds what was made up for it."""

    description = ""

    def __init__(self, name: str, schema: Schema) -> None:
        self.name, self._schema = name, schema

    async def describe(self) -> Schema:
        return self._schema

    def forget(self) -> None:
        """There is nothing to look at anew."""


class NoValues:
    """Looks nothing up."""

    def find(self, words: str, limit: int = 5) -> Sequence[object]:
        return ()


def made_up(name: str, tables: int, chance: random.Random) -> Schema:
    names = [f"{chance.choice(THINGS.split())}_{chance.choice(PARTS.split())}_{number}" for number in range(tables)]
    return Schema(source=name, dialect="sqlite", tables=[_table(name, names, chance) for name in names])


def _table(name: str, names: Sequence[str], chance: random.Random) -> Table:
    other = chance.choice(names)
    columns = [_column(field, chance) for field in chance.sample(FIELDS.split(), 12)]
    key = ForeignKey(columns=[columns[0].name], referenced_table=other, referenced_columns=["id"])
    return Table(name=name, comment=f"Holds each {name.replace('_', ' ')}", columns=columns, foreign_keys=[key])


def _column(field: str, chance: random.Random) -> Column:
    return Column(name=field, comment=f"The {field} as entered", samples=chance.sample(VALUES.split(), 5))


def find(question: str, found, lookups: dict[str, Lookup]) -> None:
    for choice in choosing.choose(question, found, lookups):
        found.relevant(choice.source, question)


async def measured(tables: int, sources: int) -> None:
    chance = random.Random(7)
    names = [f"source{number}" for number in range(sources)]
    index = SchemaIndex({name: Written(name, made_up(name, tables // sources, chance)) for name in names})
    began = time.perf_counter()
    await index.read(names)
    print(f"index of {tables:,} tables in {sources} sources: {time.perf_counter() - began:.2f} s (goal: 10 s)")
    again, lookups = [], {name: NoValues() for name in names}
    for question in QUESTIONS * 20:
        began = time.perf_counter()
        find(question, await index.read(names), lookups)
        again.append((time.perf_counter() - began) * 1000)
    again.sort()
    print(f"search: median {statistics.median(again):.1f} ms, slowest {again[-1]:.1f} ms (goal: 50 ms)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Time the index of schemas.")
    parser.add_argument("--tables", type=int, default=2_000)
    parser.add_argument("--sources", type=int, default=4)
    arguments = parser.parse_args()
    asyncio.run(measured(arguments.tables, arguments.sources))

"""How long a plan takes whose operations each keep their source busy for a second: four run at once.

A whole server (store, engine, pipeline `federated`) in this process asks sources that hold each query back for a
second. Told are the seconds of the step that runs the operations and of the whole run, its plan given and only its rows
wanted.

Goal: four operations in less than 1.5 s.

python -m benchmarks.side_by_side [--rounds N]
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from pathlib import Path

from core.sources.base import CheckedQuery
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import ANALYSIS_NONE, RunOptions
from tests.pipelines.federated.house import SpreadHouse, rows
from tests.pipelines.federated.world import asks, joins, plan

SOURCES = ["crm", "support"]
TABLES = {"crm": "customers", "support": "tickets"}


async def hold(_: CheckedQuery) -> None:
    await asyncio.sleep(1)


def apart(first: Event, last: Event) -> float:
    return (last.time.ToNanoseconds() - first.time.ToNanoseconds()) / 1e9


async def measured(house: SpreadHouse, count: int) -> tuple[float, float]:
    """Return how long *count* operations took, and the run that they were of."""
    names = [f"part{number}" for number in range(count)]
    operations = []
    for number, name in enumerate(names):
        source = SOURCES[number % len(SOURCES)]
        operations.append(asks(name, source, f"SELECT {number} AS n FROM {TABLES[source]} WHERE id = 1"))
    house.plans(plan(*operations, joins(" UNION ALL ".join(f"SELECT n FROM {name}" for name in names))))
    seen = await house.ask(sources=SOURCES, options=RunOptions(analyze=ANALYSIS_NONE))
    assert len(rows(seen)) == count
    step = [event for event in seen.events if event.step == "execute_operations"]
    return apart(step[0], step[-1]), apart(seen.events[0], seen.events[-1])


async def compare(folder: Path, rounds: int) -> None:
    async with SpreadHouse(folder) as house:
        await house.catalog.warmed()
        for source in SOURCES:
            house.watched(source, hold)
        for count in (1, 4, 8):
            taken = [await measured(house, count) for _ in range(rounds)]
            operations, whole = ([one[place] for one in taken] for place in range(2))
            print(
                f"{count} operations of 1 s: {statistics.median(operations):.2f} s, slowest {max(operations):.2f} s; "
                f"the whole run {statistics.median(whole):.2f} s, slowest {max(whole):.2f} s"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(compare(Path(name), arguments.rounds))


if __name__ == "__main__":
    sys.exit(main())

"""A whole house over the spread business: real sources, store and engine; only the planner may play a script."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from core.identity import LOCAL
from core.models.plans import Plan
from core.models.scripted import Script, Scripted
from core.settings import SourceSettings
from levada.v1 import event_pb2 as events
from tests.pipelines.federated import world
from tests.pipelines.federated.faults import Before, Watched, nothing, watch
from tests.pipelines.query.house import House, Seen

STEPS = [
    "classify_sources",
    "search_schemas",
    "plan",
    "validate_plan",
    "execute_operations",
    "combine",
    "analyze_results",
    "generate_viz",
]


class SpreadHouse(House):
    """Asks *urls*, by default the business of `world`, written to *folder*."""

    def __init__(self, folder: Path, urls: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(folder, **more)
        sources = {name: SourceSettings(url=url) for name, url in (urls or world.write(folder)).items()}
        self.settings = self.settings.model_copy(update={"sources": sources, "scratch": f"{folder}/scratch"})
        self.folder = folder

    def plans(self, *plans: Plan | str, **script: Any) -> Scripted:
        """Have the model play these plans from now on."""
        self.catalog.at_hand = scripted = Scripted(Script(plans=list(plans), **script))
        return scripted

    async def ask(self, question: str = "?", **request: Any) -> Seen:
        return await super().ask(
            question, **{"pipeline": "federated", "sources": ["crm", "sales", "support"]} | request
        )

    async def create(self, question: str = "?", *more: Any, **request: Any) -> str:
        return await super().create(question, *more, **{"pipeline": "federated"} | request)

    async def joins(self, run_id: str) -> None:
        """Return once that run has begun to join."""
        async with asyncio.timeout(60), aclosing(self.engine.watch(LOCAL, run_id, 0)) as batches:
            async for batch in batches:
                for event in map(events.Event.FromString, batch):
                    assert not event.HasField("failed"), event
                    if event.operation_started.operation_id == "combine":
                        return

    async def asked(self, run_id: str, number: int) -> events.InputRequested:
        """Return the question that a run asks as its *number*-th, once it does."""
        found: list[events.InputRequested] = []
        async with asyncio.timeout(60), aclosing(self.engine.watch(LOCAL, run_id, 0)) as batches:
            async for batch in batches:
                told = map(events.Event.FromString, batch)
                found += [event.input_requested for event in told if event.HasField("input_requested")]
                if len(found) >= number:
                    return found[number - 1]
        raise AssertionError(f"the run ended after {len(found)} questions")

    def watched(self, name: str, before: Before = nothing) -> Watched:
        """Have *before* done before each query to the source *name* from now on."""
        return watch(self.catalog._sources, name, before)  # type: ignore[attr-defined]

    def unwatched(self) -> None:
        for name, source in self.catalog._sources.items():
            self.catalog._sources[name] = source._source if isinstance(source, Watched) else source

    @property
    def left(self) -> list[Path]:
        """The files that runs have left in the scratch folder."""
        # Unlike a glob, a walk does not mind folders that are removed meanwhile.
        return [Path(folder, name) for folder, _, names in os.walk(self.folder / "scratch") for name in names]


def rows(seen: Seen, table: str = "t-combine") -> list[tuple[Any, ...]]:
    """Return the rows of a table as they were said."""
    found: list[tuple[Any, ...]] = []
    for batch in seen.all("table_rows"):
        if batch.table_id == table:
            found += zip(*(_values(column, batch.row_count) for column in batch.columns), strict=True)
    return found


def _values(column: events.ColumnValues, count: int) -> Sequence[Any]:
    values = getattr(column, column.WhichOneof("values")).values
    nulls = int.from_bytes(column.nulls, "little")
    return [None if nulls >> row & 1 else values[row] for row in range(count)]

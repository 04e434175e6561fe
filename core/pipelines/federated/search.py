"""search_schemas: what of each chosen source matters to the question."""

import asyncio
from functools import partial

from core.errors import SourceError, SourceUnavailable
from core.pipeline import Step, step
from core.pipelines.answering.asking import source_of, values_known
from core.pipelines.answering.searching import matched
from core.pipelines.federated.results import Chosen, Landscape, Looked
from core.pipelines.federated.steps import SEARCH_SCHEMAS


@step(SEARCH_SCHEMAS)
async def search_schemas(step: Step, chosen: Chosen) -> Landscape:
    """Look at the sources side by side. Raises SourceUnavailable when none of them can be looked at."""
    step.progress(SEARCH_SCHEMAS.doing, 0.0)
    searching = _Searching(step, chosen)
    async with asyncio.TaskGroup() as group:
        for choice in chosen.choices:
            group.create_task(searching.look(choice.source))
    looked = [searching.found[one.source] for one in chosen.choices if one.source in searching.found]
    if not looked:
        raise SourceUnavailable(" ".join(searching.problems))
    step.summary(f"{sum(len(one.tables) for one in looked)} tables of {len(looked)} sources")
    return Landscape(question=chosen.question, today=chosen.today, looked=looked, problems=searching.problems)


class _Searching:
    def __init__(self, step: Step, chosen: Chosen) -> None:
        self._step, self._chosen = step, chosen
        self.found: dict[str, Looked] = {}
        self.problems: list[str] = []
        self._totals: dict[str, int] = {}

    async def look(self, name: str) -> None:
        """Find what matters in the source of that name; say so, or why it can't be looked at."""
        try:
            self.found[name] = await self._looked(name)
            said = f"Looked at {name}: {_kept(self.found[name], self._totals[name])}."
        except SourceError as error:
            said = f"{name} can't be looked at, so it is left out: {error.message}"
            self.problems.append(said)
        done = len(self.found) + len(self.problems)
        self._step.progress(said, done / len(self._chosen.choices), lasting=name not in self.found)

    def _heard(self, name: str, done: int, tables: int) -> None:
        over = len(self.found) + len(self.problems) + done / tables
        said = f"Looking at {name}: {done:,} of {tables:,} tables."
        self._step.progress(said, over / len(self._chosen.choices))

    async def _looked(self, name: str) -> Looked:
        run, question = self._step.run, self._chosen.question
        schema = await source_of(run, name).describe(partial(self._heard, name))
        await values_known(self._step, name)
        found = await matched(run.services, run.owner, schema, question)
        self._step.emit(found)
        self._totals[name] = len(schema.tables)
        return Looked(source=name, tables=list(found.tables), linked_values=list(found.linked_values))


def _kept(looked: Looked, total: int) -> str:
    kept = len(looked.tables)
    if kept < total:
        return f"kept {kept:,} of {total:,} tables"
    return f"{total:,} table{'s' if total != 1 else ''}"

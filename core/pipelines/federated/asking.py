"""What a run of `federated` may know and tell: its sources, their schemas, what a model is asked over several."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from core.errors import ModelError
from core.models import planner
from core.models.base import Ask, Turn
from core.models.language import LanguageModel
from core.models.plans import CrossAsk, Plan, Planner
from core.pipeline import Run, Step
from core.pipelines.answering.asking import indexed, part, source_of, values_known
from core.pipelines.federated.planning.prompted import PromptedPlanner
from core.pipelines.federated.results import Landscape
from levada.v1.catalog_pb2 import Schema

TURNS = 3


def planner_of(run: Run) -> Planner:
    """Return what plans for the run; a language model comes with the prompts of `federated`."""
    found = run.services.model(run.request.options.models.get("default", ""))
    if isinstance(found, LanguageModel):
        return PromptedPlanner(found, _offline())
    return found  # type: ignore[return-value]


def _offline() -> Planner:
    return planner()  # type: ignore[return-value]


async def cross_ask(step: Step, landscape: Landscape, hints: Sequence[str] = ()) -> CrossAsk:
    """Return everything a planner may know for the question of *landscape*, values of the sources included."""
    # A step may be the first that this server does of the run, and of its sources.
    await values_known(step, *landscape.sources)
    return await cross_ask_of(step.run, landscape, hints)


async def cross_ask_of(run: Run, landscape: Landscape, hints: Sequence[str] = ()) -> CrossAsk:
    """Return everything a planner may know for the question of *landscape* by now."""
    sources = {name: source_of(run, name) for name in landscape.sources}
    schemas = await asyncio.gather(*(source.describe() for source in sources.values()))
    turns: Sequence[Turn] = ()
    if run.request.conversation_id:
        turns = await run.services.history(run.owner, run.request.conversation_id, TURNS)
    looked = zip(landscape.looked, schemas, strict=True)
    return CrossAsk(
        question=landscape.question,
        schemas={one.source: part(schema, one.tables) for one, schema in looked},
        lookups={name: run.services.lookup(run.owner, name) for name in sources},
        languages={name: source.language for name, source in sources.items()},
        forms={name: source.form for name, source in sources.items() if source.form is not None},
        today=landscape.today,
        turns=turns,
        hints=tuple(hints),
    )


class SeveralSources:
    """Asking over the sources of *landscape* (core.pipelines.answering.asking.Asking)."""

    def __init__(self, run: Run, landscape: Landscape) -> None:
        self._run, self._landscape = run, landscape

    async def ask(self, question: str, hints: Sequence[str] = ()) -> Ask:
        await asyncio.gather(*(indexed(self._run, name) for name in self._landscape.sources))
        cross = await cross_ask_of(self._run, self._landscape)
        first = self._landscape.sources[0]
        schema = Schema(dialect="duckdb")
        for one in cross.schemas.values():
            schema.tables.extend(one.tables)
            schema.definitions.extend(one.definitions)
        linked = [value for one in self._landscape.looked for value in one.linked_values]
        return Ask(
            question=question,
            schema=schema,
            lookup=cross.lookups[first],
            today=cross.today,
            linked_values=linked,
            hints=tuple(hints),
        )

    async def answerable(self, question: str) -> bool:
        landscape = self._landscape.model_copy(update={"question": question})
        try:
            stream = _offline().plan(await cross_ask_of(self._run, landscape))
            async with aclosing(stream):  # type: ignore[type-var]
                async for piece in stream:
                    if isinstance(piece, Plan):
                        return True
        except ModelError:
            return False
        return False

"""What a run of `query` may know and tell: its source, the part of the schema that matters, what a model is asked."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from core.errors import NotFound, Reason, SourceError
from core.identity import sees_prompts
from core.models import planner
from core.models.base import Ask, Model
from core.models.drafting import drafts
from core.models.language import LanguageModel
from core.pipeline import Run, Step
from core.pipelines.answering.prompted import Prompted
from core.pipelines.answering.relevance.tables import key
from core.pipelines.answering.results import Context
from core.sources.base import Source
from levada.v1.catalog_pb2 import Schema

INDEX_SECONDS = 5.0


def source_of(run: Run, name: str) -> Source:
    """Return the source of that name. Raises NotFound when the run's owner may not ask it (any more)."""
    sources = run.services.sources(run.owner)
    if name not in sources:
        raise unknown_source(name, list(sources))
    return sources[name]


def unknown_source(name: str, known: Sequence[str]) -> NotFound:
    there = f"There {'is' if len(known) == 1 else 'are'}: {', '.join(known)}." if known else "None is configured."
    return NotFound(
        f"There is no source named “{name}” that you may ask. {there}",
        reason=Reason.ERROR_REASON_UNKNOWN_SOURCE,
        details={"source": name},
    )


def model_of(run: Run) -> Model:
    """Return the model that the run asks; a language model comes with the prompts of `query`."""
    chosen = run.request.options.models
    found = run.services.model(chosen.get("default", ""))
    if not isinstance(found, LanguageModel):
        return found
    # Whoever chose a model for a run meant it for all that is not chosen too.
    quick = run.services.model(chosen.get("fast") or chosen.get("default", ""), "fast")
    return Prompted(found, planner(), quick)


def language_of(run: Run) -> LanguageModel | None:
    """Return the language model that the run asks, for work that no planner does in its place; None without one."""
    model = model_of(run)
    return model.language if isinstance(model, Prompted) else None


async def indexed(run: Run, source: str) -> str:
    """Wait a little for the values of a source that was just started: names and last days are known by them.

    Return what is to be told when they were not known in time, else "".
    """
    with suppress(SourceError):  # whoever asks it will be told
        try:
            async with asyncio.timeout(INDEX_SECONDS):
                await run.services.indexed(run.owner, source)
        except TimeoutError:
            return (
                f"The values in {source} are still being read: names in the question, and the last day that there is "
                "data of, may not be recognised yet."
            )
    return ""


async def values_known(step: Step, *sources: str) -> None:
    """Wait a little for the values of *sources*; say of each where they were not known in time."""
    for said in await asyncio.gather(*(indexed(step.run, source) for source in sources)):
        if said:
            step.progress(said, lasting=True)


def part(schema: Schema, tables: Sequence[str]) -> Schema:
    """Return *schema* with only *tables*, in that order."""
    by_name = {key(table): table for table in schema.tables}
    kept = Schema(
        source=schema.source, dialect=schema.dialect, definitions=schema.definitions, problems=schema.problems
    )
    kept.tables.extend(by_name[name] for name in tables if name in by_name)
    return kept


async def ask(step: Step, context: Context, question: str, hints: Sequence[str] = ()) -> Ask:
    """Return everything a model may know for *question*, values of the source included."""
    # A step may be the first that this server does of the run, and of its source.
    await values_known(step, context.source)
    return await ask_of(step.run, context, question, hints)


async def ask_of(run: Run, context: Context, question: str, hints: Sequence[str] = ()) -> Ask:
    """Return everything a model may know for *question* by now."""
    source = source_of(run, context.source)
    return Ask(
        question=question,
        schema=part(await source.describe(), context.tables),
        lookup=run.services.lookup(run.owner, context.source),
        today=context.today,
        linked_values=context.linked_values,
        similar=context.similar,
        turns=context.turns,
        hints=tuple(hints),
        candidates=run.request.options.candidates or 1,
        language=source.language,
        form=source.form,
    )


class Asking(Protocol):
    """What an answer is put into words with, and what tells which questions may follow it."""

    async def ask(self, question: str, hints: Sequence[str] = ()) -> Ask:
        """Return everything a model may know for *question*; *hints* are what else is known, in words."""

    async def answerable(self, question: str) -> bool:
        """Tell whether *question* can be answered here, without a language model being paid for it."""


class OneSource:
    """Asking over the source of *context*."""

    def __init__(self, run: Run, context: Context) -> None:
        self._run, self._context = run, context

    async def ask(self, question: str, hints: Sequence[str] = ()) -> Ask:
        # All that hangs on values by now is which questions may follow: nothing is said where they come late.
        await indexed(self._run, self._context.source)
        return await ask_of(self._run, self._context, question, hints)

    async def answerable(self, question: str) -> bool:
        model = model_of(self._run)
        return await drafts(planner() if isinstance(model, Prompted) else model, await self.ask(question))


def shown(run: Run, query: str) -> str:
    """Return *query* as the run's owner may see it: nothing unless their role allows."""
    return query if sees_prompts(run.owner) else ""

"""Pipelines small enough to see through, and an engine over a store of its own, for tests of the doors."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

from core.engine import Engine
from core.pipeline import Ending, Pipeline, Run, Step, StepSpec, step
from core.settings import Limits, Settings
from core.sources.base import Source
from levada.v1 import event_pb2 as events

COUNT = StepSpec("count", "Count", "Counting…", "🔢", events.CATEGORY_ACTION, 0.2)
DREAM = StepSpec("dream", "Dream", "Dreaming…", "💤", events.CATEGORY_ACTION, 0.2)


@step(COUNT)
async def count(step: Step, most: int) -> None:
    for number in range(most):
        step.text(events.CHANNEL_ANSWER, f"{number} ")
        if number % 10 == 0:
            await step.flush()


@step(DREAM)
async def dream(step: Step) -> None:
    step.text(events.CHANNEL_ANSWER, "…")
    await asyncio.Event().wait()


async def counting(run: Run) -> Ending:
    """Count as far as the question says."""
    await run.step(count, int(run.request.question))
    return Ending(events.OUTCOME_ANSWERED, "Counted.")


async def dreaming(run: Run) -> Ending:
    """Never end."""
    await run.step(dream)
    return Ending(events.OUTCOME_ANSWERED, "Woke up.")


def toy(name: str, run, *steps: StepSpec) -> Pipeline:
    return Pipeline(name, name.title(), run.__doc__ or "", steps, run, lambda *_: None, lambda *_: ["100"])


COUNTING = toy("counting", counting, COUNT)
DREAMING = toy("dreaming", dreaming, DREAM)
TOYS = (COUNTING, DREAMING)


def services(*sources: Source, limits: Limits | None = None) -> SimpleNamespace:
    """Return what toys may use of the house."""
    return SimpleNamespace(limits=limits or Limits(), sources=lambda owner: {source.name: source for source in sources})


@asynccontextmanager
async def engine(
    folder: Path, pipelines: Sequence[Pipeline] = TOYS, settings: Settings | None = None
) -> AsyncIterator[Engine]:
    """Run an engine over a store in *folder*."""
    url = f"sqlite:///{folder}/toys.db"
    found = settings or Settings(store=url)
    async with Engine(found.model_copy(update={"store": url}), pipelines, services(limits=found.limits)) as running:
        yield running

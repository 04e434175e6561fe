"""classify_sources: which sources a question needs, best first, each with the reason."""

import asyncio
import datetime
from contextlib import suppress

from core.errors import ModelOutputInvalid, ModelUnavailable, SourceError
from core.pipeline import Run, Step, step
from core.pipelines.answering import choosing
from core.pipelines.answering.asking import language_of, source_of
from core.pipelines.federated.planning.prompted import chosen_by
from core.pipelines.federated.results import Choice, Chosen
from core.pipelines.federated.steps import CLASSIFY_SOURCES
from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import SourceChoice, SourcesSelected

LOOK_SECONDS = 10.0


@step(CLASSIFY_SOURCES)
async def classify_sources(step: Step) -> Chosen:
    """Choose the sources to ask."""
    step.progress(CLASSIFY_SOURCES.doing)
    run = step.run
    choices = _given(run) or await _chosen(step)
    told = [SourceChoice(source=one.source, cause=one.cause) for one in choices]
    step.emit(SourcesSelected(sources=told))
    step.summary(", ".join(one.source for one in choices))
    today = datetime.datetime.now(datetime.UTC).date()
    return Chosen(question=run.request.question, today=today, choices=choices)


def _given(run: Run) -> list[Choice]:
    if operations := run.request.federated.operations:
        named = dict.fromkeys(operation.source for operation in operations if operation.source)
        known = [name for name in named if name in run.services.sources(run.owner)]
        return [Choice(source=name, cause="The plan asks it.") for name in known]
    return [Choice(source=name, cause="It was asked for.") for name in dict.fromkeys(run.request.sources)]


async def _chosen(step: Step) -> list[Choice]:
    run = step.run
    names = list(run.services.sources(run.owner))
    if len(names) == 1:
        return [Choice(source=names[0], cause="It is the only source.")]
    schemas = await _schemas(run, names)
    if (model := language_of(run)) is not None:
        descriptions = {name: source_of(run, name).description for name in names}
        try:
            return await chosen_by(model, run.request.question, schemas, descriptions)
        except (ModelUnavailable, ModelOutputInvalid) as error:
            step.progress(f"{error.message} The sources are chosen by rule.", lasting=True)
    lookups = {name: run.services.lookup(run.owner, name) for name in names}
    found = await asyncio.to_thread(choosing.choose, run.request.question, schemas, lookups)
    return [Choice(source=one.source, cause=one.cause) for one in found]


async def _schemas(run: Run, names: list[str]) -> dict[str, Schema]:
    """Return what can be looked at in time; a source that is down is chosen by its name alone."""
    schemas = {name: Schema(source=name) for name in names}

    async def look(name: str) -> None:
        with suppress(SourceError, TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                schemas[name] = await source_of(run, name).describe()

    async with asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(look(name))
    return schemas

"""classify_sources: which sources a question needs, best first, each with the reason."""

import asyncio
import datetime
from collections.abc import Sequence

from core.errors import ModelOutputInvalid, ModelUnavailable
from core.pipeline import Run, Schemas, Step, step
from core.pipelines.answering import choosing
from core.pipelines.answering.asking import language_of, source_of, values_known
from core.pipelines.federated.planning.prompted import chosen_by
from core.pipelines.federated.results import Choice, Chosen
from core.pipelines.federated.steps import CLASSIFY_SOURCES
from levada.v1.event_pb2 import SourceChoice, SourcesSelected


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
    schemas = await looked_at(step, names)
    found = await chosen(step, run.request.question, schemas)
    return [Choice(source=one.source, cause=one.cause) for one in found]


async def looked_at(step: Step, names: Sequence[str]) -> Schemas:
    """Return what the sources of *names* hold, as far as they can be looked at in time; say of each that it was."""
    services, owner = step.run.services, step.run.owner
    async with asyncio.TaskGroup() as group:
        looking = group.create_task(services.schemas(owner, names, step.progress))
        group.create_task(values_known(step, *names))
    schemas = looking.result()
    for problem in schemas.problems.values():
        step.progress(problem, lasting=True)
    return schemas


async def chosen(step: Step, question: str, schemas: Schemas) -> Sequence[choosing.Choice]:
    """Choose the sources to ask, best first: a language model does where there is one, else it is done by rule."""
    run = step.run
    if (model := language_of(run)) is not None:
        descriptions = {name: source_of(run, name).description for name in schemas.schemas}
        try:
            found = await chosen_by(model, question, schemas.schemas, descriptions)
            return [choosing.Choice(one.source, one.cause) for one in found]
        except (ModelUnavailable, ModelOutputInvalid) as error:
            step.progress(f"{error.message} The sources are chosen by rule.", lasting=True)
    lookups = {name: run.services.lookup(run.owner, name) for name in schemas.schemas}
    return await asyncio.to_thread(choosing.choose, question, schemas, lookups)

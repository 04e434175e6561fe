"""classify_sources of `auto`: which sources a question needs, why, and so which pipeline answers it."""

import datetime
from collections.abc import Sequence

from core.models import planner
from core.models.base import Ask, Intent, Turn
from core.pipeline import Run, Schemas, Step, step
from core.pipelines.answering.asking import language_of, part
from core.pipelines.answering.choosing import DOCUMENTS, Choice
from core.pipelines.answering.searching import relevant
from core.pipelines.auto.deciding import decide, only, understood
from core.pipelines.auto.results import Route
from core.pipelines.auto.steps import AHEAD
from core.pipelines.federated import results
from core.pipelines.federated.classify import chosen, looked_at
from core.pipelines.federated.steps import CLASSIFY_SOURCES
from levada.v1.event_pb2 import SourceChoice, SourcesSelected

TURNS = 3


@step(CLASSIFY_SOURCES)
async def classify_question(step: Step) -> Route:
    """Choose the sources to ask, and who asks them."""
    step.progress(CLASSIFY_SOURCES.doing)
    run = step.run
    today = datetime.datetime.now(datetime.UTC).date()
    names = list(dict.fromkeys(run.request.sources)) or list(run.services.sources(run.owner))
    schemas = await looked_at(step, names)
    question, before = await _followed(run, schemas, today)
    choices = [*only(run.request.sources, names)] or await chosen(step, question, schemas)
    if before and not choices[0].certain:
        choices = [Choice(before, "The conversation is about it.")]
    elif documents := await _documents(run, question, schemas, choices):
        choices = [documents]
    pipeline, cause = await decide(run.services, run.owner, question, schemas, choices)
    step.emit(
        SourcesSelected(
            sources=[SourceChoice(source=one.source, cause=one.cause) for one in choices],
            pipeline=pipeline,
            cause=cause,
            steps=[spec.info(run.estimate(spec)) for spec in AHEAD[pipeline]],
        )
    )
    step.summary(cause)
    told = [results.Choice(source=one.source, cause=one.cause) for one in choices]
    return Route(question=question, today=today, choices=told, pipeline=pipeline, cause=cause)


async def _documents(run: Run, question: str, schemas: Schemas, choices: Sequence[Choice]) -> Choice | None:
    """Return the documents to search in place of the one source chosen, where they may tell what that can't.

    A language model has weighed that already, and whoever names a source means it.
    """
    name = choices[0].source
    there = [other for other, schema in schemas.schemas.items() if schema.dialect == DOCUMENTS and other != name]
    data = name in schemas.schemas and schemas.schemas[name].dialect != DOCUMENTS
    if not there or not data or len(choices) > 1 or run.request.sources or language_of(run) is not None:
        return None
    if await understood(run.services, run.owner, question, schemas, name):
        return None
    return Choice(there[0], f"{name} has no answer to it that is sure enough; the documents may hold it.")


async def _followed(run: Run, schemas: Schemas, today: datetime.date) -> tuple[str, str]:
    """Return the whole question, where it leaves out what the conversation said, and the source that this was about."""
    question, conversation = run.request.question, run.request.conversation_id
    turns = await run.services.history(run.owner, conversation, TURNS) if conversation else ()
    before = turns[-1].source if turns else ""
    if before not in schemas.schemas:
        return question, ""
    return await _whole(run, schemas, turns, today), before


async def _whole(run: Run, schemas: Schemas, turns: Sequence[Turn], today: datetime.date) -> str:
    question, source = run.request.question, turns[-1].source
    schema = schemas.schemas[source]
    ask = Ask(
        question=question,
        schema=part(schema, await relevant(run.services, run.owner, schema, question)),
        lookup=run.services.lookup(run.owner, source),
        today=today,
        turns=turns,
    )
    said = await planner().classify(ask)
    return said.question if said.intent is Intent.FOLLOW_UP else question

"""classify_intent: what kind of question it is, over which source, and how it is understood."""

import datetime
from collections.abc import Sequence

from core.errors import SourceUnavailable
from core.models.base import Ask, Intent, Turn
from core.pipeline import Run, Step, step
from core.pipelines.answering.asking import model_of, source_of, values_known
from core.pipelines.answering.results import Reading
from core.pipelines.query.steps import CLASSIFY_INTENT
from levada.v1.catalog_pb2 import Schema
from levada.v1.event_pb2 import CHANNEL_ANSWER, FollowUps, SourceChoice, SourcesSelected, TextCompleted

TURNS = 3


@step(CLASSIFY_INTENT)
async def classify_intent(step: Step, question: str, before: Sequence[Turn] = (), source: str = "") -> Reading:
    """Read *question*; *before* are turns within this run, after those of the conversation.

    *source* was chosen, and told, before; otherwise it is done here.
    """
    run = step.run
    choice = SourceChoice(source=source) if source else choose_source(run)
    if not source:
        step.emit(SourcesSelected(sources=[choice]))
    today = datetime.datetime.now(datetime.UTC).date()
    if run.request.query.query:
        return Reading(
            source=choice.source, intent=Intent.SIMPLE, cause="The query was given.", question=question, today=today
        )
    asked = await _ask(step, choice.source, question, before, today)
    said = await model_of(run).classify(asked)
    followed = list(asked.turns) if said.intent is Intent.FOLLOW_UP else []
    reading = Reading(source=choice.source, today=today, turns=followed, **said.model_dump())
    if reading.intent in (Intent.GREETING, Intent.ABOUT):
        reading.reply = _reply(step, reading)
    elif reading.question.strip() != question.strip():
        step.progress(f"Understood as: {reading.question}")
    step.summary(reading.cause)
    return reading


def choose_source(run: Run) -> SourceChoice:
    """Return the source that was asked for, else the default one. Pipeline.check saw to it that there is one."""
    if run.request.sources:
        return SourceChoice(source=run.request.sources[0], cause="It was asked for.")
    names = list(run.services.sources(run.owner))
    cause = "It is the only source." if len(names) == 1 else "It is the default source."
    return SourceChoice(source=names[0], cause=cause)


async def _ask(step: Step, source: str, question: str, before: Sequence[Turn], today: datetime.date) -> Ask:
    run = step.run
    turns: Sequence[Turn] = ()
    if run.request.conversation_id:
        turns = await run.services.history(run.owner, run.request.conversation_id, TURNS)
    await values_known(step, source)
    return Ask(
        question=question,
        schema=await _schema(run, source),
        lookup=run.services.lookup(run.owner, source),
        today=today,
        turns=[*turns, *before][-TURNS:],
    )


async def _schema(run: Run, name: str) -> Schema:
    # A greeting must not need the source; a question will meet the failure in fetch_context.
    source = source_of(run, name)
    try:
        return await source.describe()
    except SourceUnavailable:
        return Schema(source=name, dialect=source.dialect)


def _reply(step: Step, reading: Reading) -> str:
    run = step.run
    samples = list(run.services.samples(run.owner, reading.source))[:3]
    paragraphs = [_greeting(reading.intent), _sources(run)]
    if samples:
        paragraphs.append("You could ask:\n" + "\n".join(f"- {question}" for question in samples))
        step.emit(FollowUps(questions=samples))
    reply = "\n\n".join(paragraphs)
    step.text(CHANNEL_ANSWER, reply)
    step.emit(TextCompleted(channel=CHANNEL_ANSWER, text=reply))
    return reply


def _greeting(intent: Intent) -> str:
    if intent is Intent.GREETING:
        return "Hello! Ask me a question of your data, in plain words."
    return (
        "I am Levada. Ask a question of your data in plain words: I write a query, check that it only reads, run it, "
        "and show you the rows, what stands out in them and a chart, each step as it happens."
    )


def _sources(run: Run) -> str:
    lines = [
        f"- **{name}**: {source.description}" if source.description else f"- **{name}**"
        for name, source in run.services.sources(run.owner).items()
    ]
    return "I can ask:\n" + "\n".join(lines)

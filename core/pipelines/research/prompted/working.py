"""A task in the hands of a language model: rounds of calls, each a step; what they ask are stories within the task.

A crash costs the call that was under way: the conversation is made anew from what the others gave.
"""

from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from pydantic import BaseModel

from core.errors import LevadaError, ModelError, NotUnderstood, StoreError
from core.models.language import Delta, Finish, LanguageModel, Message, Prompt, ToolCall
from core.models.stops import whole
from core.models.tools import Calling, Miscalled, converse
from core.pipeline import Step, StepSpec, one_of
from core.pipelines.answering import material as shown
from core.pipelines.answering.passages import knowledge_sources
from core.pipelines.answering.prompted import room_of
from core.pipelines.answering.prose import Citations, Prose
from core.pipelines.research.asked import ask_data, data_sources, search, try_name
from core.pipelines.research.prompted import forms, material
from core.pipelines.research.prompted.material import PROMPTS
from core.pipelines.research.results import Found, Query, Task
from core.pipelines.research.workflow import Background
from core.pipelines.within import asking_step
from core.prompts import Ours, quoted
from levada.v1.event_pb2 import CATEGORY_ACTION, CATEGORY_THINKING, CHANNEL_CONTRIBUTION, TextCompleted

MOST_ROUNDS, MOST_CALLS = 6, 4
LAST_ROUND = "This is the last round: call finish with what was found."

TURN = StepSpec(
    name="turn",
    title="Thinking about what to ask...",
    doing="Thinking about what to ask...",
    icon="💭",
    category=CATEGORY_THINKING,
    progress=0.10,
    seconds=180,
    conditional=True,
)
SEARCH = StepSpec(
    name="search_documents",
    title="Searching documents...",
    doing="Searching documents...",
    icon="📚",
    category=CATEGORY_ACTION,
    progress=0.10,
    seconds=60,
    conditional=True,
)


class Called(BaseModel):
    """A call as the model wrote it: what it asks of the data or of documents, or what is *wrong* with it."""

    id: str
    name: str
    arguments: str
    question: str = ""
    sources: list[str] = []
    text: str = ""
    wrong: str = ""


class Turned(BaseModel):
    """What the model did in a round; *findings* are what it ends with, None while it goes on."""

    text: str = ""
    calls: list[Called] = []
    findings: str | None = None


@dataclass
class Conversation:
    """The rounds so far: turns, and what each call of theirs was told."""

    rounds: list[tuple[Turned, list[str]]] = field(default_factory=list)
    found: Found = field(default_factory=Found)

    def messages(self) -> Iterator[Message]:
        for turned, told in self.rounds:
            yield Message("assistant", turned.text, [ToolCall(one.id, one.name, one.arguments) for one in turned.calls])
            for called, answer in zip(turned.calls, told, strict=True):
                yield Message("tool", answer, call_id=called.id)

    def take(self, found: Found) -> None:
        queries, passages = [*self.found.queries, *found.queries], {**self.found.passages, **found.passages}
        self.found = Found(queries=queries, passages=passages)


async def work_with(step: Step, model: LanguageModel, task: Task, question: str, background: Background) -> Found:
    """Have *model* find out what *question* asks for. Raises NotUnderstood when it found nothing; ModelError."""
    prompt = _prompt(step, model, task, question, background)
    conversation, number, name = Conversation(), 0, try_name(step, task)
    for left in range(MOST_ROUNDS - 1, -1, -1):
        messages = [*prompt.messages, *conversation.messages(), *([] if left else [Message("user", LAST_ROUND)])]
        turned = await step.run.step(one_of(_turn, TURN), model, replace(prompt, messages=messages), _tools(step, task))
        told: list[str] = []
        for called in turned.calls:
            number += bool(called.question or called.text)
            told.append(await _answered(step, task, called, background, f"{name}-{number}", conversation))
        conversation.rounds.append((turned, told))
        if turned.findings is not None or not turned.calls:
            break
    last = conversation.rounds[-1][0]
    return _held(step, question, last.findings or last.text, conversation.found, background)


async def _turn(step: Step, model: LanguageModel, prompt: Prompt, tools: Sequence[str]) -> Turned:
    turned, due = Turned(), 0
    there = forms.tools(data="ask_data" in tools, documents="search_documents" in tools)
    async with aclosing(converse(model, prompt, there, most=1)) as pieces:
        async for piece in pieces:
            match piece:
                case Delta():
                    turned.text += piece.text
                case Finish():
                    due = len(piece.calls)
                    if not due:
                        whole(piece, model.name)
                case Calling() | Miscalled():
                    turned.calls.append(_called(piece, len(turned.calls)))
                    if isinstance(piece, Calling) and isinstance(piece.arguments, forms.Finish):
                        turned.findings = piece.arguments.findings
                    if len(turned.calls) == due:
                        break
    for called in turned.calls:
        if asked := called.question or called.text:
            step.progress(f"Wants to know: {asked}")
    step.summary("Knows enough" if turned.findings is not None else f"{len(turned.calls)} calls")
    return turned


def _called(piece: Calling | Miscalled, before: int) -> Called:
    called = Called(id=piece.call.id, name=piece.call.name, arguments=piece.call.arguments)
    if isinstance(piece, Miscalled):
        called.wrong = piece.problem
        return called
    match piece.arguments:
        case forms.Finish():
            called.wrong = "It ends now."
        case _ if before >= MOST_CALLS:
            called.wrong = f"Error: a round has at most {MOST_CALLS} calls. Ask again in the next one."
        case forms.AskData(question=question, sources=sources):
            called.question, called.sources = question.strip(), sources
        case forms.SearchDocuments(text=text):
            called.text = text.strip()
    if not (called.wrong or called.question or called.text):
        called.wrong = "Error: nothing was asked."
    return called


def _tools(step: Step, task: Task) -> list[str]:
    data, documents = task.sources or data_sources(step), knowledge_sources(step.run)
    return [*(["ask_data"] if data else []), *(["search_documents"] if documents else [])]


async def _answered(
    step: Step, task: Task, called: Called, background: Background, name: str, conversation: Conversation
) -> str:
    """Return what a call is told, having done what it asks for under *name*; a failure is told too."""
    if called.wrong:
        return called.wrong
    try:
        if called.text:
            found = await step.run.step(one_of(_searched, SEARCH), called.text, name)
        else:
            asked = one_of(_asked, asking_step(name, called.question))
            found = await step.run.step(asked, called.question, _sources(step, task, called), background, name)
    except ModelError as error:
        if not isinstance(error, NotUnderstood):
            raise
        return f"Error: {quoted(error.message, shown.MESSAGE)}"
    except StoreError:
        raise
    except LevadaError as error:
        return f"Error: {quoted(error.message, shown.MESSAGE)}"
    conversation.take(found)
    return "\n".join(material.given(found)) or "Nothing was found."


async def _asked(step: Step, question: str, sources: Sequence[str], background: Background, name: str) -> Found:
    found = await ask_data(step, question, sources, background, name)
    step.summary(found.text)
    return found


async def _searched(step: Step, text: str, name: str) -> Found:
    found = await search(step, text, name)
    step.summary(f"{len(found.passages)} passages")
    return found


def _sources(step: Step, task: Task, called: Called) -> list[str]:
    """Return the sources that a call is to ask: those that it names, as far as the task may ask them."""
    allowed = task.sources or list(data_sources(step))
    return [name for name in called.sources if name in allowed] or allowed


def _held(step: Step, question: str, findings: str, found: Found, background: Background) -> Found:
    """Return *findings* as far as they rest on what was *found*, or was known before. Raises NotUnderstood."""
    if not found.queries and not found.passages:
        raise NotUnderstood(f"Nothing was found out about this: {findings.strip()[:500] or 'no source was asked.'}")
    held = [(Task(id="this", name="", objective=question), found), *background.before]
    prose = Prose(Citations(material.facts(held, question)).admit)
    text = "".join([*prose.add(findings), *prose.rest()]).strip() or "\n".join(_computed(found.queries))
    step.text(CHANNEL_CONTRIBUTION, text)
    step.emit(TextCompleted(channel=CHANNEL_CONTRIBUTION, text=text))
    return Found(text=text, queries=found.queries, passages=found.passages)


def _computed(queries: Sequence[Query]) -> Iterator[str]:
    for query in queries:
        yield from (f"- {finding.text} [{query.id}]" for finding in query.findings[:3])


def _prompt(step: Step, model: LanguageModel, task: Task, question: str, background: Background) -> Prompt:
    known = [Ours(f"{quoted(str(name))}: {quoted(str(value))}") for name, value in background.values.items()]
    known += [material.told(before, found, material.MOST_ROWS) for before, found in background.before]
    documents = bool(knowledge_sources(step.run))
    text = PROMPTS.render(
        "research_task",
        room_of(model) // 2,
        sources=material.sources(step, task.sources),
        known=known,
        documents=documents,
        research=quoted(step.run.request.question, shown.QUESTION),
        objective=quoted(question, shown.QUESTION),
        task=Ours(try_name(step, task)),
        rounds=MOST_ROUNDS,
        most=MOST_CALLS,
    )
    return Prompt(text.system, [Message("user", text.user)], key=text.key)

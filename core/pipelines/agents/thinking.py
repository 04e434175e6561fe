"""think: one turn of an agent's model, which says something or asks to look something up. Turns are checkpoints."""

from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from pydantic import BaseModel, Field

from core.models import calls
from core.models.language import Delta, Finish, LanguageModel, Message, Prompt, Tool, ToolCall
from core.models.stops import whole
from core.models.tools import Calling, Miscalled, converse
from core.pipeline import Run, Step, step
from core.pipelines.agents.asking import KNOWLEDGE, PIPELINES, data_sources
from core.pipelines.agents.results import Evidence
from core.pipelines.agents.roles import Role
from core.pipelines.agents.speaking import Heard
from core.pipelines.agents.steps import THINK
from core.pipelines.answering.passages import knowledge_sources
from levada.v1.event_pb2 import CHANNEL_CONTRIBUTION, TextCompleted

MOST_WORDS = 200
MOST_CALLS = 3
TOO_MANY = f"Error: {MOST_CALLS} calls are answered at once. Call again for what you still need."
LAST_TURN = "You have no more calls: contribute now, with what is known."


class Question(BaseModel):
    """What is to be looked up."""

    question: str = Field(min_length=1, max_length=2_000, description="One whole question that stands by itself.")


class Called(BaseModel):
    """A call as the model wrote it. *problem* says why it is not done; otherwise *question* goes to *tool*."""

    id: str
    tool: str
    arguments: str
    question: str = ""
    problem: str = ""


class Turned(BaseModel):
    """What the model said in one turn, and what it wants looked up. *cut*: it was stopped for saying too much."""

    text: str = ""
    cut: bool = False
    calls: list[Called] = []
    prompts: list[str] = []
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass
class Look:
    """What came of a call: what the model is told, and what can be cited."""

    told: str
    evidence: Sequence[Evidence] = ()


@dataclass
class Thought:
    """A turn and what its calls gave, in order."""

    turned: Turned
    looks: list[Look] = field(default_factory=list)

    def messages(self) -> Iterator[Message]:
        calls = [ToolCall(call.id, call.tool, call.arguments) for call in self.turned.calls]
        yield Message("assistant", self.turned.text, calls)
        for call, look in zip(self.turned.calls, self.looks, strict=True):
            yield Message("tool", look.told, call_id=call.id)


def tools(run: Run, role: Role) -> list[Tool]:
    """Return the tools of *role* that there is something behind, as its model is offered them."""
    there = {KNOWLEDGE: bool(knowledge_sources(run)), **dict.fromkeys(PIPELINES, bool(data_sources(run)))}
    return [Tool(name, _described(name), Question) for name in role.tools if there[name]]


def _described(name: str) -> str:
    if name == KNOWLEDGE:
        return "Search the documents for passages about a question."
    return "Have a question answered from the data sources: figures, rankings, trends, lists."


@step(THINK)
async def think(step: Step, model: LanguageModel, prompt: Prompt, offered: Sequence[Tool], aloud: list[str]) -> Turned:
    """Have *model* take a turn; what it says is told as it comes, and put into *aloud*. Raises ModelError."""
    turned, pieces, heard = Turned(), list[str](), Heard()
    with calls.listening(heard):
        async with aclosing(converse(model, prompt, offered, most=1)) as stream:
            due = 0
            async for piece in stream:
                match piece:
                    case Delta():
                        pieces.append(piece.text)
                        aloud.append(piece.text)
                        step.text(CHANNEL_CONTRIBUTION, piece.text)
                        if len("".join(pieces).split()) > MOST_WORDS:
                            turned.cut = True
                            break
                    case Finish():
                        due = len(piece.calls)
                        if not due:
                            whole(piece, model.name)
                    case Calling() | Miscalled():
                        turned.calls.append(_called(piece, len(turned.calls)))
                        if len(turned.calls) == due:
                            break
    turned.text = "".join(pieces)
    turned.prompts, turned.input_tokens, turned.output_tokens = heard.prompts, heard.input_tokens, heard.output_tokens
    if pieces:
        step.emit(TextCompleted(channel=CHANNEL_CONTRIBUTION, text=turned.text))
    step.summary(", ".join(f"asks {call.tool}" for call in turned.calls))
    return turned


def _called(piece: Calling | Miscalled, before: int) -> Called:
    called = Called(id=piece.call.id, tool=piece.call.name, arguments=piece.call.arguments)
    if isinstance(piece, Miscalled):
        called.problem = piece.problem
    elif before >= MOST_CALLS:
        called.problem = TOO_MANY
    elif isinstance(piece.arguments, Question):
        called.question = " ".join(piece.arguments.question.split())
    return called

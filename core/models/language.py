"""What every language model can do, whoever serves it: write text, fill in a form, call tools, piece by piece.

Providers implement `LanguageModel.stream` and nothing else; timeouts, retries, accounting and the reading of structured
answers are built once, on top of it.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from pydantic import BaseModel


class Stop(StrEnum):
    """Why a model stopped."""

    DONE = "stop"
    LENGTH = "length"
    TOOLS = "tool_calls"
    REFUSAL = "refusal"
    FILTER = "content_filter"


class Form(StrEnum):
    """How a model can be held to a form: best first."""

    SCHEMA = "schema"  # the vendor's own structured outputs, or a grammar
    TOOL = "tool"  # a tool that it must call, whose parameters are the form
    JSON = "json"  # any JSON object
    TEXT = "text"  # only by being asked to


@dataclass(frozen=True)
class Tool:
    """Something a model may call; *parameters* is the form of its arguments."""

    name: str
    description: str
    parameters: type[BaseModel]


@dataclass(frozen=True)
class ToolCall:
    """A call as the model wrote it; *arguments* is JSON text, not checked yet."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Message:
    """One message of a conversation: of the "user", the "assistant" (perhaps with *calls*) or a "tool" (*call_id*)."""

    role: str
    text: str
    calls: Sequence[ToolCall] = ()
    call_id: str = ""


@dataclass(frozen=True)
class Prompt:
    """One call. *key* names the template and version.

    *form* asks for an answer of that form in the way *held* says; for JSON and TEXT *system* has it in words already.
    """

    system: str
    messages: Sequence[Message]
    form: type[BaseModel] | None = None
    held: Form = Form.SCHEMA
    tools: Sequence[Tool] = ()
    temperature: float | None = 0.0
    max_tokens: int = 4_096
    key: str = ""


@dataclass(frozen=True)
class Usage:
    """Tokens of one call. *read* includes what came from the vendor's cache (*cached*) or was put there (*stored*)."""

    read: int = 0
    written: int = 0
    cached: int = 0
    stored: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of text, or of the form's JSON, as it arrived."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """A piece of what the model thinks aloud, where the vendor shows it."""

    text: str


@dataclass(frozen=True)
class Finish:
    """The end of an answer, last: why, with which tool calls, and what it took. *model* is the name the vendor gave."""

    stop: Stop
    calls: Sequence[ToolCall] = ()
    usage: Usage | None = None
    model: str = ""
    reason: str = ""  # in the vendor's words
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Alive:
    """More came that is told only at the end, such as a call's arguments: no time for impatience. Not handed on."""


Piece = Delta | Thought | Alive | Finish


@runtime_checkable
class LanguageModel(Protocol):
    """One model of one vendor."""

    name: str
    provider: str

    @property
    def forms(self) -> Sequence[Form]:
        """Return how it can be held to a form, best first."""

    def stream(self, prompt: Prompt) -> AsyncGenerator[Piece, None]:
        """Send *prompt* and yield what comes as it comes, a Finish last. Closing the generator closes the connection.

        Raises ModelError and its kinds: ModelUnavailable (retryable, *retry_after* when the vendor said so),
        ModelRejected (the request can't succeed as it is: key, model name, too long), never the SDK's own.
        """

    async def close(self) -> None:
        """Close connections."""


@runtime_checkable
class Bounded(Protocol):
    """A model of which the settings may say how many tokens prompt and answer have together: *context*, 0 if not."""

    context: int

"""Reads the chunks of Chat Completions as pieces, from OpenAI and from servers that only resemble it.

The SDK's own types are not checked when they are built, and building them takes 25 times as long; so what is read here
is checked here, and nothing else matters.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from core.models.language import Alive, Delta, Finish, Piece, Stop, Thought, ToolCall, Usage
from core.models.openai.api import Failed, Unfinished

_STOPS = {
    "length": Stop.LENGTH,
    "tool_calls": Stop.TOOLS,
    "function_call": Stop.TOOLS,
    "content_filter": Stop.FILTER,
}


# OpenRouter's word for a provider that broke down, and that of vLLM and SGLang for an answer that they gave up.
_BROKE = {"error", "abort"}


class _Function(BaseModel):
    name: str | None = None
    arguments: str | None = None


class _Call(BaseModel):
    index: int = 0
    id: str | None = None
    function: _Function = _Function()


class _Said(BaseModel):
    content: str | None = None
    refusal: str | None = None
    reasoning: str | None = None  # OpenRouter, Ollama, newer vLLM
    reasoning_content: str | None = None  # DeepSeek, llama.cpp, older vLLM
    tool_calls: list[_Call] | None = None


class _Choice(BaseModel):
    delta: _Said | None = None
    finish_reason: str | None = None


class _Details(BaseModel):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None

    def counted(self) -> Usage:
        details = self.prompt_tokens_details or _Details()
        return Usage(
            self.prompt_tokens, self.completion_tokens, details.cached_tokens or 0, details.cache_write_tokens or 0
        )


class _Chunk(BaseModel):
    model: str | None = None
    choices: list[_Choice] | None = None
    usage: _Usage | None = None


@dataclass
class _Calling:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class Chunks:
    """One answer. The arguments of the tool named *form* are what is asked for, and no call."""

    over = False  # the SDK itself ends at "[DONE]", which comes after the usage

    def __init__(self, form: str) -> None:
        self._form = form
        self._refusal: list[str] = []
        self._reason = ""
        self._model = ""
        self._usage: Usage | None = None
        self._calls: list[_Calling] = []
        self._at: dict[int, _Calling] = {}

    def take(self, event: Any) -> Iterator[Piece]:
        chunk = _Chunk.model_validate(event)
        self._model = chunk.model or self._model
        if chunk.usage:
            self._usage = chunk.usage.counted()
        for choice in chunk.choices or ():
            self._reason = choice.finish_reason or self._reason
            if choice.delta:
                yield from self._said(choice.delta)

    def _said(self, said: _Said) -> Iterator[Piece]:
        if said.refusal:
            self._refusal.append(said.refusal)
            yield Alive()
        if thought := said.reasoning or said.reasoning_content:
            yield Thought(thought)
        if said.content:
            yield Delta(said.content)
        for part in said.tool_calls or ():
            call = self._called(part)
            if part.function.arguments:
                yield Delta(part.function.arguments) if call is self._filling() else Alive()

    def _called(self, part: _Call) -> _Calling:
        call = self._at.get(part.index)
        # Some servers number every call 0; then only the id tells a new one.
        if call is None or (part.id and call.id not in {"", part.id}):
            call = self._at[part.index] = _Calling()
            self._calls.append(call)
        call.id = call.id or part.id or ""
        call.name = call.name or part.function.name or ""
        call.arguments.append(part.function.arguments or "")
        return call

    def _filling(self) -> _Calling | None:
        """Return the first call that fills in the form: another would begin a second object."""
        return next((call for call in self._calls if self._form and call.name == self._form), None)

    def finish(self) -> Finish:
        if not self._reason:
            raise Unfinished
        if self._reason in _BROKE:
            raise Failed({})
        others = [call for call in self._calls if not self._form or call.name != self._form]
        calls = [ToolCall(call.id, call.name, "".join(call.arguments)) for call in others]
        stop = _STOPS.get(self._reason, Stop.DONE)
        if stop in {Stop.DONE, Stop.TOOLS}:
            stop = Stop.REFUSAL if self._refusal else Stop.TOOLS if calls else Stop.DONE
        return Finish(stop, calls, self._usage, self._model, self._reason, "".join(self._refusal))

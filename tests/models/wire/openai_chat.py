"""The chunks of OpenAI's Chat Completions, written from the SDK's own types."""

from collections.abc import Sequence
from typing import Any, Literal

from openai.types import CompletionUsage
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import (
    Choice,
    ChoiceDelta,
    ChoiceDeltaToolCall,
    ChoiceDeltaToolCallFunction,
)
from openai.types.completion_usage import PromptTokensDetails
from pydantic import BaseModel

from core.models.language import LanguageModel, Stop
from core.models.openai import OpenAI
from tests.models.wire.format import KEY
from tests.models.wire.server import EVENTS, Action, Head, answer

MODEL = "gpt-5.2"
Reason = Literal["stop", "length", "tool_calls", "content_filter"]
STOPS: dict[Stop, Reason] = {
    Stop.DONE: "stop",
    Stop.LENGTH: "length",
    Stop.TOOLS: "tool_calls",
    Stop.FILTER: "content_filter",
}


def event(value: BaseModel) -> bytes:
    return b"data: %b\n\n" % value.model_dump_json(exclude_unset=True).encode()


def openai_problem(status: int, words: str, **headers: str) -> list[Action]:
    error = {"message": words, "type": "invalid_request_error", "param": None, "code": None}
    return answer(status, {"error": error}, **headers)


class ChatFormat:
    """What a server at OPENAI_BASE_URL sends."""

    name = "openai-chat"
    head = Head(headers={**EVENTS, "x-request-id": "req_1"})
    done = b"data: [DONE]\n\n"

    def environment(self, url: str) -> dict[str, str]:
        return {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": KEY}

    def model(self) -> LanguageModel:
        return OpenAI(MODEL)

    def chunk(self, *choices: Choice, usage: CompletionUsage | None = None) -> bytes:
        kind: Any = "chat.completion.chunk"
        chunk = ChatCompletionChunk(
            id="chatcmpl-1", object=kind, created=1, model=f"{MODEL}-2026", choices=list(choices), usage=usage
        )
        return event(chunk)

    def delta(self, reason: Reason | None = None, **said: Any) -> bytes:
        return self.chunk(Choice(index=0, delta=ChoiceDelta(**said), finish_reason=reason))

    def start(self) -> list[bytes]:
        return [self.delta(role="assistant", content="")]

    def text(self, piece: str) -> bytes:
        return self.delta(content=piece)

    def thought(self, piece: str, field: str = "reasoning_content") -> bytes:
        """Think aloud as servers other than OpenAI's do, which the SDK's types do not know."""
        return self.delta(**{field: piece})

    def usage(self) -> bytes:
        cached = PromptTokensDetails(cached_tokens=60)
        usage = CompletionUsage(prompt_tokens=100, completion_tokens=7, total_tokens=107, prompt_tokens_details=cached)
        return self.chunk(usage=usage)

    def end(self, stop: Stop = Stop.DONE) -> list[bytes]:
        return [self.delta(STOPS[stop]), self.usage(), self.done]

    def part(self, index: int, arguments: str, call_id: str | None = None, name: str | None = None) -> bytes:
        function = ChoiceDeltaToolCallFunction(name=name, arguments=arguments)
        return self.delta(tool_calls=[ChoiceDeltaToolCall(index=index, id=call_id, function=function)])

    def tool(self, index: int, call_id: str, name: str, arguments: Sequence[str]) -> list[bytes]:
        return [self.part(index, "", call_id, name), *(self.part(index, piece) for piece in arguments)]

    def call(self, call_id: str, name: str, arguments: Sequence[str]) -> list[bytes]:
        return [*self.tool(0, call_id, name, arguments), *self.end(Stop.TOOLS)]

    def refusal(self, words: str) -> list[bytes]:
        return [self.delta(refusal=words[:5]), self.delta(refusal=words[5:]), *self.end()]

    def unknown(self) -> bytes:
        return b'event: weather\ndata: {"object": "chat.completion.weather", "delta": "rain"}\n\n'

    def malformed(self) -> bytes:
        return b'data: {"id": "chatcmpl-1", "choices": [{"delta": {"content"\n\n'

    def not_utf8(self) -> bytes:
        return self.text("a~b").replace(b"~", b"\xff")

    def overloaded(self) -> bytes:
        return b'data: {"error": {"message": "Overloaded", "type": "server_error", "code": "rate_limit_exceeded"}}\n\n'

    def problem(self, status: int, words: str, **headers: str) -> list[Action]:
        return openai_problem(status, words, **headers)

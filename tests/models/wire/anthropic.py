"""Anthropic's server-sent events, written from the SDK's own types."""

from collections.abc import Sequence
from typing import Any

from anthropic.types import (
    InputJSONDelta,
    Message,
    MessageDeltaUsage,
    RawContentBlockDeltaEvent,
    RawContentBlockStartEvent,
    RawContentBlockStopEvent,
    RawMessageDeltaEvent,
    RawMessageStartEvent,
    RawMessageStopEvent,
    RefusalStopDetails,
    TextBlock,
    TextDelta,
    ThinkingBlock,
    ThinkingDelta,
    ToolUseBlock,
    Usage,
)
from anthropic.types.raw_message_delta_event import Delta
from anthropic.types.stop_reason import StopReason
from pydantic import BaseModel

from core.models.anthropic import Anthropic
from core.models.language import LanguageModel, Stop
from tests.models.wire.format import KEY
from tests.models.wire.server import EVENTS, Action, Head, answer

MODEL = "claude-sonnet-5"
STOPS: dict[Stop, StopReason] = {
    Stop.DONE: "end_turn",
    Stop.LENGTH: "max_tokens",
    Stop.TOOLS: "tool_use",
    Stop.REFUSAL: "refusal",
}
ERRORS = {400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error"}
ERRORS |= {404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error", 529: "overloaded_error"}


class AnthropicFormat:
    """What api.anthropic.com sends."""

    name = "anthropic"
    head = Head(headers={**EVENTS, "request-id": "req_1"})

    def environment(self, url: str) -> dict[str, str]:
        return {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": KEY}

    def model(self) -> LanguageModel:
        return Anthropic(MODEL)

    def framed(self, kind: str, data: bytes) -> bytes:
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), data)

    def event(self, event: BaseModel) -> bytes:
        return self.framed(event.type, event.model_dump_json().encode())  # type: ignore[attr-defined]

    def start(self) -> list[bytes]:
        usage = Usage(input_tokens=30, cache_read_input_tokens=60, cache_creation_input_tokens=10, output_tokens=1)
        message = Message(
            id="msg_1", type="message", role="assistant", model=f"{MODEL}-20260101", content=[], usage=usage
        )
        return [
            self.event(RawMessageStartEvent(type="message_start", message=message)),
            self.framed("ping", b'{"type": "ping"}'),
            self.block(0, TextBlock(type="text", text="")),
        ]

    def block(self, index: int, block: Any) -> bytes:
        return self.event(RawContentBlockStartEvent(type="content_block_start", index=index, content_block=block))

    def delta(self, index: int, delta: Any) -> bytes:
        return self.event(RawContentBlockDeltaEvent(type="content_block_delta", index=index, delta=delta))

    def stopped(self, index: int) -> bytes:
        return self.event(RawContentBlockStopEvent(type="content_block_stop", index=index))

    def text(self, piece: str) -> bytes:
        return self.delta(0, TextDelta(type="text_delta", text=piece))

    def thoughts(self, index: int, *pieces: str) -> list[bytes]:
        deltas = [self.delta(index, ThinkingDelta(type="thinking_delta", thinking=piece)) for piece in pieces]
        return [self.block(index, ThinkingBlock(type="thinking", thinking="", signature="")), *deltas]

    def end(self, stop: Stop = Stop.DONE) -> list[bytes]:
        return [self.stopped(0), *self.ended(STOPS[stop])]

    def ended(self, reason: StopReason, details: RefusalStopDetails | None = None) -> list[bytes]:
        delta = Delta(stop_reason=reason, stop_details=details)
        usage = MessageDeltaUsage(output_tokens=7)
        return [
            self.event(RawMessageDeltaEvent(type="message_delta", delta=delta, usage=usage)),
            self.event(RawMessageStopEvent(type="message_stop")),
        ]

    def tool(self, index: int, call_id: str, name: str, arguments: Sequence[str]) -> list[bytes]:
        pieces = ["", *arguments]  # the vendor always begins with an empty one
        deltas = [self.delta(index, InputJSONDelta(type="input_json_delta", partial_json=piece)) for piece in pieces]
        block = ToolUseBlock(type="tool_use", id=call_id, name=name, input={})
        return [self.block(index, block), *deltas, self.stopped(index)]

    def call(self, call_id: str, name: str, arguments: Sequence[str]) -> list[bytes]:
        return [self.stopped(0), *self.tool(1, call_id, name, arguments), *self.ended("tool_use")]

    def refusal(self, words: str) -> list[bytes]:
        details = RefusalStopDetails(type="refusal", category="general_harms", explanation=words)
        return [self.stopped(0), *self.ended("refusal", details)]

    def unknown(self) -> bytes:
        return self.framed("message_weather", b'{"type": "message_weather", "message": {"model": "rain"}}')

    def malformed(self) -> bytes:
        return self.framed("content_block_delta", b'{"type": "content_block_delta", "delta": {"text"')

    def not_utf8(self) -> bytes:
        return self.text("a~b").replace(b"~", b"\xff")

    def overloaded(self) -> bytes:
        error = b'{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}'
        return self.framed("error", error)

    def problem(self, status: int, words: str, **headers: str) -> list[Action]:
        kind = ERRORS.get(status, "api_error")
        return answer(status, {"type": "error", "error": {"type": kind, "message": words}}, **headers)

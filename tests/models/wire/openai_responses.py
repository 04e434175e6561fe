"""The events of OpenAI's Responses API, written from the SDK's own types."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from openai.types import responses as wire
from openai.types.responses.response import IncompleteDetails
from openai.types.responses.response_usage import InputTokensDetails, OutputTokensDetails, ResponseUsage
from pydantic import BaseModel

from core.models.language import LanguageModel, Stop
from core.models.openai import OpenAI
from core.settings import ModelSettings
from tests.models.wire.format import KEY
from tests.models.wire.openai_chat import MODEL, openai_problem
from tests.models.wire.server import EVENTS, Action, Head

INCOMPLETE: dict[Stop, Any] = {Stop.LENGTH: "max_output_tokens", Stop.FILTER: "content_filter"}


class ResponsesFormat:
    """What api.openai.com sends."""

    name = "openai-responses"
    head = Head(headers={**EVENTS, "x-request-id": "req_1"})

    def __init__(self) -> None:
        self._numbers = count()

    def environment(self, url: str) -> dict[str, str]:
        return {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": KEY}

    def model(self) -> LanguageModel:
        return OpenAI(MODEL, ModelSettings(api="responses"))

    def framed(self, kind: str, data: bytes) -> bytes:
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), data)

    def event(self, type_: type[BaseModel], **fields: Any) -> bytes:
        """Say an event of *type_*, whose "type" is the only one it may have."""
        kind = type_.model_fields["type"].annotation.__args__[0]  # type: ignore[union-attr]
        value = type_(type=kind, sequence_number=next(self._numbers), **fields)
        return self.framed(kind, value.model_dump_json().encode())

    def response(self, **more: Any) -> wire.Response:
        return wire.Response(
            id="resp_1",
            created_at=1,
            model=f"{MODEL}-2026",
            object="response",
            output=[],
            parallel_tool_calls=True,
            tool_choice="auto",
            tools=[],
            **more,
        )

    def start(self) -> list[bytes]:
        part = wire.ResponseOutputText(type="output_text", text="", annotations=[])
        return [
            self.event(wire.ResponseCreatedEvent, response=self.response(status="in_progress")),
            self.event(wire.ResponseInProgressEvent, response=self.response(status="in_progress")),
            self.item("message", 0, content=[], role="assistant", id="msg_1", status="in_progress"),
            self.event(wire.ResponseContentPartAddedEvent, **self.place(0), part=part),
        ]

    def place(self, output: int) -> dict[str, Any]:
        return {"item_id": f"item_{output}", "output_index": output, "content_index": 0}

    def item(self, kind: str, output: int, *, done: bool = False, **fields: Any) -> bytes:
        types = {
            "message": wire.ResponseOutputMessage,
            "reasoning": wire.ResponseReasoningItem,
            "function_call": wire.ResponseFunctionToolCall,
        }
        event = wire.ResponseOutputItemDoneEvent if done else wire.ResponseOutputItemAddedEvent
        return self.event(event, item=types[kind](type=kind, **fields), output_index=output)  # type: ignore[arg-type]

    def text(self, piece: str) -> bytes:
        return self.event(wire.ResponseTextDeltaEvent, **self.place(0), delta=piece, logprobs=[])

    def thought(self, piece: str) -> bytes:
        place = {"item_id": "item_0", "output_index": 0, "summary_index": 0}
        return self.event(wire.ResponseReasoningSummaryTextDeltaEvent, **place, delta=piece)

    def usage(self) -> ResponseUsage:
        return ResponseUsage(
            input_tokens=100,
            input_tokens_details=InputTokensDetails(cached_tokens=60, cache_write_tokens=0),
            output_tokens=7,
            output_tokens_details=OutputTokensDetails(reasoning_tokens=0),
            total_tokens=107,
        )

    def end(self, stop: Stop = Stop.DONE) -> list[bytes]:
        reason = INCOMPLETE.get(stop)
        if reason:
            details = IncompleteDetails(reason=reason)
            response = self.response(status="incomplete", usage=self.usage(), incomplete_details=details)
            return [self.event(wire.ResponseIncompleteEvent, response=response)]
        response = self.response(status="completed", usage=self.usage())
        return [self.event(wire.ResponseCompletedEvent, response=response)]

    def tool(self, output: int, call_id: str, name: str, arguments: Sequence[str]) -> list[bytes]:
        place = {"item_id": f"fc_{output}", "output_index": output}
        whole = "".join(arguments)
        deltas = [self.event(wire.ResponseFunctionCallArgumentsDeltaEvent, **place, delta=each) for each in arguments]
        return [
            self.item("function_call", output, call_id=call_id, name=name, arguments=""),
            *deltas,
            self.event(wire.ResponseFunctionCallArgumentsDoneEvent, **place, arguments=whole, name=name),
            self.item("function_call", output, done=True, call_id=call_id, name=name, arguments=whole),
        ]

    def call(self, call_id: str, name: str, arguments: Sequence[str]) -> list[bytes]:
        return [*self.tool(1, call_id, name, arguments), *self.end()]

    def refusal(self, words: str) -> list[bytes]:
        pieces = (words[:5], words[5:])
        deltas = [self.event(wire.ResponseRefusalDeltaEvent, **self.place(0), delta=piece) for piece in pieces]
        return [*deltas, *self.end()]

    def unknown(self) -> bytes:
        return self.framed("response.weather.delta", b'{"type": "response.weather.delta", "delta": {"text": "rain"}}')

    def malformed(self) -> bytes:
        return self.framed("response.output_text.delta", b'{"type": "response.output_text.delta", "delta"')

    def not_utf8(self) -> bytes:
        return self.text("a~b").replace(b"~", b"\xff")

    def overloaded(self) -> bytes:
        return self.event(wire.ResponseErrorEvent, code="rate_limit_exceeded", message="Overloaded")

    def problem(self, status: int, words: str, **headers: str) -> list[Action]:
        return openai_problem(status, words, **headers)

"""From the events of one answer to its pieces. What is unknown or lacks what it should have is skipped."""

import json
from dataclasses import dataclass, field
from typing import Any

from anthropic.types import (
    InputJSONDelta,
    RawContentBlockDeltaEvent,
    RawContentBlockStartEvent,
    RawContentBlockStopEvent,
    RawMessageDeltaEvent,
    RawMessageStartEvent,
    RawMessageStopEvent,
    TextBlock,
    TextDelta,
    ThinkingDelta,
    ToolUseBlock,
)

from core.models.anthropic.request import ANSWER
from core.models.language import Alive, Delta, Finish, Piece, Stop, Thought, ToolCall, Usage

_STOPS = {
    "end_turn": Stop.DONE,
    "stop_sequence": Stop.DONE,
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.LENGTH,
    "pause_turn": Stop.LENGTH,  # the vendor broke off a long turn: what is there is a part
    "refusal": Stop.REFUSAL,
}
_REFUSED = "The vendor's safeguards stopped this answer."


@dataclass
class _Call:
    """A call of a tool while it is written; *whole* is what some servers give at once, in place of deltas."""

    id: str
    name: str
    whole: Any
    arguments: list[str] = field(default_factory=list)

    def written(self) -> ToolCall:
        return ToolCall(self.id, self.name, "".join(self.arguments) or json.dumps(self.whole or {}))


class Answer:
    """One answer while it is read. It is *over* when the vendor said so; a stream that ends before was cut.

    A call of the tool `give_answer` is the answer's text, and no call.
    """

    def __init__(self) -> None:
        self.over = False
        self._model = ""
        self._reason = ""
        self._refusal = ""
        self._counts: dict[str, int] = {}
        self._calls: dict[int, _Call] = {}

    def piece(self, event: object) -> Piece | None:
        """Take in *event*; return the piece that it is, if any: a Finish for the event that ends the answer."""
        match event:
            case RawContentBlockDeltaEvent(type="content_block_delta", index=int(index), delta=delta):
                return self._delta(index, delta)
            case RawContentBlockStartEvent(type="content_block_start", index=int(index), content_block=block):
                return self._begun(index, block)
            case RawContentBlockStopEvent(type="content_block_stop", index=int(index)):
                return self._ended(index)
            case RawMessageStartEvent(type="message_start", message=message):
                self._model = _text(message, "model")
                self._count(getattr(message, "usage", None))
            case RawMessageDeltaEvent(type="message_delta", delta=delta, usage=usage):
                self._reason = _text(delta, "stop_reason")
                self._refusal = _text(getattr(delta, "stop_details", None), "explanation")
                self._count(usage)
            case RawMessageStopEvent(type="message_stop") if self._reason:  # else it ended before its end
                self.over = True
                return self._finish()
        return None

    def _delta(self, index: int, delta: object) -> Piece | None:
        match delta:
            case TextDelta(type="text_delta", text=str(text)) if text:
                return Delta(text)
            case ThinkingDelta(type="thinking_delta", thinking=str(text)) if text:
                return Thought(text)
            case InputJSONDelta(type="input_json_delta", partial_json=str(text)) if text and index in self._calls:
                self._calls[index].arguments.append(text)
                return Delta(text) if self._calls[index].name == ANSWER else Alive()
        return None

    def _begun(self, index: int, block: object) -> Piece | None:
        match block:
            case ToolUseBlock(type="tool_use", id=str(call_id), name=str(name), input=whole):
                self._calls[index] = _Call(call_id, name, whole)
            case TextBlock(type="text", text=str(text)) if text:
                return Delta(text)
        return None

    def _ended(self, index: int) -> Piece | None:
        call = self._calls.get(index)
        if call is None or call.name != ANSWER or call.arguments:
            return None
        return Delta(call.written().arguments)

    def _count(self, usage: object) -> None:
        """Take the counts that *usage* has: they are totals so far, and what is not said again still holds."""
        for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens"):
            count = getattr(usage, name, None)
            if isinstance(count, int):
                self._counts[name] = count

    def _usage(self) -> Usage | None:
        counts = dict(self._counts)
        if not counts:
            return None
        written = counts.pop("output_tokens", 0)
        cached, stored = counts.get("cache_read_input_tokens", 0), counts.get("cache_creation_input_tokens", 0)
        return Usage(sum(counts.values()), written, cached, stored)

    def _finish(self) -> Finish:
        calls = [call.written() for _, call in sorted(self._calls.items()) if call.name != ANSWER]
        stop = _STOPS.get(self._reason, Stop.TOOLS if calls else Stop.DONE)
        refusal = (self._refusal or _REFUSED) if stop == Stop.REFUSAL else ""
        return Finish(stop, calls, self._usage(), self._model, self._reason, refusal)


def _text(of: object, name: str) -> str:
    value = getattr(of, name, None)
    return value if isinstance(value, str) else ""

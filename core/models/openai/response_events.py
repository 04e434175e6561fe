"""Reads the events of the Responses API as pieces. Those of kinds that are not known are passed over."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from core.models.language import Alive, Delta, Finish, Piece, Stop, Thought, ToolCall, Usage
from core.models.openai.api import Failed, Unfinished

_THOUGHTS = {"response.reasoning_text.delta", "response.reasoning_summary_text.delta"}
_ENDS = {"response.completed", "response.incomplete", "response.failed", "response.cancelled"}
_INCOMPLETE = {"max_output_tokens": Stop.LENGTH, "content_filter": Stop.FILTER}


class _Happened(BaseModel):
    type: str
    delta: Any = None  # text in the kinds that are read, other things in others
    output_index: int = 0
    item: Any = None
    response: Any = None


class _Text(BaseModel):
    delta: str


class _Call(BaseModel):
    call_id: str
    name: str
    arguments: str = ""


class _Details(BaseModel):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _Usage(BaseModel):
    input_tokens: int = 0
    output_tokens: int = 0
    input_tokens_details: _Details | None = None

    def counted(self) -> Usage:
        details = self.input_tokens_details or _Details()
        return Usage(self.input_tokens, self.output_tokens, details.cached_tokens or 0, details.cache_write_tokens or 0)


class _Incomplete(BaseModel):
    reason: str | None = None


class _Response(BaseModel):
    model: str | None = None
    usage: _Usage | None = None
    incomplete_details: _Incomplete | None = None
    error: Any = None


class ResponseEvents:
    """One answer. The arguments of the tool named *form* are what is asked for, and no call."""

    def __init__(self, form: str) -> None:
        self.over = False
        self._form = form
        self._filling: int | None = None  # which output fills in the form
        self._refusal: list[str] = []
        self._calls: list[ToolCall] = []
        self._end = ""
        self._response = _Response()

    def take(self, event: Any) -> Iterator[Piece]:
        happened = _Happened.model_validate(event)
        kind = happened.type
        if kind == "response.output_text.delta":
            yield from _pieces(Delta, happened)
        elif kind in _THOUGHTS:
            yield from _pieces(Thought, happened)
        elif kind == "response.function_call_arguments.delta":
            if happened.output_index == self._filling:
                yield from _pieces(Delta, happened)
            else:
                yield Alive()
        elif kind == "response.refusal.delta":
            self._refusal.extend(piece.text for piece in _pieces(Delta, happened))
            yield Alive()
        elif kind in {"response.output_item.added", "response.output_item.done"}:
            self._item(happened)
        elif kind == "error":
            raise Failed(event)
        elif kind in _ENDS:
            self.over = True
            self._end = kind
            self._response = _Response.model_validate(happened.response)

    def _item(self, happened: _Happened) -> None:
        if not isinstance(happened.item, dict) or happened.item.get("type") != "function_call":
            return
        item = _Call.model_validate(happened.item)
        if item.name == self._form:
            if self._filling is None:
                self._filling = happened.output_index
        elif happened.type == "response.output_item.done":
            self._calls.append(ToolCall(item.call_id, item.name, item.arguments))

    def finish(self) -> Finish:
        if not self.over:
            raise Unfinished
        response = self._response
        stop, reason = self._stop()
        usage = response.usage.counted() if response.usage else None
        return Finish(stop, self._calls, usage, response.model or "", reason, "".join(self._refusal))

    def _stop(self) -> tuple[Stop, str]:
        if self._end == "response.completed":
            stop = Stop.REFUSAL if self._refusal else Stop.TOOLS if self._calls else Stop.DONE
            return stop, "completed"
        details = self._response.incomplete_details
        reason = (details and details.reason) or ""
        if self._end == "response.incomplete" and reason in _INCOMPLETE:
            return _INCOMPLETE[reason], reason
        raise Failed(self._response.error or {"message": reason})


def _pieces(kind: type[Delta] | type[Thought], happened: _Happened) -> Iterator[Delta | Thought]:
    text = _Text(delta=happened.delta).delta
    if text:
        yield kind(text)

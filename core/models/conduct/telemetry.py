"""A call as OpenTelemetry's conventions for generative AI want it told: one span and figures for every try."""

import json
import os

from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.util.types import AttributeValue

from core import measures
from core.models.calls import Call
from core.models.language import Message

CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


def tell(call: Call) -> None:
    """Tell of *call* as a child of the current span. What was said stays out unless the operator asks for it."""
    named = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": call.provider,
        "gen_ai.request.model": call.model,
    }
    if call.answered_by:
        named["gen_ai.response.model"] = call.answered_by
    failed = {"error.type": call.error} if call.error else {}
    span = measures.tracer.start_span(
        f"chat {call.model}",
        kind=SpanKind.CLIENT,
        start_time=call.began,
        attributes={**named, **failed, **_facts(call)},
    )
    if call.error:
        span.set_status(StatusCode.ERROR)
    if os.environ.get(CAPTURE, "").lower() in ("true", "span_only", "span_and_event"):
        span.set_attributes(_content(call))
    span.end(call.began + int(call.seconds * 1e9))
    measures.model_duration.record(call.seconds, {**named, **failed})
    if call.first_token is not None:
        measures.first_token.record(call.first_token, named)
    if not call.estimated and not call.from_cache:
        for kind, count in (("input", call.usage.read), ("output", call.usage.written)):
            if count:
                measures.token_usage.record(count, {**named, "gen_ai.token.type": kind})


def _facts(call: Call) -> dict[str, AttributeValue]:
    prompt, usage = call.prompt, call.usage
    facts: dict[str, AttributeValue | None] = {
        "gen_ai.request.stream": True,
        "gen_ai.request.max_tokens": prompt.max_tokens,
        "gen_ai.request.temperature": prompt.temperature,
        "gen_ai.output.type": "json" if prompt.form else "text",
        "gen_ai.prompt.name": prompt.key or None,
        "gen_ai.response.finish_reasons": (call.finish_reason,) if call.finish_reason else None,
        "gen_ai.response.time_to_first_chunk": call.first_token,
        "levada.model.role": call.role,
        "levada.attempt": call.attempt,
        "levada.from_cache": call.from_cache,
    }
    if not call.estimated:
        facts |= {
            "gen_ai.usage.input_tokens": usage.read,
            "gen_ai.usage.output_tokens": usage.written,
            "gen_ai.usage.cache_read.input_tokens": usage.cached,
        }
    return {name: value for name, value in facts.items() if value is not None}


def _content(call: Call) -> dict[str, str]:
    said = [{"type": "text", "content": call.response}]
    answer = [{"role": "assistant", "parts": said, "finish_reason": call.finish_reason}]
    return {
        "gen_ai.system_instructions": json.dumps([{"type": "text", "content": call.prompt.system}]),
        "gen_ai.input.messages": json.dumps([_message(message) for message in call.prompt.messages]),
        "gen_ai.output.messages": json.dumps(answer),
    }


def _message(message: Message) -> dict[str, object]:
    if message.role == "tool":
        return {
            "role": "tool",
            "parts": [{"type": "tool_call_response", "id": message.call_id, "response": message.text}],
        }
    parts = [{"type": "text", "content": message.text}] if message.text else []
    parts += [
        {"type": "tool_call", "id": call.id, "name": call.name, "arguments": call.arguments} for call in message.calls
    ]
    return {"role": message.role, "parts": parts}

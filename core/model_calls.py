"""A call of a language model as the run tells of it."""

from core.models.calls import Call, written
from levada.v1.event_pb2 import ModelCalled

# Of a prompt or a response, so that the event fits into one message of every client.
SHOWN = 500_000


def event(call: Call, *, whole: bool) -> ModelCalled:
    """Return what is told of *call*: with what was said only when the *whole* of it is for the reader."""
    told = ModelCalled(
        provider=call.provider,
        model=call.model,
        role=call.role,
        prompt=_shown(written(call.prompt)) if whole else "",
        response=_shown(call.response) if whole else "",
        input_tokens=call.usage.read,
        output_tokens=call.usage.written,
        cached_tokens=call.usage.cached,
        estimated=call.estimated,
        cost_usd=call.cost,
        finish_reason=call.finish_reason,
        template=call.prompt.key,
        attempt=call.attempt,
        problem=_shown(call.problem),
        from_cache=call.from_cache,
    )
    told.duration.FromMicroseconds(int(call.seconds * 1e6))
    if call.first_token is not None:
        told.time_to_first_token.FromMicroseconds(int(call.first_token * 1e6))
    return told


def _shown(text: str) -> str:
    more = f"\n… ({len(text) - SHOWN:,} more characters)" if len(text) > SHOWN else ""
    return text[:SHOWN].encode("utf-8", "replace").decode() + more

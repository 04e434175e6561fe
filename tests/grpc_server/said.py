"""Short ways to say events and to read errors in tests."""

from dataclasses import dataclass

import grpc
from google.rpc import error_details_pb2 as details
from grpc_status import rpc_status

from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import RunRequest


def ask(question: str = "How many orders?", **fields) -> RunRequest:
    return RunRequest(question=question, **fields)


def text(delta: str = "word") -> events.Event:
    return events.Event(text_delta=events.TextDelta(channel=events.CHANNEL_ANSWER, text=delta))


def done() -> events.Event:
    return events.Event(completed=events.RunCompleted(summary="Done."))


@dataclass
class Told:
    """What a caller is told by an error."""

    code: grpc.StatusCode
    message: str
    reason: str
    metadata: dict[str, str]
    violations: dict[str, str]
    retry_seconds: float | None
    localized: str


def told(error: grpc.aio.AioRpcError) -> Told:
    """Read an error as a client would; fails when it is not a rich one."""
    status = rpc_status.from_call(error)
    assert status is not None, f"no details: {error.code()} {error.details()}"
    found = {}
    for detail in status.details:
        for kind in (details.ErrorInfo, details.BadRequest, details.RetryInfo, details.LocalizedMessage):
            if detail.Is(kind.DESCRIPTOR):
                found[kind] = kind.FromString(detail.value)
    info = found[details.ErrorInfo]
    assert info.domain == "levada"
    bad = found.get(details.BadRequest)
    retry = found.get(details.RetryInfo)
    return Told(
        code=error.code(),
        message=error.details() or "",
        reason=info.reason,
        metadata=dict(info.metadata),
        violations={v.field: v.description for v in bad.field_violations} if bad else {},
        retry_seconds=retry.retry_delay.ToTimedelta().total_seconds() if retry else None,
        localized=found[details.LocalizedMessage].message,
    )


async def refused(call) -> Told:
    """Await a call, or read a stream, that must fail; return what the caller is told."""
    try:
        if hasattr(call, "__aiter__"):
            async for _ in call:
                pass
        else:
            await call
    except grpc.aio.AioRpcError as error:
        return told(error)
    raise AssertionError("the call went well")

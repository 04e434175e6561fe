"""What can go wrong for a caller, read from the status that the server sends.

LevadaError
├── CallFailed           the server answered with an error
│   └── ServerUnreachable   nobody answered
├── StreamInterrupted    a stream ended without its run's terminal event, and could not be taken up again
└── RunNotCompleted      the run ended, but not well
"""

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from levada.v1 import event_pb2 as events


class LevadaError(Exception):
    """Root of this client's errors."""


class CallFailed(LevadaError):
    """The server refused a call: *reason* for programs, *violations* by field, *retry_after* in seconds or None."""

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode = grpc.StatusCode.UNKNOWN,
        reason: str = "",
        violations: dict[str, str] | None = None,
        details: dict[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.reason = reason
        self.violations = violations or {}
        self.details = details or {}
        self.retry_after = retry_after


class ServerUnreachable(CallFailed):
    """No server answered at the address."""


class StreamInterrupted(LevadaError):
    """The stream of *run_id* was cut after event *last_sequence*; the run itself may well go on."""

    def __init__(self, run_id: str, last_sequence: int) -> None:
        super().__init__(
            f"The connection was lost after event {last_sequence} and could not be taken up again; the run may still "
            f"go on. Watch it with: levada watch {run_id} --after {last_sequence}"
        )
        self.run_id = run_id
        self.last_sequence = last_sequence


class RunNotCompleted(LevadaError):
    """The run ended as failed or cancelled; *event* is its terminal event."""

    def __init__(self, event: events.Event) -> None:
        ending = event.failed if event.HasField("failed") else event.cancelled
        message = ending.message if isinstance(ending, events.RunFailed) else ending.cause or "The run was cancelled."
        super().__init__(message)
        self.event = event


def from_rpc(error: grpc.aio.AioRpcError, address: str) -> CallFailed:
    """Return what *error* means, from the google.rpc.Status in its trailers where the server sent one."""
    status = rpc_status.from_call(error)  # type: ignore[arg-type]  # it has what a Call has
    code, message = error.code(), error.details() or ""
    if status is None:
        if code is grpc.StatusCode.UNAVAILABLE:
            return ServerUnreachable(f"No server answers at {address}. Start one with: make demo", code=code)
        return CallFailed(message or str(code), code=code)
    more: dict = {"reason": "", "violations": {}, "details": {}, "retry_after": None}
    for detail in status.details:
        _read(detail, more)
    return CallFailed(status.message, code=code, **more)


def _read(detail, more: dict) -> None:
    info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    if detail.Unpack(info):
        more["reason"], more["details"] = info.reason, dict(info.metadata)
    elif detail.Unpack(bad):
        more["violations"] = {v.field: v.description for v in bad.field_violations}
    elif detail.Unpack(retry):
        more["retry_after"] = retry.retry_delay.ToTimedelta().total_seconds()

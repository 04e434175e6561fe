"""What can go wrong for a caller, read from the status that the server sends.

LevadaError
├── CallFailed           the server answered with an error
│   ├── ServerUnreachable   nobody answered, or the connection broke
│   └── CursorExpired       a watch was to begin where events are no longer kept
├── StreamInterrupted    a stream ended without its run's terminal event, and could not be taken up again
└── RunNotCompleted      the run ended, but not well
"""

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from levada.v1 import event_pb2 as events

# Codes by which gRPC, and what stands between client and server, say that a connection broke or never came to be.
_BROKEN = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
}
# What a server says that can't serve anyone for the moment.
_PASSING = {"SERVER_STOPPING", "STORE_UNAVAILABLE", "READER_STALLED"}


class LevadaError(Exception):
    """Root of this client's errors."""


class CallFailed(LevadaError):
    """The server refused a call: *reason* for programs, *violations* by field, *retry_after* in seconds or None."""

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE,
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

    @property
    def lost(self) -> bool:
        """Whether the connection broke, or the server can't serve anyone now: another attempt may well succeed."""
        return self.reason in _PASSING or (not self.reason and self.code in _BROKEN)

    @property
    def limited(self) -> bool:
        """Whether a limit was reached that passes: *retry_after* says when."""
        return self.code is grpc.StatusCode.RESOURCE_EXHAUSTED and self.retry_after is not None


class ServerUnreachable(CallFailed):
    """No server answered at the address, or the connection to it broke."""


class CursorExpired(CallFailed):
    """Events that were to be read are no longer kept; *oldest* is the number of the first that is."""

    @property
    def oldest(self) -> int:
        return int(self.details.get("oldest_sequence", 0))


class StreamInterrupted(LevadaError):
    """The stream of *run_id* was cut after event *last_sequence*; the run itself may well go on.

    A run of which nothing was heard has no *run_id* yet: asking again with *request_id* gives the same run.
    """

    def __init__(self, run_id: str, last_sequence: int, *, request_id: str = "", cause: str = "") -> None:
        why = f" ({cause.rstrip('.')})" if cause else ""
        lost = f"The connection was lost after event {last_sequence} and could not be taken up again{why}"
        super().__init__(
            f"{lost}; the run may still go on. Watch it with: levada watch {run_id} --after {last_sequence}"
            if run_id
            else f"The connection was lost before the run began{why}. It may have been accepted: levada runs lists "
            f"it, and asking again with request_id {request_id} gives the same run."
        )
        self.run_id = run_id
        self.last_sequence = last_sequence
        self.request_id = request_id


class RunNotCompleted(LevadaError):
    """The run ended as failed or cancelled; *event* is its terminal event."""

    def __init__(self, event: events.Event) -> None:
        ending = event.failed if event.HasField("failed") else event.cancelled
        message = ending.message if isinstance(ending, events.RunFailed) else ending.cause or "The run was cancelled."
        super().__init__(message)
        self.event = event


def from_rpc(error: grpc.aio.AioRpcError, address: str, *, connected: bool) -> CallFailed:
    """Return what *error* means, from the google.rpc.Status in its trailers where the server sent one.

    *connected* says whether there was a connection that could break.
    """
    status = rpc_status.from_call(error)  # type: ignore[arg-type]  # it has what a Call has
    code, message = error.code(), error.details() or ""
    if status is None:
        if code is grpc.StatusCode.UNAVAILABLE:
            broke, nobody = (
                "The connection to the server broke.",
                f"No server answers at {address}. Start one with: make demo",
            )
            return ServerUnreachable(broke if connected else nobody, code=code)
        return CallFailed(message or str(code), code=code)
    more: dict = {"reason": "", "violations": {}, "details": {}, "retry_after": None}
    for detail in status.details:
        _read(detail, more)
    kind = CursorExpired if more["reason"] == "CURSOR_EXPIRED" else CallFailed
    return kind(status.message, code=code, **more)


def _read(detail, more: dict) -> None:
    info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    if detail.Unpack(info):
        more["reason"], more["details"] = info.reason, dict(info.metadata)
    elif detail.Unpack(bad):
        more["violations"] = {v.field: v.description for v in bad.field_violations}
    elif detail.Unpack(retry):
        more["retry_after"] = retry.retry_delay.ToTimedelta().total_seconds()

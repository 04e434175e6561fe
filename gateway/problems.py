"""Errors as RFC 9457 problem details, with the same reasons as over gRPC: the one table between the two doors."""

import math
import re
from collections.abc import Mapping
from typing import Any

import grpc
import orjson
from google.rpc import error_details_pb2 as details
from google.rpc.status_pb2 import Status
from opentelemetry import trace
from starlette.responses import Response

HTTP_STATUS = {
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "FAILED_PRECONDITION": 409,
    "OUT_OF_RANGE": 410,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
# For statuses that say no reason of ours: from gRPC itself, or from something between us and the server.
REASONS = {"UNAVAILABLE": "STORE_UNAVAILABLE", "UNIMPLEMENTED": "NOT_IMPLEMENTED", "DEADLINE_EXCEEDED": "INTERNAL"}
UNREACHABLE = (
    "Levada's server can't be reached, so nothing can be asked or shown right now; runs that were accepted are kept. "
    "Start it with `python -m grpc_server`, or try again in a moment."
)
# As gRPC refuses a message by itself, on the server's side.
TOO_LARGE = re.compile(r"^SERVER: .*larger than max")
RETRY_AFTER = 1
STANDING = ("ratelimit-policy", "ratelimit", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


class Problem(Exception):
    """An HTTP answer that is an error. *reason* is an ErrorReason without prefix, *detail* is for people."""

    def __init__(
        self,
        status: int,
        reason: str,
        detail: str,
        *,
        violations: Mapping[str, str] | None = None,
        metadata: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.reason, self.detail = status, reason, detail
        self.violations = dict(violations or {})
        self.metadata = dict(metadata or {})
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = whole_seconds(retry_after)

    def body(self) -> dict[str, Any]:
        """Return the problem's members; `type` leads to where /docs explains the reason."""
        out: dict[str, Any] = {
            "type": f"/docs#{self.reason}",
            "title": self.reason.replace("_", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
            "reason": self.reason,
        }
        if self.violations:
            out["violations"] = [{"field": field, "description": text} for field, text in self.violations.items()]
        if self.metadata:
            out["metadata"] = self.metadata
        if (span := trace.get_current_span().get_span_context()).is_valid:
            out["traceId"] = format(span.trace_id, "032x")
        return out

    def response(self) -> Response:
        headers = {"Cache-Control": "no-store", **self.headers}
        return Response(orjson.dumps(self.body()), self.status, headers, "application/problem+json")


def invalid(field: str, description: str) -> Problem:
    """Return the problem of one wrong *field* of a request."""
    return Problem(400, "INVALID_REQUEST", description, violations={field: description})


def of_code(code: str, reason: str, detail: str) -> Problem:
    """Return the problem for a gRPC status *code*, by its name."""
    retry_after = RETRY_AFTER if code in ("UNAVAILABLE", "RESOURCE_EXHAUSTED") else None
    reason = reason or REASONS.get(code, "INTERNAL")
    return Problem(HTTP_STATUS.get(code, 500), reason, detail, retry_after=retry_after)


def of_rpc_error(error: grpc.aio.AioRpcError) -> Problem:
    """Return the problem for a failed call, with what the server's google.rpc.Status says."""
    code = error.code().name
    status = Status()
    if packed := metadata_of(error).get("grpc-status-details-bin"):
        status.MergeFromString(packed)
    if not status.details:
        if TOO_LARGE.search(error.details() or ""):
            return Problem(413, "INVALID_REQUEST", "What was sent is more than the server takes at once. Send less.")
        return of_code(code, "", unsaid(code, error.details() or ""))
    problem = of_code(code, "", status.message)
    problem.headers.update(standing(error.initial_metadata()))
    for detail in status.details:
        add_detail(problem, detail)
    return problem


def standing(metadata: Any) -> dict[str, str]:
    """Return the headers that say how the caller stands with rate limits: the server's own, passed on."""
    return {key: value for key, value in metadata or () if key in STANDING}


def whole_seconds(delay: float) -> str:
    """Return *delay* rounded up: whoever comes back at that time must not be too early."""
    return str(max(1, math.ceil(delay)))


def metadata_of(error: grpc.aio.AioRpcError) -> dict[str, Any]:
    metadata: Any = error.trailing_metadata() or ()
    return dict(metadata)


def unsaid(code: str, details: str) -> str:
    """Return words for people where the server said none itself."""
    if code == "UNAVAILABLE":
        return UNREACHABLE
    if code == "DEADLINE_EXCEEDED":
        return "The server did not answer in time; what was asked may still be done. Try again in a moment."
    return details or "Something failed that should not have."


def add_detail(problem: Problem, packed: Any) -> None:
    if packed.Is(details.ErrorInfo.DESCRIPTOR):
        info = details.ErrorInfo.FromString(packed.value)
        problem.reason = info.reason
        problem.metadata.update(info.metadata)
    elif packed.Is(details.BadRequest.DESCRIPTOR):
        for violation in details.BadRequest.FromString(packed.value).field_violations:
            problem.violations[violation.field] = violation.description
    elif packed.Is(details.RetryInfo.DESCRIPTOR):
        delay = details.RetryInfo.FromString(packed.value).retry_delay
        problem.headers["Retry-After"] = whole_seconds(delay.ToTimedelta().total_seconds())

"""What is wrong with a request, or with its moment."""

from collections.abc import Mapping

import grpc

from core.errors.root import LevadaError
from levada.v1 import error_reason_pb2 as reasons


class InvalidRequest(LevadaError):
    """The request can't be served as it stands.

    *violations* maps a field's path to what is wrong with it.
    """

    reason = reasons.ERROR_REASON_INVALID_REQUEST
    code = grpc.StatusCode.INVALID_ARGUMENT

    def __init__(self, violations: Mapping[str, str], message: str = "", **more) -> None:
        self.violations = dict(violations)
        super().__init__(message or " ".join(self.violations.values()), **more)


class CursorAhead(InvalidRequest):
    """The cursor is past the run's last event."""

    reason = reasons.ERROR_REASON_CURSOR_AHEAD


class NotFound(LevadaError):
    """There is nothing of that name that you may see."""

    reason = reasons.ERROR_REASON_RUN_NOT_FOUND
    code = grpc.StatusCode.NOT_FOUND


class Conflict(LevadaError):
    """The run is not in a state in which that can be done."""

    reason = reasons.ERROR_REASON_RUN_ENDED
    code = grpc.StatusCode.FAILED_PRECONDITION


class RequestIdReused(Conflict):
    """This request id was used within the last 24 hours for a different request; send a new one."""

    reason = reasons.ERROR_REASON_REQUEST_ID_REUSED
    code = grpc.StatusCode.ALREADY_EXISTS


class CursorExpired(LevadaError):
    """Events after that number are no longer held.

    *oldest* is the oldest number still held.
    """

    reason = reasons.ERROR_REASON_CURSOR_EXPIRED
    code = grpc.StatusCode.OUT_OF_RANGE

    def __init__(self, oldest: int, message: str = "") -> None:
        self.oldest = oldest
        super().__init__(
            message or f"Events before number {oldest} are no longer held; read on from there.",
            details={"oldest_sequence": str(oldest)},
        )


class NotAllowed(LevadaError):
    """You may not do that."""

    reason = reasons.ERROR_REASON_PERMISSION_DENIED
    code = grpc.StatusCode.PERMISSION_DENIED


class DocumentUnreadable(LevadaError):
    """The document can't be read, so nothing of it was taken in."""

    reason = reasons.ERROR_REASON_DOCUMENT_UNREADABLE
    code = grpc.StatusCode.INVALID_ARGUMENT


class NotImplementedYet(LevadaError):
    """This server does not do that yet."""

    reason = reasons.ERROR_REASON_NOT_IMPLEMENTED
    code = grpc.StatusCode.UNIMPLEMENTED


class Limited(LevadaError):
    """A limit was reached; try again later."""

    reason = reasons.ERROR_REASON_RATE_LIMITED
    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    retryable = True

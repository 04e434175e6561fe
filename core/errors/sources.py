"""What the guard refused, and what sources answered or failed to answer."""

import grpc

from core.errors.root import LevadaError
from levada.v1 import error_reason_pb2 as reasons


class QueryRefused(LevadaError):
    """The query was refused because it could change, read outside, or exhaust something.

    *rule* is the guard's rule that refused, in kebab case.
    """

    reason = reasons.ERROR_REASON_QUERY_REFUSED
    code = grpc.StatusCode.FAILED_PRECONDITION

    def __init__(self, rule: str, message: str) -> None:
        self.rule = rule
        super().__init__(message, details={"rule": rule})


class SourceError(LevadaError):
    """The source could not answer."""

    reason = reasons.ERROR_REASON_QUERY_FAILED
    code = grpc.StatusCode.FAILED_PRECONDITION


class QueryFailed(SourceError):
    """The database refused the query; its own words are in the message, so that the query can be mended."""


class QueryTimeout(SourceError):
    """Query took too long. Try a more specific question."""

    reason = reasons.ERROR_REASON_QUERY_TIMEOUT
    code = grpc.StatusCode.DEADLINE_EXCEEDED


class SourceUnavailable(SourceError):
    """The source can't be reached."""

    reason = reasons.ERROR_REASON_SOURCE_UNAVAILABLE
    code = grpc.StatusCode.UNAVAILABLE
    retryable = True


class SourceLost(SourceUnavailable):
    """The connection to the source broke while the query ran; rows sent so far are incomplete."""

    reason = reasons.ERROR_REASON_SOURCE_LOST

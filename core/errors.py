"""Every error Levada raises on purpose: one root; the class carries reason, gRPC code, and whether retrying helps.

LevadaError
├── InvalidRequest            the caller's request is wrong as it stands
│   └── CursorAhead
├── NotFound                  something named does not exist, or is not the caller's
├── Conflict                  right request, wrong moment
│   └── RequestIdReused
├── CursorExpired
├── NotAllowed
├── DocumentUnreadable
├── NotImplementedYet
├── Limited                   a limit of ours was reached
├── QueryRefused              the guard said no
├── SourceError               what a database answered or failed to answer
│   ├── QueryFailed
│   ├── QueryTimeout
│   ├── SourceUnavailable
│   └── SourceLost
├── ModelError                what a language model answered or failed to answer
│   ├── ModelUnavailable
│   ├── ModelRejected
│   ├── ModelRefused
│   ├── ModelOutputInvalid
│   ├── BudgetExhausted       none was asked
│   ├── ModelRequired         there is none, and it can't be done without
│   └── NotUnderstood
├── TasksFailed
├── TriesExhausted
├── RunTimeout
├── StoreError
├── ReaderStalled
└── ServerStopping
"""

from collections.abc import Mapping

import grpc

from levada.v1 import error_reason_pb2 as reasons

Reason = reasons.ErrorReason


class LevadaError(Exception):
    """Something went wrong that Levada knows how to name.

    *message* is for people: what happened, what it means for them, what to do; never a secret or a stack trace.
    *details* are short facts for programs (``ErrorInfo.metadata``); *tried* says what was tried before giving up
    (``RunFailed.tried``).
    """

    reason: Reason = reasons.ERROR_REASON_INTERNAL
    code: grpc.StatusCode = grpc.StatusCode.INTERNAL
    retryable: bool = False

    def __init__(
        self,
        message: str = "",
        *,
        reason: Reason | None = None,
        details: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.message = message or (self.__doc__ or "").split("\n")[0]
        super().__init__(self.message)
        if reason is not None:
            self.reason = reason
        self.details = dict(details or {})
        self.tried: tuple[str, ...] = ()
        self.retry_after = retry_after


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


class ModelError(LevadaError):
    """The model gave no usable answer."""

    reason = reasons.ERROR_REASON_MODEL_UNAVAILABLE
    code = grpc.StatusCode.UNAVAILABLE
    retryable = True


class ModelUnavailable(ModelError):
    """The model can't be reached, is overloaded, or stopped in the middle of its answer."""


class ModelRejected(ModelError):
    """The model's vendor turned the request down as it stands: its key, the model's name, or its length."""

    code = grpc.StatusCode.FAILED_PRECONDITION
    retryable = False


class ModelRefused(ModelError):
    """The model declined to answer; say it in other words."""

    reason = reasons.ERROR_REASON_MODEL_OUTPUT_INVALID
    code = grpc.StatusCode.FAILED_PRECONDITION
    retryable = False


class ModelOutputInvalid(ModelError):
    """What the model wrote is not of the form that was asked for, and asking again did not mend it."""

    reason = reasons.ERROR_REASON_MODEL_OUTPUT_INVALID


class BudgetExhausted(ModelError):
    """The budget for language models is used up."""

    reason = reasons.ERROR_REASON_BUDGET_EXHAUSTED
    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    retryable = False


class ModelRequired(ModelError):
    """This can't be done without a language model, and none is configured."""

    reason = reasons.ERROR_REASON_MODEL_REQUIRED
    code = grpc.StatusCode.FAILED_PRECONDITION
    retryable = False


class NotUnderstood(ModelError):
    """The question could not be understood over this source.

    *unused* are the words no meaning was found for.
    """

    reason = reasons.ERROR_REASON_QUESTION_NOT_UNDERSTOOD
    code = grpc.StatusCode.FAILED_PRECONDITION
    retryable = False

    def __init__(self, message: str, *, unused: tuple[str, ...] = (), retryable: bool = False) -> None:
        self.unused = unused
        self.retryable = retryable
        super().__init__(message, details={"unused_words": " ".join(unused)} if unused else None)


class NotAlone(NotUnderstood):
    """The source can't work this out by itself; the pipeline “federated” does the rest."""


class TasksFailed(LevadaError):
    """Tasks of the workflow failed for good; what others found is in the events."""

    reason = reasons.ERROR_REASON_TASKS_FAILED
    code = grpc.StatusCode.FAILED_PRECONDITION


class TriesExhausted(LevadaError):
    """All tries were made, and none gave what may be used."""

    reason = reasons.ERROR_REASON_TRIES_EXHAUSTED
    code = grpc.StatusCode.FAILED_PRECONDITION
    retryable = True


class RunTimeout(LevadaError):
    """Query took too long. Try a more specific question."""

    reason = reasons.ERROR_REASON_RUN_TIMEOUT
    code = grpc.StatusCode.DEADLINE_EXCEEDED


class StoreError(LevadaError):
    """Runs can't be stored at the moment; nothing that was accepted is lost."""

    reason = reasons.ERROR_REASON_STORE_UNAVAILABLE
    code = grpc.StatusCode.UNAVAILABLE
    retryable = True


class ReaderStalled(LevadaError):
    """Nothing was taken from this stream for too long, so it was cut; watch again from your last event."""

    reason = reasons.ERROR_REASON_READER_STALLED
    code = grpc.StatusCode.UNAVAILABLE
    retryable = True


class ServerStopping(LevadaError):
    """The server is stopping; reconnect and read on from your last event."""

    reason = reasons.ERROR_REASON_SERVER_STOPPING
    code = grpc.StatusCode.UNAVAILABLE
    retryable = True

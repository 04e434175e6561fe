"""How a run, the store under it or the server at it came to grief."""

import grpc

from core.errors.root import LevadaError
from levada.v1 import error_reason_pb2 as reasons


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

"""A run that did not end well, as the problem that whoever waited for its answer gets."""

from gateway.problems import RETRY_AFTER, Problem
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.event_pb2 import Event

STATUS = {
    "QUERY_TIMEOUT": 504,
    "RUN_TIMEOUT": 504,
    "STEP_TIMEOUT": 504,
    "BUDGET_EXHAUSTED": 429,
    "CANCELLED": 409,
    "INTERNAL": 500,
    "TRIES_EXHAUSTED": 502,
    **dict.fromkeys(
        ("QUESTION_NOT_UNDERSTOOD", "QUERY_REFUSED", "QUERY_FAILED", "SOURCE_EMPTY", "MODEL_REQUIRED"), 422
    ),
}


def problem(reason: str, message: str, *, retryable: bool, **metadata: str) -> Problem:
    """Return the problem that says why a run did not end well; *reason* is "CANCELLED" for one that was cancelled."""
    return Problem(
        STATUS.get(reason, 503 if retryable else 500),
        "RUN_ENDED" if reason == "CANCELLED" else reason,
        message,
        metadata={name: text for name, text in metadata.items() if text},
        retry_after=RETRY_AFTER if retryable else None,
    )


def failure(event: Event) -> Problem | None:
    """Return the problem that a terminal event tells of; None for a run that completed."""
    if event.HasField("failed"):
        it = event.failed
        reason = ErrorReason.Name(it.reason).removeprefix("ERROR_REASON_")
        return problem(reason, it.message, retryable=it.retryable, run_id=event.run_id)
    if event.HasField("cancelled"):
        return problem("CANCELLED", event.cancelled.cause or "Cancelled.", retryable=False, run_id=event.run_id)
    return None

"""How a session ends, in the `query` dialect: complete, or error with what can be done about it."""

from collections.abc import Iterable

from gateway.dialects.query.memory import Memory, Said, Words
from gateway.proto_json import seconds, to_dict
from levada.v1 import event_pb2 as pb
from levada.v1.error_reason_pb2 import ErrorReason

AGAIN = "Ask again in a moment: the same question may be answered then."
LESS = "Ask for less: a shorter period, fewer groups, fewer databases."
SUGGESTIONS = {
    "QUERY_TIMEOUT": LESS,
    "RUN_TIMEOUT": LESS,
    "STEP_TIMEOUT": LESS,
    "QUESTION_NOT_UNDERSTOOD": "Put it in other words, with the names of tables and columns that there are.",
    "QUERY_REFUSED": "Ask for something to be read, of what you may read.",
    "SOURCE_UNAVAILABLE": "See whether the database is up: GET /v1/sources says why it can't be reached.",
    "MODEL_REQUIRED": "Configure a language model, or ask for less at once.",
}


def completed(memory: Memory, event: pb.Event, it: pb.RunCompleted) -> Iterable[Said]:
    totals = it.totals
    asked = {"clarification": to_dict(it.clarification)} if it.HasField("clarification") else {}
    yield {
        "type": "complete",
        "outcome": pb.Outcome.Name(it.outcome).removeprefix("OUTCOME_").lower(),
        "summary": it.summary,
        "sql": memory.sql,
        "row_count": totals.rows,
        "seconds": seconds(totals.duration),
        **asked,
    }


def failed(memory: Memory, event: pb.Event, it: pb.RunFailed) -> Iterable[Said]:
    reason = ErrorReason.Name(it.reason).removeprefix("ERROR_REASON_")
    yield error(it.message, reason, retryable=it.retryable) | {"tried": list(it.tried)}


def cancelled(memory: Memory, event: pb.Event, it: pb.RunCancelled) -> Iterable[Said]:
    yield error(it.cause or "Cancelled.", "CANCELLED", retryable=False) | {"by": it.by}


def error(message: str, reason: str, *, retryable: bool) -> Said:
    """Return the frame that ends what failed."""
    suggestions = [SUGGESTIONS[reason]] if reason in SUGGESTIONS else []
    suggestions += [AGAIN] if retryable else []
    return {"type": "error", "message": message, "reason": reason, "retryable": retryable, "suggestions": suggestions}


WORDS: Words = {"completed": completed, "failed": failed, "cancelled": cancelled}

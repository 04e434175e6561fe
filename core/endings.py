"""How a run ends: exactly one of completed, failed, cancelled, with what is stored about it."""

from typing import Any

from google.protobuf.message import Message

from core.errors import LevadaError, RunTimeout
from core.identity import LOCAL
from core.pipeline import Ending
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.event_pb2 import RunCancelled, RunCompleted, RunFailed, Totals
from levada.v1.run_pb2 import RunState

Told = tuple[Message, dict[str, Any]]


def cause_of(error: BaseException) -> BaseException:
    """Return what a task group's error is about: the first error that Levada names, else the first one."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    causes = [cause_of(inner) for inner in error.exceptions]
    return next((cause for cause in causes if isinstance(cause, LevadaError)), causes[0])


def completed(ending: Ending, totals: Totals) -> Told:
    message = RunCompleted(
        outcome=ending.outcome, summary=ending.summary, totals=totals, clarification=ending.clarification
    )
    columns = {"state": RunState.RUN_STATE_COMPLETED, "outcome": ending.outcome, "summary": ending.summary}
    return message, columns


def failed(error: BaseException, failures: list[str], trace_id: str, totals: Totals) -> Told:
    """Say why a run failed. What it tried is what the error says of that, else the steps that failed before."""
    if not isinstance(error, LevadaError):
        where = f" Whoever runs this server finds more in its log, under trace {trace_id}." if trace_id else ""
        error = LevadaError(f"Something went wrong inside Levada, and the run was given up.{where}")
    tried = getattr(error, "tried", None) or [failure for failure in failures if not failure.endswith(error.message)]
    message = RunFailed(
        reason=error.reason, message=error.message, tried=tried, retryable=error.retryable, totals=totals
    )
    columns = {"state": RunState.RUN_STATE_FAILED, "reason": error.reason, "message": error.message}
    return message, columns


def cancelled(by: str, cause: str, totals: Totals) -> Told:
    # Where nobody has to log in there is but one who can have done it.
    told = "Cancelled." if by == LOCAL.subject else f"Cancelled by {by}."
    columns = {"state": RunState.RUN_STATE_CANCELLED, "message": cause or told}
    return RunCancelled(by=by, cause=cause, totals=totals), columns


def worker_lost(attempts: int, steps: list[str]) -> LevadaError:
    at = f" while at {', '.join(steps)}" if steps else ""
    return LevadaError(
        f"The server working on this run was lost {attempts} times{at}, so the run was given up. "
        "Ask for less, or tell whoever runs this server.",
        reason=reasons.ERROR_REASON_WORKER_LOST,
    )


def deadline_missed(state: RunState, microseconds: int) -> RunTimeout:
    """Say what a run was about when its deadline, so many microseconds after its creation, came."""
    seconds = microseconds / 1e6
    after = f"{seconds / 3600:,.3g} hours" if seconds >= 7200 else f"{seconds:,.6g} seconds"
    match state:
        case RunState.RUN_STATE_QUEUED:
            return RunTimeout(
                f"The run still waited in the queue at its deadline, {after} after it was asked for. "
                "Ask again when less is going on, or give it a later deadline."
            )
        case RunState.RUN_STATE_WAITING:
            return RunTimeout(
                f"Nobody had answered the run's question by its deadline, {after} after it was asked for. "
                "Ask again when you can answer."
            )
        case RunState.RUN_STATE_PAUSED:
            return RunTimeout(
                f"The run was still paused at its deadline, {after} after it was asked for. "
                "Fork it to go on from the steps that it completed."
            )
    return RunTimeout(
        f"The run was not done by its deadline, {after} after it was asked for. "
        "Give it a later one, or fork it to go on from the steps that it completed."
    )


def unknown_pipeline(name: str) -> LevadaError:
    return LevadaError(
        f"This server has no pipeline {name!r} any more, so the run can't go on. Ask again with another one.",
        reason=reasons.ERROR_REASON_UNKNOWN_PIPELINE,
    )


def error_type(reason: ErrorReason) -> str:
    """Return a reason as traces name it."""
    return ErrorReason.Name(reason).removeprefix("ERROR_REASON_")


def name_of(columns: dict[str, Any]) -> str:
    """Return an ending's name for metrics: "completed", "cancelled" or what went wrong."""
    if columns["state"] == RunState.RUN_STATE_FAILED:
        return error_type(columns["reason"]).lower()
    return RunState.Name(columns["state"]).removeprefix("RUN_STATE_").lower()

"""The words of the `workflow` dialect: what each event of a run is called there."""

from collections.abc import Callable
from typing import Any

from gateway.dialects.workflow.board import Board, Task, finding
from gateway.proto_json import to_dict
from levada.v1 import event_pb2 as pb
from levada.v1.error_reason_pb2 import ErrorReason

Said = dict[str, Any]


def said(kind: str, message: str, task: Task | None = None, **data: Any) -> Said:
    about = {"task_id": task.id, "task_name": task.name} if task and task.id else {}
    return {"event_type": kind, **about, "message": message, **({"data": data} if data else {})}


def started(board: Board, event: pb.Event, it: pb.RunStarted) -> Said:
    board.begin(it)
    return said("workflow_started", f"Starting workflow: {board.name}")


def task_planned(board: Board, event: pb.Event, it: pb.TaskPlanned) -> Said | None:
    board.plan(it)
    task = board.tasks[it.task_id]
    about = {name: value for name, value in to_dict(it).items() if name in ("dependsOn", "priority", "objective")}
    if "dependsOn" in about:
        about["depends_on"] = about.pop("dependsOn")
    cause = f" - {it.cause}" if it.cause else ""
    return said("task_progress", f"Planned: {task.name}{cause}", task, status="pending", **about)


def iteration_started(board: Board, event: pb.Event, it: pb.IterationStarted) -> Said:
    board.iteration, board.depth = it.iteration, it.depth
    message = f"Iteration {it.iteration}/{it.depth}"
    return said("iteration_started", message, iteration=it.iteration, depth=it.depth)


def iteration_completed(board: Board, event: pb.Event, it: pb.IterationCompleted) -> Said:
    message = f"Completed {it.iteration} iteration{'s' * (it.iteration != 1)}"
    data: Said = {"iteration": it.iteration, "tasks_completed": it.tasks_completed, "tasks_total": it.tasks_total}
    if it.decision:
        data["decision"] = it.decision
    return said("iteration_completed", message, **data)


def step_started(board: Board, event: pb.Event, it: pb.StepStarted) -> Said | None:
    task, itself = board.start(event.step, it.title)
    if itself:
        again = {"attempt": event.attempt} if event.attempt > 1 else {}
        return said("task_started", f"Starting task: {task.name}", task, **again)
    return progressed(task, it.title) if task.id else None


def progressed(task: Task, message: str, **data: Any) -> Said | None:
    """Return what a task tells, unless it said the same just before or says nothing."""
    if not message or message == task.said:
        return None
    task.said = message
    return said("task_progress", message, task, **data)


def step_progressed(board: Board, event: pb.Event, it: pb.StepProgressed) -> Said | None:
    task, fraction = board.of(event.step)[0], {"fraction": it.fraction} if it.HasField("fraction") else {}
    if any(it.message == f"Found: {one['text']}" for one in task.findings):
        return None
    return progressed(task, it.message, **fraction)


def found(board: Board, event: pb.Event, it: pb.Finding) -> Said | None:
    task, found = board.of(event.step)[0], finding(it)
    if not task.find(event.step, event.attempt, found):
        return None
    return progressed(task, f"Found: {it.text}", finding=found)


def step_completed(board: Board, event: pb.Event, it: pb.StepCompleted) -> Said | None:
    task, itself = board.of(event.step)
    if not itself:
        return progressed(task, it.summary) if task.id else None
    task.status, task.summary = "completed", it.summary
    return said("task_completed", f"Completed: {task.name}", task, result=board.result(task))


def step_failed(board: Board, event: pb.Event, it: pb.StepFailed) -> Said | None:
    task, itself = board.of(event.step)
    if not itself or it.will_retry:
        return progressed(task, it.message, will_retry=it.will_retry)
    task.status, task.error = "failed", it.message
    reason = ErrorReason.Name(it.reason).removeprefix("ERROR_REASON_")
    return said("task_failed", f"Task failed: {task.name} - {it.message}", task, error=it.message, reason=reason)


def step_skipped(board: Board, event: pb.Event, it: pb.StepSkipped) -> Said | None:
    task, itself = board.of(event.step)
    if not itself:
        return progressed(task, it.cause)
    task.status = "skipped"
    if board.tasks.get(task.id) is not task:
        return progressed(task, it.cause)
    task.error = it.cause
    return said("task_failed", f"Task failed: {task.name} - skipped: {it.cause}", task, error=it.cause, skipped=True)


def text(board: Board, event: pb.Event, it: pb.TextDelta | pb.TextCompleted) -> None:
    board.texts.hear(event)


def input_requested(board: Board, event: pb.Event, it: pb.InputRequested) -> Said | None:
    return progressed(board.of(event.step)[0], it.prompt, input=to_dict(it))


def completed(board: Board, event: pb.Event, it: pb.RunCompleted) -> Said:
    return said(
        "workflow_completed",
        "Workflow completed successfully",
        results=board.results(),
        report=board.report,
        summary=it.summary,
    )


def failed(board: Board, event: pb.Event, it: pb.RunFailed) -> Said:
    reason = ErrorReason.Name(it.reason).removeprefix("ERROR_REASON_")
    return ended(board, it.message, reason) | {"message": f"Workflow failed: {it.message}"}


def cancelled(board: Board, event: pb.Event, it: pb.RunCancelled) -> Said:
    cause = f"cancelled by {it.by or 'somebody'}{f' ({it.cause})' if it.cause else ''}"
    return ended(board, cause, "CANCELLED") | {"message": f"Workflow failed: {cause}"}


def ended(board: Board, error: str, reason: str) -> Said:
    return said("workflow_failed", "", error=error, reason=reason, results=board.results(), report=board.report)


WORDS: dict[str, Callable[[Board, pb.Event, Any], Said | None]] = {
    "started": started,
    "task_planned": task_planned,
    "iteration_started": iteration_started,
    "iteration_completed": iteration_completed,
    "step_started": step_started,
    "step_progressed": step_progressed,
    "step_completed": step_completed,
    "step_failed": step_failed,
    "step_skipped": step_skipped,
    "finding": found,
    "text_delta": text,
    "text_completed": text,
    "input_requested": input_requested,
    "completed": completed,
    "failed": failed,
    "cancelled": cancelled,
}

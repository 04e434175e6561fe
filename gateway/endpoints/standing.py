"""Workflows as JSON: what one is, how far it is, what came of it."""

import time
from typing import Any

from gateway.dialects.workflow.board import Board
from gateway.problems import invalid
from gateway.proto_json import timestamp
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.run_pb2 import ResearchTask, Run, RunState

STATUS = {
    RunState.RUN_STATE_QUEUED: "running",  # queue_position says whether it waits for a worker
    RunState.RUN_STATE_RUNNING: "running",
    RunState.RUN_STATE_WAITING: "waiting",
    RunState.RUN_STATE_PAUSED: "paused",
    RunState.RUN_STATE_COMPLETED: "completed",
    RunState.RUN_STATE_FAILED: "failed",
    RunState.RUN_STATE_CANCELLED: "cancelled",
}
STATUSES = ("created", *dict.fromkeys(STATUS.values()))
TEXT, COUNT, SECONDS = {"type": "string"}, {"type": "integer"}, {"type": ["number", "null"]}
STANDING = ("pending", "running", "completed", "failed", "skipped")
TASK = {
    "type": "object",
    "properties": {
        "id": TEXT,
        "name": TEXT,
        "status": {"type": "string", "enum": list(STANDING)},
        "depends_on": {"type": "array", "items": TEXT},
        "error": {"type": ["string", "null"]},
    },
}
WORKFLOW: dict[str, Any] = {
    "type": "object",
    "required": ["id", "workflow_id", "status"],
    "properties": {
        "id": TEXT,
        "workflow_id": {"type": "string", "description": "The same, as events call it."},
        "name": TEXT,
        "status": {"type": "string", "enum": list(STATUSES)},
        "progress": {"type": "number", "description": "0 to 1."},
        "tasks": {"type": "array", "items": TASK},
        "tasks_completed": COUNT,
        "tasks_total": COUNT,
        "current_depth": {"type": "integer", "description": "The iteration that it is at."},
        "depth": {"type": "integer", "description": "Iterations at most."},
        "elapsed_seconds": SECONDS,
        "results": {"type": "object", "description": "What the completed tasks found, by their ids."},
        "report": {"type": "string", "description": "Markdown."},
        "error": {"type": ["string", "null"]},
        "metadata": {"type": "object", "properties": {"stream_url": TEXT, "status_url": TEXT}},
    },
}


def states(word: str) -> list[RunState]:
    """Return the states of a run that *word* stands for. Raises Problem."""
    found = [state for state, status in STATUS.items() if status == word or (status, word) == ("paused", "created")]
    if not found:
        raise invalid("status", f"There is no status {word[:50]!r}; there is {', '.join(STATUSES)}.")
    return found


def status(run: Run) -> str:
    held = run.state == RunState.RUN_STATE_PAUSED and not run.HasField("start_time") and run.request.options.hold
    return "created" if held else STATUS.get(run.state, "")


def workflow(run: Run, board: Board | None = None) -> dict[str, Any]:
    """Return a workflow, with its tasks where the *board* knows them."""
    url, options, given = f"/api/v1/workflows/{run.run_id}", run.request.options, run.request.research
    times = {"created_at": "create_time", "started_at": "start_time", "completed_at": "end_time"}
    return {
        "id": run.run_id,
        "workflow_id": run.run_id,
        "name": given.name or run.request.question,
        "objective": run.request.question,
        "pipeline": run.request.pipeline,
        "status": status(run),
        "queue_position": run.queue_position,
        "progress": round(run.progress, 4),
        "config": {"breadth": options.breadth, "depth": options.depth, "timeout": options.timeout.seconds},
        **{name: timestamp(getattr(run, at)) if run.HasField(at) else None for name, at in times.items()},
        **({"tasks": tasks(run, board)} if board else {}),
        "summary": run.summary,
        "error": run.message or None,
        "reason": ErrorReason.Name(run.reason).removeprefix("ERROR_REASON_") if run.reason else None,
        "metadata": {"stream_url": f"{url}/stream", "status_url": f"{url}/status"},
    }


def tasks(run: Run, board: Board) -> list[dict[str, Any]]:
    """Return the tasks as the run has told of them; before that, as they were given."""
    if not board.counted:
        return [pending(task) for task in run.request.research.tasks]
    return [
        {
            "id": task.id,
            "name": task.name,
            "objective": task.objective,
            "status": task.status,
            "depends_on": list(task.depends_on),
            "parent": task.parent or None,
            "result": board.result(task) or None,
            "error": task.error or None,
        }
        for task in board.counted
    ]


def pending(task: ResearchTask) -> dict[str, Any]:
    about = {"objective": task.objective, "depends_on": list(task.depends_on), "parent": None}
    return {"id": task.task_id, "name": task.name or task.task_id, **about, "status": "pending", "error": None}


def progress(run: Run, board: Board) -> dict[str, Any]:
    """Return how far a workflow is."""
    known = [task for task in tasks(run, board) if task["id"] not in board.parts]
    counts = {word: sum(task["status"] == word for task in known) for word in STANDING}
    return {
        "id": run.run_id,
        "workflow_id": run.run_id,
        "status": status(run),
        "queue_position": run.queue_position,
        "progress": round(run.progress, 4),
        "tasks_completed": counts["completed"],
        "tasks_total": len(known),
        "tasks_by_status": counts,
        "current_depth": board.iteration,
        "depth": board.depth or run.request.options.depth,
        "elapsed_seconds": elapsed(run),
        "last_event_id": run.last_sequence,
        "error": run.message or None,
    }


def elapsed(run: Run) -> float | None:
    """Return the seconds since a worker began, up to the end."""
    if not run.HasField("start_time"):
        return None
    until = run.end_time.ToMicroseconds() / 1e6 if run.HasField("end_time") else time.time()
    return round(max(0.0, until - run.start_time.ToMicroseconds() / 1e6), 3)


def ran(run: Run, board: Board, told: dict[str, Any] | None) -> dict[str, Any]:
    """Return what came of a workflow, from the event that it *told* last."""
    data = (told or {}).get("data", {})
    return {**workflow(run, board), "results": data.get("results", {}), "report": data.get("report", "")}

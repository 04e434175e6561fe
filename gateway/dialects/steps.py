"""The `steps` dialect: nameless frames of {step, status, message, icon, progress, category, timestamp} for a panel.

One frame when a step begins, one for each new thing it says it does, and one for the end.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import orjson

from gateway.dialects.base import Frame
from gateway.proto_json import timestamp, to_dict
from levada.v1 import event_pb2 as pb
from levada.v1.error_reason_pb2 import ERROR_REASON_QUERY_TIMEOUT, ERROR_REASON_RUN_TIMEOUT, ErrorReason

TOO_LONG = "Query took too long. Try a more specific question."
CATEGORIES = {
    pb.CATEGORY_THINKING: "thinking",
    pb.CATEGORY_ACTION: "action",
    pb.CATEGORY_CHECK: "check",
    pb.CATEGORY_ERROR: "error",
}
Panel = dict[str, Any]


class Steps:
    name: ClassVar[str] = "steps"
    remembers: ClassVar[bool] = True
    idle_seconds: ClassVar[float | None] = None

    def __init__(self) -> None:
        self._begins: dict[str, int] = {}
        self._progress = 0
        self._look: dict[str, tuple[str, str]] = {}
        self._said: tuple[str, str] = ("", "")
        self._sql = ""

    def encode(self, event: pb.Event) -> Sequence[Frame]:
        kind = event.WhichOneof("payload") or ""
        speak = WORDS.get(kind)
        said = speak(self, event, getattr(event, kind)) if speak else None
        return () if said is None else (self._frame(event, said),)

    def gap(self, oldest: int) -> Sequence[Frame]:
        # A panel shows where a run is, not how it came there: what is missing is missed by nobody.
        return ()

    def idle(self) -> Sequence[Frame]:
        return ()

    def _frame(self, event: pb.Event, said: Panel) -> Frame:
        panel = {"step": event.step, "progress": self._progress, **said}
        panel |= {"timestamp": timestamp(event.time), "workflow_id": event.run_id}
        return Frame("", orjson.dumps(panel))

    def _queued(self, event: pb.Event, queued: pb.RunQueued) -> Panel:
        ahead = f" ({queued.position - 1} ahead)" if queued.position > 1 else ""
        message = f"Waiting for a free worker{ahead}..."
        return {"step": "queued", "status": "pending", "message": message, "icon": "⏳", "category": "thinking"}

    def _started(self, event: pb.Event, started: pb.RunStarted) -> None:
        self._begins = {info.step: round(info.progress * 100) for info in started.steps}

    def _step_started(self, event: pb.Event, step: pb.StepStarted) -> Panel:
        # A step that only mends something holds the progress where it is.
        self._progress = max(self._progress, self._begins.get(event.step, 0))
        self._look[event.step] = step.icon, CATEGORIES.get(step.category, "action")
        return self._says(event, step.title) or {}

    def _step_progressed(self, event: pb.Event, step: pb.StepProgressed) -> Panel | None:
        return self._says(event, step.message)

    def _says(self, event: pb.Event, message: str) -> Panel | None:
        """Return what a step says, unless it said the same just before or says nothing."""
        if not message or self._said == (event.step, message):
            return None
        self._said = event.step, message
        icon, category = self._look.get(event.step, ("⚡", "action"))
        status = "thinking" if category == "thinking" else "running"
        return {"status": status, "message": message, "icon": icon, "category": category}

    def _query_validated(self, event: pb.Event, query: pb.QueryValidated) -> None:
        self._sql = query.text

    def _input_requested(self, event: pb.Event, asked: pb.InputRequested) -> Panel:
        panel = {"status": "pending", "message": asked.prompt, "icon": "❓", "category": "thinking"}
        return panel | {"input": to_dict(asked)}

    def _completed(self, event: pb.Event, completed: pb.RunCompleted) -> Panel:
        self._progress = 100
        panel = {"step": "end", "status": "completed", "message": "Done!", "icon": "✅", "category": ""}
        return panel | {"summary": completed.summary, "sql": self._sql, "rows": completed.totals.rows}

    def _failed(self, event: pb.Event, failed: pb.RunFailed) -> Panel:
        too_long = failed.reason in (ERROR_REASON_QUERY_TIMEOUT, ERROR_REASON_RUN_TIMEOUT)
        reason = ErrorReason.Name(failed.reason).removeprefix("ERROR_REASON_")
        return error("failed", TOO_LONG if too_long else failed.message, "❌") | {"reason": reason}

    def _cancelled(self, event: pb.Event, cancelled: pb.RunCancelled) -> Panel:
        return error("cancelled", cancelled.cause or "Cancelled.", "🛑")


def error(status: str, message: str, icon: str) -> Panel:
    return {"step": "error", "status": status, "message": message, "icon": icon, "category": "error"}


Speak = Callable[[Steps, pb.Event, Any], Panel | None]
WORDS: dict[str, Speak] = {
    "queued": Steps._queued,
    "started": Steps._started,
    "step_started": Steps._step_started,
    "step_progressed": Steps._step_progressed,
    "query_validated": Steps._query_validated,
    "input_requested": Steps._input_requested,
    "completed": Steps._completed,
    "failed": Steps._failed,
    "cancelled": Steps._cancelled,
}

"""The `generate` dialect: start, a `step` for each step that a run took, the result as a last `step`, done or error.

Prompts and responses are the run's model calls, for callers who may see those; else the fields are null. A step that
is tried again is told again. An exercise that could not be made is a result too: `success` is false, and `done` ends
the stream; what broke the run off ends it with `error`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import orjson

from gateway.dialects.base import Frame
from gateway.proto_json import seconds, timestamp, to_dict
from levada.v1 import event_pb2 as pb
from levada.v1.error_reason_pb2 import ERROR_REASON_TRIES_EXHAUSTED

PREVIEW = 500
Said = tuple[str, dict[str, Any]]
"""The name of a frame and what it says."""


@dataclass
class Seen:
    """A step under way: what it is called, the calls of models that it made, what was looked at in its result."""

    title: str
    calls: list[pb.ModelCalled] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)


class Generate:
    name: ClassVar[str] = "generate"
    remembers: ClassVar[bool] = True
    idle_seconds: ClassVar[float | None] = None

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._steps: dict[str, Seen] = {}
        self._result: pb.AssessmentEnded | None = None

    def encode(self, event: pb.Event) -> Sequence[Frame]:
        return [Frame(name, orjson.dumps(said)) for name, said in self.say(event)]

    def say(self, event: pb.Event) -> Iterable[Said]:
        """Yield what is said of *event*, before it is put into JSON."""
        kind = event.WhichOneof("payload") or ""
        speak = WORDS.get(kind)
        return speak(self, event, getattr(event, kind)) if speak else ()

    def gap(self, oldest: int) -> Sequence[Frame]:
        # What is left tells of the result; the steps before are missed by nobody who reads a run that old.
        return ()

    def idle(self) -> Sequence[Frame]:
        return ()

    def _started(self, event: pb.Event, it: pb.RunStarted) -> Iterable[Said]:
        # Those that not every run takes, such as the one that says what came of it, have no number.
        numbered = (info.step for info in it.steps if not info.conditional)
        self._numbers = {step: number for number, step in enumerate(numbered, 1)}
        yield "start", {"event": "start", "topic": it.question, "timestamp": timestamp(event.time)}

    def _step_started(self, event: pb.Event, it: pb.StepStarted) -> Iterable[Said]:
        self._steps[event.step] = Seen(it.title)
        return ()

    def _model_called(self, event: pb.Event, it: pb.ModelCalled) -> Iterable[Said]:
        if event.step in self._steps:
            self._steps[event.step].calls.append(it)
        return ()

    def _quality_checked(self, event: pb.Event, it: pb.QualityChecked) -> Iterable[Said]:
        if event.step in self._steps:
            self._steps[event.step].checks += map(to_dict, it.checks)
        return ()

    def _step_completed(self, event: pb.Event, it: pb.StepCompleted) -> Iterable[Said]:
        yield from self._step(event, it.duration, it.summary, "")

    def _step_failed(self, event: pb.Event, it: pb.StepFailed) -> Iterable[Said]:
        yield from self._step(event, it.duration, "", it.message)

    def _step(self, event: pb.Event, duration: Any, summary: str, error: str) -> Iterable[Said]:
        """Tell of a step of the pipeline; what is done within one is told with it."""
        number = self._numbers.get(event.step.partition("#")[0])
        seen = self._steps.get(event.step)
        if number is None or seen is None:
            return
        call = seen.calls[-1] if seen.calls else pb.ModelCalled()
        said = {
            "type": "step",
            "step_number": number,
            "description": seen.title,
            "model": call.model or None,
            "success": not error,
            "timestamp": timestamp(event.time),
            "response_preview": call.response[:PREVIEW] if seen.calls else summary[:PREVIEW] or None,
            "response_full": call.response if seen.calls else None,
            "prompt": call.prompt if seen.calls else None,
            "role": call.role or None,
            "calls": len(seen.calls),
            "input_tokens": sum(each.input_tokens for each in seen.calls),
            "output_tokens": sum(each.output_tokens for each in seen.calls),
            "duration_seconds": seconds(duration),
            "summary": summary,
            "error": error or None,
            "checks": seen.checks,
        }
        yield "step", said

    def _ended(self, event: pb.Event, it: pb.AssessmentEnded) -> Iterable[Said]:
        self._result = it
        yield "step", {"type": "final", **result(it)}

    def _completed(self, event: pb.Event, it: pb.RunCompleted) -> Iterable[Said]:
        yield done(event, it.totals, it.summary)

    def _failed(self, event: pb.Event, it: pb.RunFailed) -> Iterable[Said]:
        exhausted = self._result and it.reason == ERROR_REASON_TRIES_EXHAUSTED
        yield done(event, it.totals, it.message) if exhausted else error(event, it.message)

    def _cancelled(self, event: pb.Event, it: pb.RunCancelled) -> Iterable[Said]:
        yield error(event, it.cause or "Cancelled.")


def result(it: pb.AssessmentEnded) -> dict[str, Any]:
    """Return what came of making an exercise."""
    made = it.assessment
    exercise = {
        "title": made.title,
        "difficulty": made.difficulty,
        "content_type": made.content_type,
        "code": list(made.content),
        "errors": [{"id": each.id, "description": each.description} for each in made.errors],
    }
    return {
        "success": it.success,
        "differentiation_achieved": it.differentiation_achieved,
        "total_attempts": it.total_attempts,
        "stopped_at_step": it.stopped_at_step,
        "assessment": exercise if it.HasField("assessment") else None,
        "metadata": {
            "difficulty": it.difficulty,
            "sub_topic": it.sub_topic,
            "quality_score": it.quality_score or None,
            "message": it.message or None,
        },
    }


def done(event: pb.Event, totals: pb.Totals, summary: str) -> Said:
    took = seconds(totals.duration)
    return "done", {
        "event": "done",
        "timestamp": timestamp(event.time),
        "total_duration_seconds": took,
        "summary": summary,
    }


def error(event: pb.Event, message: str) -> Said:
    return "error", {"type": "error", "error": message, "timestamp": timestamp(event.time)}


WORDS: dict[str, Callable[[Generate, pb.Event, Any], Iterable[Said]]] = {
    "started": Generate._started,
    "step_started": Generate._step_started,
    "model_called": Generate._model_called,
    "quality_checked": Generate._quality_checked,
    "step_completed": Generate._step_completed,
    "step_failed": Generate._step_failed,
    "assessment_ended": Generate._ended,
    "completed": Generate._completed,
    "failed": Generate._failed,
    "cancelled": Generate._cancelled,
}

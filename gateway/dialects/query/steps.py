"""How a run and its steps go on, in the `query` dialect: classifying, planning, aggregating, status, progress."""

from collections.abc import Iterable

from gateway.dialects.query.memory import Memory, Said, Words, seconds
from gateway.proto_json import to_dict
from levada.v1 import event_pb2 as pb
from levada.v1.error_reason_pb2 import ErrorReason

STATUS = ("status", "message")
# Steps with a word of their own, and the field in which that says what they do.
TYPES = {
    "classify_intent": ("classifying", "message"),
    "classify_sources": ("classifying", "message"),
    "plan": ("planning", "step"),
    "mend_plan": ("planning", "step"),
    "combine": ("aggregating", "step"),
}
LOOKING = ("fetch_context", "search_schemas")


def queued(memory: Memory, event: pb.Event, it: pb.RunQueued) -> Iterable[Said]:
    ahead = f" ({it.position - 1} ahead)" if it.position > 1 else ""
    yield {"type": "status", "message": f"Waiting for a free worker{ahead}...", "position": it.position}


def started(memory: Memory, event: pb.Event, it: pb.RunStarted) -> Iterable[Said]:
    memory.announce(it.steps)
    yield {"type": "status", "message": "Processing...", "pipeline": it.pipeline, "question": it.question}


def paused(memory: Memory, event: pb.Event, it: pb.RunPaused) -> Iterable[Said]:
    yield {"type": "status", "message": "Paused.", "by": it.by}


def resumed(memory: Memory, event: pb.Event, it: pb.RunResumed) -> Iterable[Said]:
    yield {"type": "status", "message": f"Going on: {it.cause}." if it.cause else "Going on.", "by": it.by}


def input_requested(memory: Memory, event: pb.Event, it: pb.InputRequested) -> Iterable[Said]:
    yield {"type": "status", "message": it.prompt, "input": to_dict(it)}


def step_started(memory: Memory, event: pb.Event, it: pb.StepStarted) -> Iterable[Said]:
    memory.message = event.step, it.title
    estimate = {"estimated_time": seconds(it.estimated_duration)} if it.HasField("estimated_duration") else {}
    yield doing(event, it.title) | estimate
    if name_of(event) in LOOKING:
        for database in memory.databases:
            yield {"type": "schema_loading", "database": database, "progress": 0.0}


def step_progressed(memory: Memory, event: pb.Event, it: pb.StepProgressed) -> Iterable[Said]:
    if not it.message or memory.message == (event.step, it.message):
        return
    memory.message = event.step, it.message
    yield doing(event, it.message) | ({"fraction": it.fraction} if it.HasField("fraction") else {})


def doing(event: pb.Event, message: str) -> Said:
    kind, where = TYPES.get(name_of(event), STATUS)
    return {"type": kind, where: message}


def name_of(event: pb.Event) -> str:
    """Return the step's name; its path says too which time it is done, as in "plan#2"."""
    return event.step.partition("#")[0]


def step_over(memory: Memory, event: pb.Event, it: pb.StepCompleted | pb.StepSkipped) -> Iterable[Said]:
    if event.step in memory.ahead:
        memory.over.add(event.step)
        yield {"type": "progress", "step": len(memory.over), "total": len(memory.ahead)}


def step_failed(memory: Memory, event: pb.Event, it: pb.StepFailed) -> Iterable[Said]:
    # No error yet: the run may mend it, or go on without. If it can't, `error` follows.
    reason = ErrorReason.Name(it.reason).removeprefix("ERROR_REASON_")
    yield {"type": "status", "message": it.message, "reason": reason, "will_retry": it.will_retry}


WORDS: Words = {
    "queued": queued,
    "started": started,
    "paused": paused,
    "resumed": resumed,
    "input_requested": input_requested,
    "step_started": step_started,
    "step_progressed": step_progressed,
    "step_completed": step_over,
    "step_skipped": step_over,
    "step_failed": step_failed,
}

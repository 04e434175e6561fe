"""What a fork is to do, and what it keeps of the run that it is made from: completed steps that no edit makes void."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.errors import InvalidRequest, NotFound
from core.pipeline import StepSpec
from core.retelling import BYTES_AT_ONCE, EVENTS_AT_ONCE, Read
from core.store.records import Past, StoredStep
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import RunOptions, RunRequest
from levada.v1.run_service_pb2 import ForkRunRequest


@dataclass(frozen=True)
class Kept:
    """Steps that a fork takes over, in the order in which they completed, and the answers that went with them."""

    steps: dict[str, StoredStep]
    # The number in the origin's log before which everything is kept.
    until: int = 0


def request_of(past: Past, fork: ForkRunRequest) -> RunRequest:
    """Return what *fork* is to do. Raises InvalidRequest when the pipeline takes no query."""
    wanted = RunRequest()
    wanted.CopyFrom(past.request)
    wanted.request_id = fork.request_id
    takes_query = _takes_query(wanted.pipeline)
    if fork.question and fork.question != wanted.question:
        wanted.question = fork.question
        if takes_query:
            # A query that was given goes with the question that it answers.
            getattr(wanted, wanted.pipeline).ClearField("query")
    if fork.query:
        if not takes_query:
            raise InvalidRequest({"query": f"The pipeline {wanted.pipeline!r} takes no query. Leave it out."})
        getattr(wanted, wanted.pipeline).query = fork.query
    if fork.HasField("options"):
        wanted.options.CopyFrom(fork.options)
    else:
        # That another run was to wait for its start says nothing of this one.
        wanted.options.hold = False
    return wanted


def _takes_query(pipeline: str) -> bool:
    """Tell whether the pipeline has parameters with a query among them."""
    parameters = RunRequest.DESCRIPTOR.fields_by_name.get(pipeline)
    kind = parameters.message_type if parameters is not None else None
    return kind is not None and "query" in kind.fields_by_name


def edited(before: RunRequest, after: RunRequest) -> set[str]:
    """Return what StepSpec.reads may name of what differs: "question", "query", names of options."""
    one, other = before.options, after.options
    names = {field.name for field in RunOptions.DESCRIPTOR.fields}
    changed = {name for name in names if getattr(one, name) != getattr(other, name)}
    if before.question != after.question:
        changed.add("question")
    if _query(before) != _query(after):
        changed.add("query")
    return changed


def _query(request: RunRequest) -> str:
    given = request.WhichOneof("parameters")
    return getattr(getattr(request, given), "query", "") if given else ""


def kept(past: Past, step: str, specs: Sequence[StepSpec], edits: Collection[str]) -> Kept:
    """Return what is kept up to *step* (nothing for none). Raises NotFound (STEP_NOT_FOUND)."""
    if not step:
        return Kept({})
    if step not in past.steps:
        raise _not_completed(step, past.steps)
    until = past.steps[step].last
    reads: Mapping[str, Collection[str]] = {spec.known_as: spec.reads for spec in specs}
    for one in past.steps.values():
        void = set(reads.get(one.name, ())) & set(edits)
        # What is told again needs its events; what came after a step that has to be done anew may rest on it.
        if one.last <= until and (void or one.first < past.oldest):
            until = min(until, one.first - 1)
    return Kept({path: one for path, one in past.steps.items() if one.last <= until}, until)


def _not_completed(step: str, steps: Mapping[str, StoredStep]) -> NotFound:
    there = f"It completed: {', '.join(steps)}." if steps else "It has completed none yet."
    return NotFound(
        f"The run has completed no step {step[:100]!r}. {there}",
        reason=reasons.ERROR_REASON_STEP_NOT_FOUND,
        details={"step": step[:100]},
    )


async def heard(read: Read, run_id: str, after: int, until: int) -> set[str]:
    """Return the input requests that a run was answered after number *after* and up to *until*."""
    found: set[str] = set()
    while after < until:
        events, _ = await read(run_id, after, EVENTS_AT_ONCE, BYTES_AT_ONCE)
        if not events:
            break
        for event in map(Event.FromString, events[: until - after]):
            if event.HasField("input_received"):
                found.add(event.input_received.input_id)
        after += len(events)
    return found


def step_rows(run_id: str, origin: str, pipeline: str, steps: Mapping[str, StoredStep]) -> list[dict[str, Any]]:
    """Return *steps* as rows of the fork *run_id*, to be told again there."""
    taken = {path: replace(one, attempt=0, rows=0, origin=origin) for path, one in steps.items()}
    own = {"run_id": run_id, "pipeline": pipeline, "completed": 0, "duration": 0}
    return [{**own, "path": path, **asdict(one)} for path, one in taken.items()]


def input_rows(run_id: str, past: Past, heard: Collection[str]) -> list[dict[str, Any]]:
    """Return the answers *heard* before the fork as rows of its own; it has not asked for them itself."""
    return [
        {
            "run_id": run_id,
            "input_id": input_id,
            "request": one.request.SerializeToString(),
            "asked": 0,
            "answer": one.answer.SerializeToString(),
            "answered_by": one.answered_by,
            "received": False,
        }
        for input_id, one in past.inputs.items()
        if input_id in heard and one.answer is not None
    ]

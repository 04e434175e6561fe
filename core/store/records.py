"""What a store takes and gives: runs, what they said, what is known of their steps, questions and places."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.identity import Principal
from levada.v1.event_pb2 import InputRequested
from levada.v1.run_pb2 import InputAnswer, RunRequest, RunState

ENDED = frozenset({RunState.RUN_STATE_COMPLETED, RunState.RUN_STATE_FAILED, RunState.RUN_STATE_CANCELLED})
# Why a run was interrupted that was paused, once it goes on.
RESUMED = "resumed"


class Fenced(Exception):
    """The run is not this worker's any more, or its log has moved on: nothing was appended."""


@dataclass(frozen=True)
class NewRun:
    """A run to be stored. *first* makes event 1, given its place in the queue: 0 for a run that is held.

    *steps* and *inputs* are rows that a fork keeps of the run that it is *forked_from*.
    """

    id: str
    owner: Principal
    request: RunRequest
    created: int
    digest: bytes
    trace_id: str
    traceparent: str
    queue_limit: int
    first: Callable[[int], bytes]
    deadline: int = 0
    forked_from: str = ""
    steps: Sequence[dict[str, Any]] = ()
    inputs: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True)
class Created:
    """What became of a NewRun: its own id, or with *existed* the one that its request id stands for."""

    run_id: str
    existed: bool = False
    same_request: bool = True
    event: bytes = b""


@dataclass(frozen=True)
class Spent:
    """What a tenant's language models took: tokens, and a billionth of US dollars each."""

    tenant: str
    tokens: int = 0
    nano_usd: int = 0

    @property
    def amounts(self) -> dict[str, int]:
        return {"tokens": self.tokens, "nano_usd": self.nano_usd}


@dataclass(slots=True)
class Append:
    """What one run said: all of it is stored in one transaction, or, when fenced off, none.

    *after* and *position* are the number and the bytes of the run's log before the *events* (serialised). *run*,
    *steps*, *inputs* and *turns* are rows set along with them, *received* the inputs whose answer was heard, *spent*
    what the calls of models took that the events tell of.
    """

    run_id: str
    epoch: int
    after: int
    position: int
    events: Sequence[bytes]
    progress: float = 0.0
    worked: int = 0
    run: dict[str, Any] = field(default_factory=dict)
    steps: Sequence[dict[str, Any]] = ()
    inputs: Sequence[dict[str, Any]] = ()
    received: Sequence[str] = ()
    turns: Sequence[dict[str, Any]] = ()
    spent: Sequence[Spent] = ()

    @property
    def last(self) -> int:
        return self.after + len(self.events)

    @property
    def ends(self) -> bool:
        return self.run.get("state") in ENDED


@dataclass(frozen=True)
class StoredStep:
    """What is known of a step: how often it began, and its result as JSON once it completed.

    *origin* is the run that it is taken over from, until it was told again here; *first* and *last* are the numbers of
    the attempt's events in that run's log, else in its own.
    """

    name: str
    attempt: int
    result: str | None = None
    rows: int = 0
    origin: str = ""
    first: int = 0
    last: int = 0


@dataclass(frozen=True)
class StoredInput:
    """An input request, when it was made (microseconds), and its answer once there is one."""

    request: InputRequested
    asked: int
    answer: InputAnswer | None = None
    answered_by: str = ""
    received: bool = False


@dataclass(frozen=True)
class Claimed:
    """A run that this worker has taken, with everything needed to go on where it stood."""

    id: str
    epoch: int
    owner: Principal
    request: RunRequest
    row: Any
    steps: dict[str, StoredStep]
    inputs: dict[str, StoredInput]


@dataclass(frozen=True)
class Past:
    """What a fork of a run can be made from: completed steps by path, in that order, and answers that were heard.

    *oldest* and *last* are the numbers of the events still held.
    """

    owner: Principal
    request: RunRequest
    oldest: int
    last: int
    steps: dict[str, StoredStep]
    inputs: dict[str, StoredInput]


@dataclass(frozen=True)
class Waiting:
    """A queued run as its place is told: the place, and what an append to its log must name."""

    run_id: str
    epoch: int
    last_sequence: int
    bytes: int
    progress: float
    worked: int
    trace_id: str
    place: int


@dataclass(frozen=True)
class Queue:
    """How many runs wait, and some of them in the order in which they will be taken."""

    length: int
    runs: Sequence[Waiting]


@dataclass(frozen=True)
class Signal:
    """What others want of a run that this worker holds."""

    run_id: str
    epoch: int
    cancel_by: str = ""
    cancel_cause: str = ""
    pause_by: str = ""


@dataclass(frozen=True)
class Keep:
    """What is kept of runs that ended, by when they did (microseconds): logs, *log_bytes* of them at most; records."""

    logs_since: int
    log_bytes: int
    records_since: int


@dataclass(frozen=True)
class Forgotten:
    """How many runs lost their logs, and how many their records too; *more*: there was not the time for all."""

    logs: int
    records: int
    more: bool

"""What must be true of a run when all is over, held against the store itself, not against what a server says of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from levada.v1.event_pb2 import Event
from levada.v1.run_pb2 import RunState
from tests.chaos.database import Queryable
from tests.chaos.readers import TERMINAL, Record, normal

COLUMNS = "state, last_sequence, bytes, epoch, attempts, worker, summary"
ENDS = {"completed": "RUN_STATE_COMPLETED", "failed": "RUN_STATE_FAILED", "cancelled": "RUN_STATE_CANCELLED"}


@dataclass
class Kept:
    """A run as the store keeps it."""

    run_id: str
    row: Any
    log: list[bytes]
    steps: dict[str, tuple[int, bool]]

    @property
    def attempts(self) -> int:
        attempts: int = self.row[4]
        return attempts

    @property
    def events(self) -> list[Event]:
        return [Event.FromString(data) for data in self.log]


def kept(database: Queryable, run_id: str) -> Kept:
    [row] = database.query(f"SELECT {COLUMNS} FROM runs WHERE id = %s", run_id)
    log = database.query("SELECT sequence, position, data FROM events WHERE run_id = %s ORDER BY sequence", run_id)
    position = 0
    for number, (sequence, at, data) in enumerate(log, 1):
        assert (sequence, at) == (number, position), f"{run_id}: {sequence} at {at} stands where {number} should"
        position += len(data)
    steps = database.query("SELECT path, attempt, result IS NOT NULL FROM steps WHERE run_id = %s", run_id)
    known = {path: (attempt, done) for path, attempt, done in steps}
    return Kept(run_id, row, [bytes(data) for _, _, data in log], known)


def faults(run: Kept) -> Iterator[str]:
    """Say what is wrong with a run that should be over."""
    for fault in (*_accounts(run), *_ends(run), *_steps(run)):
        yield f"{run.run_id}: {fault}"


def _accounts(run: Kept) -> Iterator[str]:
    _, last, size, epoch, attempts, worker, _ = run.row
    if (last, size) != (len(run.log), sum(map(len, run.log))):
        yield f"the row tells of {last} events in {size} bytes, the log holds {len(run.log)}"
    if epoch != attempts:
        yield f"epoch {epoch}, but {attempts} claims"
    if worker:
        yield f"{worker} still holds it"
    kinds = Counter(event.WhichOneof("payload") for event in run.events)
    if kinds["started"] > 1 or kinds["resumed"] > attempts:
        yield f"started {kinds['started']} times, resumed {kinds['resumed']} times in {attempts} claims"
    progress = [event.progress for event in run.events]
    if progress != sorted(progress):
        yield "progress fell"
    if any(event.run_id != run.run_id or event.sequence != number for number, event in enumerate(run.events, 1)):
        yield "an event's own number is not the one that it is kept under"


def _ends(run: Kept) -> Iterator[str]:
    kinds = [event.WhichOneof("payload") or "" for event in run.events]
    if sum(kind in TERMINAL for kind in kinds) != 1 or kinds[-1] not in TERMINAL:
        yield f"it should have ended once, with its last event: {Counter(kinds)}, last {kinds[-1]}"
    elif ENDS[kinds[-1]] != RunState.Name(run.row[0]):
        yield f"its log ends with {kinds[-1]}, its state is {RunState.Name(run.row[0])}"


def _steps(run: Kept) -> Iterator[str]:
    attempts: defaultdict[str, int] = defaultdict(int)
    completed: set[str] = set()
    for event in run.events:
        kind, path = event.WhichOneof("payload"), event.step
        if not path or kind == "step_skipped":
            continue
        if path in completed:
            yield f"{path} said {kind} after it was completed"
        if kind == "step_started" and event.attempt != attempts[path] + 1:
            yield f"attempt {event.attempt} of {path} began after attempt {attempts[path]}"
        if kind != "step_started" and event.attempt != attempts[path]:
            yield f"attempt {event.attempt} of {path} said {kind} while attempt {attempts[path]} was under way"
        attempts[path] = event.attempt
        if kind == "step_completed" or (kind == "step_failed" and event.step_failed.will_retry):
            completed.add(path)
    noted = {path: attempt for path, (attempt, _) in run.steps.items()}
    if noted != dict(attempts):
        yield f"attempts noted {noted}, said {dict(attempts)}"
    if {path for path, (_, done) in run.steps.items() if done} != completed:
        yield f"checkpoints {run.steps}, completed {completed}"


def losses(run: Kept, readers: Sequence[Record]) -> Iterator[str]:
    """Say where what readers saw is not what the store keeps."""
    log = [normal(event) for event in run.events]
    for reader in readers:
        yield from reader.faults
        if reader.seen != log and not reader.faults:
            yield f"{reader.by} of {run.run_id}: saw {len(reader.seen)} of {len(log)} events, or others"

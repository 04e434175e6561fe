"""What a store of runs can do, and what it asks of the runs that speak. Implementations are chosen by URL scheme."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

from core.identity import Principal
from core.models.base import Turn
from core.store.documents import Documents
from core.store.records import (
    Append,
    Claimed,
    Created,
    Forgotten,
    Keep,
    NewRun,
    Past,
    Queue,
    Signal,
    Spent,
    StoredInput,
)
from core.store.together import Together
from core.store.words import Word
from levada.v1.run_pb2 import InputAnswer, Run, RunState


class Journal(Protocol):
    """What a live run has said and not yet stored; the writer takes from it and tells it what became of that."""

    def take(self) -> Append | None:
        """Number and serialise all that is pending."""

    def stored(self, append: Append) -> None:
        """Hear that what was taken is durable."""

    def refused(self, append: Append | None, error: Exception) -> None:
        """Hear that what was taken never will be; None: it could not even be taken."""


class Store(Together, Protocol):
    """The system of record for runs, events, checkpoints and the queue. Every write is durable when it returns.

    Raises StoreError wherever the database can't be used. *shared*: other servers may work on the same store.
    """

    shared: bool

    async def open(self) -> None:
        """Make the store ready; migrate it if it is this server's own. Raises StoreError (STORE_LOCKED)."""

    async def close(self) -> None:
        """Store what is pending, as far as that works, and let go."""

    def documents(self) -> Documents:
        """Return where documents are kept."""

    # Writing

    async def create(self, new: NewRun) -> Created:
        """Store a run with its first event. Raises Limited (QUEUE_FULL)."""

    async def append(self, append: Append) -> None:
        """Append to a run that nobody holds. Raises Fenced."""

    def enlist(self, journal: Journal) -> None:
        """Have *journal* taken from with the next commit; retried until the store can hold it."""

    async def claim(
        self, worker: str, limit: int, lease: float, held: Collection[str], tenant_limit: int | None = None
    ) -> Sequence[Claimed]:
        """Take up to *limit* runs that nobody holds, and that are not *held*, for *lease* seconds.

        First those that lost their worker. Then the tenants' in turn (`core.store.turns`), within a tenant highest
        priority first, then oldest, but none of a tenant that has *tenant_limit* runs at work on all servers.
        """

    async def go_on(self, run_id: str, epoch: int, tenant_limit: int) -> bool:
        """Have a held run that rested count as at work again, or keep the next place of its tenant for it.

        Returns whether it may work now; ask again until it may. Raises Fenced.
        """

    async def take_duty(self, name: str, worker: str, seconds: float) -> bool:
        """Tell whether *worker* is the one to do *name* for the next *seconds*; whoever has a duty keeps it so."""

    async def renew(self, worker: str, lease: float, held: Collection[str]) -> Sequence[Signal]:
        """Hold on to the runs that *worker* has *held* and still has; return each with what others want of it."""

    async def take_over(self) -> None:
        """Let go of every run that a worker holds. Only for a store that is this server's own."""

    async def wake(self, input_seconds: float) -> int:
        """Put waiting runs that nobody holds into the queue when they were answered or waited too long."""

    async def request_cancel(self, run_id: str, by: str, cause: str) -> Any:
        """Note who wants the run cancelled, unless somebody did or it ended; return its row as it stands then."""

    async def request_pause(self, run_id: str, by: str, limit: int | None = None) -> Any:
        """Note who wants the run at rest, unless somebody did or it ended; return its row as it stands then."""

    async def request_resume(self, run_id: str, by: str) -> None:
        """Take a request to pause back; put a run that rests into the queue. Raises Conflict (RUN_NOT_PAUSED, …)."""

    async def due(self) -> Sequence[Any]:
        """Return rows of runs that nobody holds and that are to be cancelled, paused, or over by now."""

    async def answer(self, run_id: str, answer: InputAnswer, by: str) -> None:
        """Store the answer to an input request. Raises Conflict (RUN_ENDED, INPUT_NOT_EXPECTED), InvalidRequest."""

    async def expire(self, keep: Keep) -> Forgotten:
        """Forget what *keep* does not say to keep, slowly enough for others to go on; ask again while there is more.

        A log is forgotten up to its terminal event, which stays as long as the run's record. Two servers may do it at
        once.
        """

    # Reading

    async def get(self, run_id: str) -> tuple[Principal, Run] | None:
        """Return a run and its owner."""

    async def list(
        self, owner: Principal, *, limit: int, before: str, states: Sequence[RunState], conversation_id: str
    ) -> Sequence[Run]:
        """Return runs of *owner*, newest first."""

    async def owner(self, run_id: str) -> Principal | None:
        """Return whose a run is."""

    async def read(self, run_id: str, after: int, limit: int, max_bytes: int) -> tuple[Sequence[bytes], bool]:
        """Do what `Runs.read` says. Raises CursorExpired, CursorAhead, NotFound."""

    async def wait(self, run_id: str, after: int) -> None:
        """Return once the run may have more than *after*. Raises ServerStopping once the store closes."""

    async def news(self, seconds: float) -> Word:
        """Return after *seconds*, or sooner with the word that another server has left meanwhile. For one caller."""

    async def unheard(self, run_ids: Collection[str]) -> Sequence[tuple[str, StoredInput]]:
        """Return answered input requests of these runs, with the run's id, that they have not heard of yet."""

    async def past(self, run_id: str) -> Past | None:
        """Return what a fork of a run can be made from."""

    async def queue(self, wanted: Callable[[int, int], bool]) -> Queue:
        """Return the queue, with those runs of which *wanted* says so: given their place and the one told last."""

    async def knows(self, owner: Principal, request_id: str) -> bool:
        """Tell whether *owner*'s request id stands for a run."""

    async def spent_today(self, tenant: str) -> Spent:
        """Return what was spent on language models for *tenant* since midnight UTC, as far as it is stored."""

    async def durations(self, pipeline: str, limit: int) -> Sequence[tuple[str, int]]:
        """Return how long the steps of *pipeline* that completed last took: name and microseconds, newest first."""

    async def history(self, owner: Principal, conversation_id: str, limit: int) -> Sequence[Turn]:
        """Return the last turns of a conversation of *owner*, oldest first."""

    async def answered(self, owner: Principal, source: str, limit: int) -> Sequence[Turn]:
        """Return questions of *owner*'s tenant over *source* that were answered, newest first."""

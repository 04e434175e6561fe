"""What the doors may do with runs, always on behalf of a Principal: create, read, watch, steer.

The engine (store and runner) implements it; a door knows nothing else of the engine.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from core.identity import Principal
from levada.v1.run_pb2 import InputAnswer, Run, RunRequest, RunState
from levada.v1.run_service_pb2 import ForkRunRequest


class Runs(Protocol):
    """The caller's runs. Whatever is not theirs is answered by NotFound, like what does not exist."""

    async def create(self, caller: Principal, request: RunRequest, traceparent: str = "") -> tuple[Run, bool]:
        """Store a run, durable on return; tell whether its request id gave an earlier one.

        Raises InvalidRequest, NotFound, RequestIdReused, Limited (QUEUE_FULL), StoreError, ServerStopping.
        """

    async def get(self, caller: Principal, run_id: str) -> Run:
        """Return a run as far as it is known."""

    async def list(
        self,
        caller: Principal,
        *,
        limit: int,
        before: str = "",
        states: Sequence[RunState] = (),
        conversation_id: str = "",
    ) -> Sequence[Run]:
        """Return at most *limit* runs, newest first, older than the run id *before* (ids sort by age)."""

    async def read(
        self, caller: Principal, run_id: str, after: int, *, limit: int = 256, max_bytes: int = 65_536
    ) -> tuple[Sequence[bytes], bool]:
        """Return serialised Events after number *after*, and whether the terminal one is among or before them.

        At most *limit* events; no more once *max_bytes* are reached, but at least one when there is one. Numbers are
        contiguous, so the next *after* is the old one plus the count. Raises CursorExpired, CursorAhead.
        """

    async def wait(self, run_id: str, after: int) -> None:
        """Return once the run has an event beyond *after* or has ended. A wake-up, not a promise: read again."""

    def watch(self, caller: Principal, run_id: str, after: int) -> AsyncGenerator[Sequence[bytes], None]:
        """Yield what is ready of the serialised Events after number *after*, up to the terminal event.

        `read` and `wait` in a loop: a slow reader holds a cursor and no queue. Raises like `read`, and ServerStopping.
        """

    async def cancel(self, caller: Principal, run_id: str, cause: str = "", *, by: str = "") -> Run:
        """Ask for cancellation, in the name of *by* if not the caller's. Raises Conflict (RUN_ENDED)."""

    async def pause(self, caller: Principal, run_id: str) -> Run:
        """Ask that the run rest before its next step. Raises Conflict (RUN_ENDED)."""

    async def resume(self, caller: Principal, run_id: str) -> Run:
        """Let a paused run go on; take back a request to pause it. Raises Conflict (RUN_ENDED, RUN_NOT_PAUSED)."""

    async def fork(self, caller: Principal, request: ForkRunRequest, traceparent: str = "") -> tuple[Run, bool]:
        """Make a run that begins after a completed step of another; tell whether its request id gave an earlier one.

        Raises NotFound (RUN_NOT_FOUND, STEP_NOT_FOUND), and like `create`.
        """

    async def respond(self, caller: Principal, run_id: str, answer: InputAnswer) -> Run:
        """Answer an input request. Raises Conflict (RUN_ENDED, INPUT_NOT_EXPECTED), InvalidRequest."""

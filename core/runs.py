"""What the doors may do with runs, always on behalf of a Principal: create, read, watch, steer.

The engine (store and runner) implements it; a door knows nothing else of the engine.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from core.identity import Principal
from levada.v1.run_pb2 import InputAnswer, Run, RunRequest, RunState


class Runs(Protocol):
    """The caller's runs. Whatever is not theirs is answered by NotFound, like what does not exist."""

    async def create(self, caller: Principal, request: RunRequest, traceparent: str = "") -> tuple[Run, bool]:
        """Store a run, durable on return; tell whether its request id gave an earlier one.

        Raises InvalidRequest, NotFound, RequestIdReused, Limited (QUEUE_FULL), StoreError, ServerStopping.
        """

    async def get(self, caller: Principal, run_id: str) -> Run:
        """Return a run as far as it is known."""

    async def list(
        self, caller: Principal, *, limit: int, before: str = "", states: Sequence[RunState] = (), conversation_id: str = ""
    ) -> Sequence[Run]:
        """Return at most *limit* runs, newest first, older than the run id *before* (ids sort by age)."""

    async def read(self, caller: Principal, run_id: str, after: int, limit: int) -> tuple[Sequence[bytes], bool]:
        """Return serialised Events after number *after*, and whether the terminal one is among or before them.

        Raises CursorExpired, CursorAhead.
        """

    def watch(
        self, caller: Principal, run_id: str, after: int, batch: int = 256
    ) -> AsyncGenerator[Sequence[bytes], int | None]:
        """Yield what is ready of the serialised Events after number *after*, in batches, up to the terminal event.

        It reads the store by sequence, so a slow reader holds a cursor and no queue. Raises like `read`, and
        ServerStopping.
        """

    async def cancel(self, caller: Principal, run_id: str, cause: str = "") -> Run:
        """Ask for cancellation. Raises Conflict (RUN_ENDED)."""

    async def respond(self, caller: Principal, run_id: str, answer: InputAnswer) -> Run:
        """Answer an input request. Raises Conflict (RUN_ENDED, INPUT_NOT_EXPECTED), InvalidRequest."""

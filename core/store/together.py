"""What servers on a shared store count together. None of it need survive the database's machine."""

from collections.abc import Mapping
from typing import Protocol

from limits.aio.storage import Storage

# Tenant and subject.
Caller = tuple[str, str]


class Together(Protocol):
    """The part of a store that only a shared one has a use for."""

    def counters(self) -> Storage:
        """Return where rate limits are counted."""

    async def share_streams(
        self, server: str, counts: Mapping[Caller, int], lives: float, *, tidy: bool
    ) -> dict[Caller, int]:
        """Tell how many streams callers hold open on *server*, and return how many they do on the others.

        What *server* told counts for *lives* seconds after its last word. *tidy*: forget what dead servers told.
        """

    async def leave_streams(self, server: str) -> None:
        """Forget what *server* told."""

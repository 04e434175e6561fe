"""Watches of one reader, who has one connection for all of them: they count as one of a caller's streams."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.errors import Limited, Reason
from core.identity import Principal
from core.streams import OpenStreams

# Watches of one reader: what a gateway lets one connection have, and as many that it dropped a moment ago.
MOST_WATCHES = 100


class Group:
    """The watches that one reader has or wants, and whether their place was given or refused."""

    def __init__(self) -> None:
        self.watches = 0
        self.counted = False
        self.refusal: Limited | None = None
        self.lock = asyncio.Lock()


class Readers:
    """Counts each reader once among *held*, from its first watch to its last."""

    def __init__(self, held: OpenStreams) -> None:
        self._held = held
        self._groups: dict[tuple[int, Principal], Group] = {}

    @asynccontextmanager
    async def place(self, reader: int, who: Principal) -> AsyncIterator[None]:
        """Hold a place for one more watch of *reader*, unless that is 0. Raises Limited (TOO_MANY_STREAMS)."""
        if not reader:
            yield
            return
        group = self._groups.setdefault((reader, who), Group())
        if group.watches >= MOST_WATCHES:
            raise Limited(
                f"One reader holds at most {MOST_WATCHES} watches. End some, or open another connection.",
                reason=Reason.ERROR_REASON_TOO_MANY_STREAMS,
                details={"limit": str(MOST_WATCHES), "name": "reader"},
            )
        group.watches += 1
        try:
            await self._admit(group, who)
            yield
        finally:
            group.watches -= 1
            if not group.watches:
                del self._groups[reader, who]
                if group.counted:
                    self._held.closed(who)

    async def _admit(self, group: Group, who: Principal) -> None:
        async with group.lock:
            if group.counted:
                return
            if group.refusal is not None:  # of those who came together, one waited for all
                raise group.refusal
            try:
                await self._held.admit(who)
            except Limited as refusal:
                group.refusal = refusal
                raise
            group.counted = True

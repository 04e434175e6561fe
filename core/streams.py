"""Streams that callers hold open: exactly those of this server, and those of the others as they last told.

Opening one asks no database. Whoever has no place left waits a moment for one: a page that is loaded again opens its
streams before the old ones are known to be closed.
"""

import asyncio
import logging
import os
import secrets
import socket
import time
from collections import Counter
from contextlib import suppress
from types import TracebackType
from typing import Self

from core import measures
from core.errors import LevadaError, Limited, Reason
from core.identity import Principal
from core.settings import Limits
from core.store.base import Store
from core.store.together import Caller

# How often servers tell each other, and how long a server that tells nothing is believed.
SHARING = 1.0
LIVES = 3.0
# How often everything is told again and what dead servers left is cleaned away.
TIDYING = 60.0
# How long a stream waits for a place: for one to be closed here; for another server to tell of one, or be found dead.
PATIENCE = 1.0
PATIENCE_ELSEWHERE = LIVES + 2 * SHARING

logger = logging.getLogger(__name__)


class Counts:
    """Streams by caller and by tenant."""

    def __init__(self) -> None:
        self.callers: Counter[Caller] = Counter()
        self.tenants: Counter[str] = Counter()

    def add(self, who: Caller, more: int) -> None:
        self.callers[who] += more
        self.tenants[who[0]] += more
        # What is zero is not kept: callers come and go.
        if not self.callers[who]:
            del self.callers[who]
        if not self.tenants[who[0]]:
            del self.tenants[who[0]]


class OpenStreams:
    """Holds callers to `limits.user_streams` and `limits.tenant_streams`, over all servers if there is a *store*.

    Use as a context manager while the store is open.
    """

    def __init__(self, limits: Limits, store: Store | None = None) -> None:
        self._limits = limits
        self._store = store if store is not None and store.shared else None
        self._server = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        self._here, self._elsewhere, self._waiting = Counts(), Counts(), Counts()
        self._changed: set[Caller] = set()
        self._freed = asyncio.Event()
        self._hears = True
        self._heard = 0.0
        self._tidied = -TIDYING
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._store is not None:
            self._task = asyncio.create_task(self._sharing(self._store), name="levada-streams")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None and self._store is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            with suppress(LevadaError):
                await self._store.leave_streams(self._server)

    async def admit(self, caller: Principal) -> None:
        """Count one more stream of *caller*, until it is `closed`. Raises Limited (TOO_MANY_STREAMS)."""
        who = (caller.tenant, caller.subject)
        if self._refusal(who):
            await self._place(who)
        self._count(who, 1)

    def closed(self, caller: Principal) -> None:
        """Count one stream of *caller* less."""
        self._count((caller.tenant, caller.subject), -1)
        self._wake()

    def _count(self, who: Caller, more: int) -> None:
        self._here.add(who, more)
        if self._store is not None:
            self._changed.add(who)

    def _wake(self) -> None:
        self._freed.set()
        self._freed = asyncio.Event()

    async def _place(self, who: Caller) -> None:
        limits, waiting = self._limits, self._waiting
        # As many may wait as may be open: whoever opens more than that must not fill the server by waiting.
        if waiting.callers[who] < limits.user_streams and waiting.tenants[who[0]] < limits.tenant_streams:
            waiting.add(who, 1)
            try:
                await self._wait(who)
            finally:
                waiting.add(who, -1)
        refusal = self._refusal(who)
        if refusal is not None:
            measures.refusals.add(1, {"levada.limit": refusal.details["name"]})
            raise refusal

    async def _wait(self, who: Caller) -> None:
        patience = PATIENCE_ELSEWHERE if self._elsewhere.tenants[who[0]] else PATIENCE
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while self._refusal(who):
                    await self._freed.wait()

    def _refusal(self, who: Caller) -> Limited | None:
        limits, here, elsewhere = self._limits, self._here, self._elsewhere
        if here.callers[who] + elsewhere.callers[who] >= limits.user_streams:
            return too_many("user_streams", limits.user_streams, "You have")
        if here.tenants[who[0]] + elsewhere.tenants[who[0]] >= limits.tenant_streams:
            return too_many("tenant_streams", limits.tenant_streams, "The users of your tenant have")
        return None

    async def _sharing(self, store: Store) -> None:
        while True:
            try:
                await self._share(store)
            except LevadaError as error:
                if self._hears:
                    logger.warning("Streams on other servers are not counted until they can be heard: %s", error)
                self._hears = False
                if self._elsewhere.callers and time.monotonic() - self._heard > LIVES:
                    self._hear({})
            await asyncio.sleep(SHARING)

    async def _share(self, store: Store) -> None:
        now = time.monotonic()
        tidy = now - self._tidied > TIDYING
        changed, self._changed = self._changed, set()
        counts = {who: self._here.callers[who] for who in ({*changed, *self._here.callers} if tidy else changed)}
        try:
            heard = await store.share_streams(self._server, counts, LIVES, tidy=tidy)
        except BaseException:
            self._changed |= changed
            raise
        self._heard, self._tidied, self._hears = now, now if tidy else self._tidied, True
        self._hear(heard)

    def _hear(self, counts: dict[Caller, int]) -> None:
        self._elsewhere = Counts()
        for who, count in counts.items():
            self._elsewhere.add(who, count)
        self._wake()


def too_many(name: str, limit: int, who: str) -> Limited:
    return Limited(
        f"{who} {limit} streams open already, which is the limit. Close one, for instance a tab that watches a run, "
        "or try again later.",
        reason=Reason.ERROR_REASON_TOO_MANY_STREAMS,
        details={"limit": str(limit), "name": name},
    )

"""How many runs a caller may create: a sliding minute for each user and one for each tenant, by `limits`.

They are counted in Redis when the settings say so, else in the store when servers share it, else in memory. Nothing
stops when what counts for all can't be reached: each server then counts for itself until it can.

The window slides as `limits` counts it: of the minute before, runs count by the part of it that lies within the last
sixty seconds, as if they had been spread evenly.
"""

import asyncio
import hashlib
import logging
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from core import measures
from core.errors import LevadaError, Limited, StoreError
from core.identity import Principal
from core.settings import Limits, Settings
from core.store.base import Store
from core.store.counters import Counters
from core.store.records import Created, NewRun

WINDOW = 60
# How long counting may take, and how long it is not tried again after it failed.
PATIENCE = 2.0
PAUSE = 5.0
REDIS_CONNECTIONS = 16

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """How a caller stands with one limit: *remaining* of *limit* runs, and seconds until there is one more."""

    scope: str
    limit: int
    remaining: int
    reset: float
    window: int = WINDOW


_heard: ContextVar[list[Standing] | None] = ContextVar("standings", default=None)


@contextmanager
def hearing() -> Iterator[list[Standing]]:
    """Return a list that is filled, while the block lasts, with how the caller of a counted run stands."""
    standings: list[Standing] = []
    token = _heard.set(standings)
    try:
        yield standings
    finally:
        _heard.reset(token)


def heard() -> list[Standing]:
    """Return the list that the current `hearing` fills."""
    return _heard.get() or []


class Windows:
    """The windows of all callers, counted in one place."""

    def __init__(self, storage: Storage, limits: Limits) -> None:
        self.failures: tuple[type[BaseException], ...] = (TimeoutError, OSError, *_several(storage.base_exceptions))
        self._storage = storage
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        # The user's first, so that whoever is refused takes nothing away from the others of the tenant.
        self._items = {
            "user": RateLimitItemPerMinute(limits.runs_per_minute),
            "tenant": RateLimitItemPerMinute(limits.tenant_runs_per_minute),
        }

    async def take(self, owner: Principal) -> tuple[Sequence[Standing], Standing | None]:
        """Count one more run of *owner*; return how they stand, and the limit that refuses it: then nothing counts."""
        scopes = list(self._items)
        count = await self._take(owner)
        if count < len(scopes):
            await self._give_back(owner, scopes[:count])
            refusing = await self._standing(scopes[count], owner)
            return [refusing], refusing
        return await asyncio.gather(*(self._standing(scope, owner) for scope in scopes)), None

    async def _take(self, owner: Principal) -> int:
        """Count in one window after the other; return in how many before one was full."""
        if isinstance(self._storage, Counters):
            first, second = ((item.key_for(*_names(scope, owner)), item.amount) for scope, item in self._items.items())
            return await self._storage.acquire_both(first, second, WINDOW)
        for count, (scope, item) in enumerate(self._items.items()):
            if not await self._limiter.hit(item, *_names(scope, owner)):
                return count
        return len(self._items)

    async def give_back(self, owner: Principal) -> None:
        """Count one run of *owner* less."""
        await self._give_back(owner, list(self._items))

    async def _give_back(self, owner: Principal, scopes: Sequence[str]) -> None:
        for scope in scopes:
            await self._limiter.hit(self._items[scope], *_names(scope, owner), cost=-1)

    async def _standing(self, scope: str, owner: Principal) -> Standing:
        item = self._items[scope]
        stats = await self._limiter.get_window_stats(item, *_names(scope, owner))
        return Standing(scope, item.amount, stats.remaining, max(0.0, stats.reset_time - time.time()))


class Rates:
    """Stores new runs as far as their owners may create any. `close` it in the end."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._store = store
        self._own = Windows(MemoryStorage(), settings.limits)
        self._shared: Windows | None = None
        self._pool: Any = None
        self._pause_until = 0.0
        self._asked: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = WeakValueDictionary()
        if settings.rates:
            storage, self._pool = _redis(settings.rates)
            self._shared = Windows(storage, settings.limits)
        elif store.shared:
            self._shared = Windows(store.counters(), settings.limits)

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.aclose()

    async def create(self, new: NewRun) -> Created:
        """Store a run as `Store.create` does; one that its request id gave before is neither counted nor refused.

        Raises Limited (RATE_LIMITED, QUEUE_FULL).
        """
        request_id = new.request.request_id
        if not request_id:
            return await self._create(new)
        key = (new.owner.tenant, new.owner.subject, request_id)
        # One after the other: the second must find what the first one made.
        lock = self._asked.setdefault(key, asyncio.Lock())
        async with lock:
            return await self._create(new)

    async def _create(self, new: NewRun) -> Created:
        windows, standings, refusing = await self._take(new.owner)
        if refusing is not None:
            request_id = new.request.request_id
            if request_id and await self._store.knows(new.owner, request_id):
                return await self._store.create(new)
            _tell(standings)
            raise _refusal(refusing)
        try:
            created = await self._store.create(new)
        except LevadaError as error:
            await self._give_back(windows, new.owner)
            if isinstance(error, Limited):
                measures.refusals.add(1, {"levada.limit": "queue"})
            raise
        if created.existed:
            await self._give_back(windows, new.owner)
        else:
            _tell(standings)
        return created

    async def _take(self, owner: Principal) -> tuple[Windows, Sequence[Standing], Standing | None]:
        shared = self._shared
        if shared is not None and time.monotonic() >= self._pause_until:
            try:
                async with asyncio.timeout(PATIENCE):
                    taken = await shared.take(owner)
            except shared.failures as error:
                self._pause_until = time.monotonic() + PAUSE
                logger.warning("This server counts runs for itself for a while: %s", type(error).__name__)
            else:
                return shared, *taken
        return self._own, *await self._own.take(owner)

    async def _give_back(self, windows: Windows, owner: Principal) -> None:
        with suppress(*windows.failures):
            async with asyncio.timeout(PATIENCE):
                await windows.give_back(owner)


def _names(scope: str, owner: Principal) -> tuple[str, str]:
    """Return what a counter is named by: of one length, whatever a subject is called."""
    who = (owner.tenant, owner.subject) if scope == "user" else (owner.tenant,)
    return scope, hashlib.blake2b(repr(who).encode(), digest_size=16).hexdigest()


def _several(errors: type[Exception] | tuple[type[Exception], ...]) -> tuple[type[Exception], ...]:
    return errors if isinstance(errors, tuple) else (errors,)


def _tell(standings: Sequence[Standing]) -> None:
    heard = _heard.get()
    if heard is not None:
        heard[:] = standings


def _refusal(refusing: Standing) -> Limited:
    name = "runs_per_minute" if refusing.scope == "user" else "tenant_runs_per_minute"
    measures.refusals.add(1, {"levada.limit": name})
    who = "You have" if refusing.scope == "user" else "The users of your tenant have"
    seconds = max(1, math.ceil(refusing.reset))
    return Limited(
        f"{who} started {refusing.limit} runs within a minute, which is the limit, so this one was not started. "
        f"Try again in {seconds} second{'s' * (seconds > 1)}.",
        details={"limit": str(refusing.limit), "name": name},
        retry_after=seconds,
    )


def _redis(url: str) -> tuple[Storage, Any]:
    """Return the storage in the Redis at *url*, and its connections. Raises StoreError."""
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise StoreError(f"LEVADA_RATES must begin with redis://, rediss:// or unix://, not {url.partition(':')[0]!r}.")
    try:
        from limits.aio.storage import RedisStorage
        from redis.asyncio import BlockingConnectionPool
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError as error:
        raise StoreError("LEVADA_RATES names a Redis, and its driver is not installed: pip install redis") from error
    # Tried twice, as the server may have closed a connection that was not used for long.
    pool = BlockingConnectionPool.from_url(
        url, max_connections=REDIS_CONNECTIONS, timeout=PATIENCE, retry=Retry(NoBackoff(), 1)
    )
    options: Any = {"connection_pool": pool}
    return RedisStorage("async+redis://", implementation="redispy", key_prefix="levada", **options), pool

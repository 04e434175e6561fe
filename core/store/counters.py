"""Rate limits counted in the store, for servers that share it: a `limits` storage over the table `counters`.

One statement counts, with the database's clock, so that servers whose clocks differ agree. What is counted may be
lost with the database's machine: no commit waits for the disk.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from limits.aio.storage import SlidingWindowCounterSupport, Storage
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import StoreError

CLEANING = 60.0

# A window before the current one counts by the part of it that a window's length back from now still covers.
_WINDOWS = """
WITH clock AS MATERIALIZED (
    SELECT extract(epoch FROM clock_timestamp())::float8 / :seconds AS at,
           set_config('synchronous_commit', 'off', true)
), windows AS MATERIALIZED (
    SELECT floor(at)::bigint AS number, floor(at) + 1 - at AS part FROM clock
), earlier AS MATERIALIZED (
    SELECT number, part, coalesce(amount, 0) AS amount, coalesce(amount, 0) * part AS weight
    FROM windows LEFT JOIN counters ON key = :key || '/' || (number - 1)
)
"""
_TAKE = text(
    _WINDOWS  # noqa: S608 - no value is in it
    + """
INSERT INTO counters AS counted (key, amount, until)
SELECT :key || '/' || number, greatest(:amount, 0), (number + 2) * :seconds * 1000000
FROM earlier WHERE floor(weight) + :amount <= :most
ON CONFLICT (key) DO UPDATE SET amount = counted.amount + :amount
WHERE floor((SELECT weight FROM earlier)) + counted.amount + :amount <= :most
RETURNING (SELECT amount FROM earlier) AS earlier, amount AS current, (SELECT part FROM earlier) AS part
"""
)
_LOOK = text(
    _WINDOWS
    + """
SELECT earlier.amount AS earlier, coalesce(counters.amount, 0) AS current, part
FROM earlier LEFT JOIN counters ON key = :key || '/' || number
"""
)
_CLEAR = text("DELETE FROM counters WHERE starts_with(key, :key || '/') RETURNING key")
_RESET = text("DELETE FROM counters RETURNING key")
_CLEAN = text("DELETE FROM counters WHERE until < extract(epoch FROM clock_timestamp()) * 1000000")

Ask = Callable[[Callable[[AsyncConnection], Awaitable[Any]]], Awaitable[Any]]

# As `limits` wants it: the previous window's count and how long it still counts, the current one's.
Window = tuple[int, float, int, float]


class Counters(Storage, SlidingWindowCounterSupport):
    """Counts in sliding windows. *ask* runs on a connection of which each statement commits by itself.

    PostgreSQL only. Raises StoreError.
    """

    STORAGE_SCHEME = None

    def __init__(self, ask: Ask) -> None:
        super().__init__()
        self._ask = ask
        self._cleaned = time.monotonic()
        # What counting told of a window, until it is asked for: saves a statement for every run.
        self._told: dict[str, Window] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        return StoreError

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        row = await self._run(_TAKE, key=key, seconds=expiry, amount=amount, most=limit)
        if row is None:
            self._told.pop(key, None)
            return False
        if amount > 0:
            self._told[key] = _window(row, expiry)
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> Window:
        told = self._told.pop(key, None)
        return told or _window(await self._run(_LOOK, key=key, seconds=expiry), expiry)

    async def clear_sliding_window(self, key: str, expiry: int) -> None:
        await self.clear(key)

    async def clear(self, key: str) -> None:
        await self._run(_CLEAR, key=key)

    async def check(self) -> bool:
        return await self._run(text("SELECT true")) is not None

    async def reset(self) -> int | None:
        return len(await self._ask(lambda c: _all(c, _RESET)))

    async def _run(self, statement: Any, **values: Any) -> Any:
        async def work(c: AsyncConnection) -> Any:
            rows = await _all(c, statement, values)
            if time.monotonic() - self._cleaned > CLEANING:
                self._cleaned = time.monotonic()
                await c.execute(_CLEAN)
            return rows[0] if rows else None

        return await self._ask(work)

    async def _fixed_window(self, *_: Any) -> Any:
        raise NotImplementedError("Only sliding windows are counted in the store.")

    incr = get = get_expiry = _fixed_window  # type: ignore[assignment]


def _window(row: Any, seconds: int) -> Window:
    rest = row.part * seconds
    return row.earlier, rest if row.earlier else 0.0, row.current, rest + seconds


async def _all(c: AsyncConnection, statement: Any, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
    return (await c.execute(statement, values)).all()

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
), """
_EARLIER = """earlier{n} AS MATERIALIZED (
    SELECT number, part, coalesce(amount, 0) AS amount, coalesce(amount, 0) * part AS weight
    FROM windows LEFT JOIN counters ON key = :key{n} || '/' || (number - 1)
)"""
_TAKEN = """
INSERT INTO counters AS counted (key, amount, until)
SELECT :key{n} || '/' || number, greatest(:amount, 0), (number + 2) * :seconds * 1000000
FROM earlier{n} WHERE floor(weight) + :amount <= :most{n} {unless}
ON CONFLICT (key) DO UPDATE SET amount = counted.amount + :amount
WHERE floor((SELECT weight FROM earlier{n})) + counted.amount + :amount <= :most{n}
RETURNING amount"""


def _earlier(number: int) -> str:
    return _EARLIER.format(n=number)


def _taken(number: int, unless: str = "") -> str:
    return f"taken{number} AS ({_TAKEN.format(n=number, unless=unless)})"


_TAKE = text(
    f"{_WINDOWS} {_earlier(1)}, {_taken(1)}"  # noqa: S608 - no value is in it
    "SELECT part, earlier1.amount AS earlier, taken1.amount AS current FROM earlier1, taken1"
)
_TAKE_BOTH = text(
    f"{_WINDOWS} {_earlier(1)}, {_earlier(2)}, {_taken(1)}, {_taken(2, 'AND EXISTS (SELECT FROM taken1)')}"  # noqa: S608
    "SELECT earlier1.part AS part, earlier1.amount AS earlier1, (SELECT amount FROM taken1) AS taken1, "
    "earlier2.amount AS earlier2, (SELECT amount FROM taken2) AS taken2 FROM earlier1, earlier2"
)
_LOOK = text(
    f"{_WINDOWS} {_earlier(1)}"  # noqa: S608
    "SELECT part, earlier1.amount AS earlier, coalesce(counters.amount, 0) AS current "
    "FROM earlier1 LEFT JOIN counters ON key = :key1 || '/' || number"
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
        row = await self._run(_TAKE, key1=key, seconds=expiry, amount=amount, most1=limit)
        return row is not None

    async def acquire_both(self, first: tuple[str, int], second: tuple[str, int], expiry: int) -> int:
        """Count one more of two keys, each up to its limit, in one statement; the second only if the first could be.

        Return how many could.
        """
        (key1, most1), (key2, most2) = first, second
        row = await self._run(_TAKE_BOTH, key1=key1, most1=most1, key2=key2, most2=most2, seconds=expiry, amount=1)
        taken = [row.taken1 is not None, row.taken2 is not None]
        if all(taken):
            self._told[key1] = _window(row.earlier1, row.taken1, row.part, expiry)
            self._told[key2] = _window(row.earlier2, row.taken2, row.part, expiry)
        return sum(taken)

    async def get_sliding_window(self, key: str, expiry: int) -> Window:
        if told := self._told.pop(key, None):
            return told
        row = await self._run(_LOOK, key1=key, seconds=expiry)
        return _window(row.earlier, row.current, row.part, expiry)

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


def _window(earlier: int, current: int, part: float, seconds: int) -> Window:
    rest = part * seconds
    return earlier, rest if earlier else 0.0, current, rest + seconds


async def _all(c: AsyncConnection, statement: Any, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
    return (await c.execute(statement, values)).all()

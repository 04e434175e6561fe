"""How long a query may take, and how many rows make a batch."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import chain
from typing import Any

from core.errors import QueryTimeout
from core.sources.base import Batch, Limits

FIRST_ROWS = 50
"""Rows of the first batch: few, so that something is seen early."""

_BATCH_CHARACTERS = 1_000_000
_SIP_SECONDS = 0.05


class Pace:
    """One query's rhythm: a deadline, a small first batch, and smaller batches when rows are wide."""

    def __init__(self, limits: Limits) -> None:
        self.deadline = time.monotonic() + limits.seconds
        self.batch_rows = limits.batch_rows
        self.next_rows = min(FIRST_ROWS, limits.batch_rows)
        self._before_arrow = math.inf if limits.arrow_after is None else limits.arrow_after

    @property
    def in_arrow(self) -> bool:
        """Whether the next batch may be of Arrow arrays."""
        return self._before_arrow <= 0

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """Cancel the body at the deadline. Raises QueryTimeout."""
        scope = asyncio.timeout(self.deadline - time.monotonic())
        try:
            async with scope:
                yield
        except TimeoutError:
            if not scope.expired():
                raise
            raise QueryTimeout from None

    def batch(self, columns: Sequence[Sequence[Any]], row_count: int) -> Batch:
        """Return a batch, and learn from it how many rows the next one should have."""
        characters = sum(map(_characters, columns))
        wide = characters * self.batch_rows > _BATCH_CHARACTERS * row_count
        self.next_rows = max(1, _BATCH_CHARACTERS * row_count // characters) if wide else self.batch_rows
        self._before_arrow -= row_count
        return Batch(columns, row_count)


def _characters(values: Sequence[Any]) -> int:
    """Return the size of a column of text or bytes. A dozen rows tell: this runs for every batch."""
    if not isinstance(values, list | tuple):
        return getattr(values, "nbytes", 0)
    few = values[:: len(values) // 12 + 1]
    return sum(len(value) for value in few if isinstance(value, str | bytes)) * len(values) // max(1, len(few))


def sips(fetch: Callable[[int], Sequence[Any]], most: int, seconds: float, largest: int) -> Iterator[Sequence[Any]]:
    """Fetch up to *most* rows, in helpings that grow to the *largest*: a slow query's rows are shown as they come.

    Fewer rows than asked for may come; none means that there are no more.
    """
    until = time.monotonic() + seconds
    helping = 8
    while most > 0 and (rows := fetch(min(helping, most))):
        yield rows
        if time.monotonic() > until:
            break
        most -= len(rows)
        helping = min(helping * 2, largest)


def sip(fetch: Callable[[int], Sequence[Any]], most: int, seconds: float = _SIP_SECONDS) -> list[Any]:
    """Return all of `sips` at once."""
    return list(chain.from_iterable(sips(fetch, most, seconds, most)))

"""Who holds a run, and by which clock: the database's where servers share it, so that no server's own clock counts."""

import time

from sqlalchemy import BigInteger, ColumnElement, and_, cast, func, literal
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store.tables import runs


def clock(c: AsyncConnection) -> ColumnElement[int]:
    """Return the present in microseconds, for leases and duties only.

    A store of one server's own takes that server's monotonic clock, which does not jump; `queue.take_over` lets go
    of what an earlier one left behind.
    """
    if c.dialect.name == "postgresql":
        return cast(func.extract("epoch", func.clock_timestamp()) * 1_000_000, BigInteger)
    return literal(time.monotonic_ns() // 1_000)


def until(c: AsyncConnection, seconds: float) -> ColumnElement[int]:
    return clock(c) + int(seconds * 1e6)


def held(c: AsyncConnection) -> ColumnElement[bool]:
    """Tell whether a run has a worker whose lease has not run out."""
    return and_(runs.c.worker != "", runs.c.lease_until > clock(c))

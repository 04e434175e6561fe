"""Who holds a run, and by which clock: the database's where servers share it, so that no server's own clock counts."""

import time

from sqlalchemy import BigInteger, ColumnElement, Dialect, and_, bindparam, cast, func

from core.store.tables import runs


def clock(dialect: Dialect) -> ColumnElement[int]:
    """Return the present in microseconds, for leases and duties only.

    A store of one server's own takes that server's monotonic clock, which does not jump; `queue.take_over` lets go
    of what an earlier one left behind. It is read whenever a statement is executed, however long ago it was made.
    """
    if dialect.name == "postgresql":
        return cast(func.extract("epoch", func.clock_timestamp()) * 1_000_000, BigInteger)
    return bindparam(None, callable_=lambda: time.monotonic_ns() // 1_000, type_=BigInteger)


def until(dialect: Dialect, seconds: float) -> ColumnElement[int]:
    return clock(dialect) + int(seconds * 1e6)


def held(dialect: Dialect) -> ColumnElement[bool]:
    """Tell whether a run has a worker whose lease has not run out."""
    return and_(runs.c.worker != "", runs.c.lease_until > clock(dialect))

"""What a database's failure means for whoever asks: one place that turns the driver's errors into ours."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
    SQLAlchemyError,
    StatementError,
)

from core.errors import StoreError
from levada.v1 import error_reason_pb2 as reasons

_SQLITE_FULL = 13
_DISK_FULL = "53100"  # PostgreSQL's SQLSTATE
_WRONG_DATA = (DataError, IntegrityError, InterfaceError, ProgrammingError)

# How long a run under way waits for a database that is away, and how long between its questions, in seconds.
PATIENCE = 60.0
AGAIN = 0.5

T = TypeVar("T")

# asyncpg lets the errors of a failed connect through as they are.
DATABASE_ERRORS = (SQLAlchemyError, OSError)


def is_full(error: BaseException) -> bool:
    """Tell whether the disk (or a quota) had no room. SQLite reports some of these as errors of input and output."""
    origin = getattr(error, "orig", None)
    while origin is not None:
        if (
            getattr(origin, "sqlite_errorcode", 0) & 0xFF == _SQLITE_FULL
            or getattr(origin, "sqlstate", "") == _DISK_FULL
        ):
            return True
        origin = origin.__cause__
    return False


def store_error(error: BaseException) -> StoreError:
    if is_full(error):
        return StoreError(
            "The disk that holds Levada's runs is full, so nothing new can be accepted; what was accepted is kept. "
            "Make room, then try again.",
            reason=reasons.ERROR_REASON_STORE_FULL,
            retry_after=5,
        )
    return StoreError(retry_after=1)


def may_pass(error: BaseException) -> bool:
    """Tell whether trying the same again later can help: the database failed, not what it was given."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or not isinstance(error, _WRONG_DATA)
    return isinstance(error, DATABASE_ERRORS) and not isinstance(error, StatementError)


@contextmanager
def speaking() -> Iterator[None]:
    """Turn the database's errors into StoreError."""
    try:
        yield
    except DATABASE_ERRORS as error:
        raise store_error(error) from error


async def insist(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until there is an answer: what was accepted must not fail because the database is away for a moment.

    Raises StoreError after PATIENCE, or at once where asking again can't help.
    """
    patience = time.monotonic() + PATIENCE
    while True:
        try:
            return await ask()
        except StoreError as error:
            if error.__cause__ is None or not may_pass(error.__cause__) or time.monotonic() > patience:
                raise
        await asyncio.sleep(AGAIN)

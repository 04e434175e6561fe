"""What a database's failure means for whoever asks: one place that turns the driver's errors into ours."""

from collections.abc import Iterator
from contextlib import contextmanager

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

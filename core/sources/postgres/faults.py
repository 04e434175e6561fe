"""What PostgreSQL and its driver complain of, in our words."""

import asyncpg

from core.errors import QueryFailed, QueryTimeout, SourceError, SourceLost, SourceUnavailable

FAULTS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # so a connection that the server ended while it was idle may answer
    OSError,
    ValueError,
    OverflowError,
)
"""What can be raised while a connection is made or used."""

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.AdminShutdownError,
    asyncpg.exceptions.CrashShutdownError,
    asyncpg.exceptions.IdleInTransactionSessionTimeoutError,
    OSError,
)


def unreachable(error: Exception, name: str) -> SourceUnavailable:
    """Return why no connection could be made. The driver's words may hold host and user, so they are not repeated."""
    match error:
        case asyncpg.InvalidAuthorizationSpecificationError() | asyncpg.InvalidPasswordError():
            why = "the database refused the user name or password; check them in the source's URL"
        case asyncpg.InvalidCatalogNameError():
            why = "there is no database of that name on the server; check the source's URL"
        case asyncpg.TooManyConnectionsError():
            why = "the database has no connection free; try again in a moment"
        case asyncpg.CannotConnectNowError():
            why = "the database is starting or stopping; try again in a moment"
        case TimeoutError():
            why = "the database did not answer within 5 seconds; check that it is up and can be reached from here"
        case OSError():
            why = "nothing answers at its address; check that the database is up and the source's URL is right"
        case ValueError():
            why = "its URL can't be read; check it in the settings"
        case _:
            why = "the database refused the connection"
    return SourceUnavailable(f"Source {name} can't be reached: {why}.")


def translate(error: Exception, name: str) -> SourceError:
    """Return *error*, met while a query ran, in our words; with PostgreSQL's own where they help to mend the query."""
    match error:
        case asyncpg.QueryCanceledError() if "statement timeout" in str(error):
            return QueryTimeout()
        case asyncpg.QueryCanceledError():
            return QueryFailed(f"The query was cancelled in the database of source {name}.")
        case asyncpg.LockNotAvailableError():
            return SourceUnavailable(f"A table of source {name} is locked by somebody who changes it; try again.")
        case asyncpg.PostgresError() if not isinstance(error, _LOST):
            return QueryFailed(f"PostgreSQL refused the query: {_words(error)}")
        case asyncpg.InterfaceError() if "clos" not in str(error):
            return QueryFailed(f"The query can't be run: {error}")
        case OverflowError() | ValueError():
            return QueryFailed(
                "A value is out of the range that can be shown (a date before year 1?); CAST it to text."
            )
        case _:
            return SourceLost(
                f"The connection to source {name} broke while the query ran; rows sent so far are incomplete."
            )


def _words(error: asyncpg.PostgresError) -> str:
    hint = f" HINT: {error.hint}" if error.hint else ""
    return f"{error.message or error}{hint}"

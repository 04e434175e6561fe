"""What MySQL, MariaDB and their driver complain of, in our words."""

from asyncmy import errors

from core.errors import QueryFailed, QueryTimeout, SourceError, SourceLost, SourceUnavailable

FAULTS = (errors.MySQLError, OSError)
"""What can be raised while a connection is made or used."""

_TIMEOUTS = {1969, 3024}  # max_statement_time of MariaDB, max_execution_time of MySQL
_INTERRUPTED = {1317}
_LOST = {2006, 2013, 2014, 2055, 1053, 1927, 1158, 1159, 1160, 1161, 4031, 0}
_LOCKED = {1205, 1213}
_LOGIN = {1044, 1045, 1698, 2059}
_NO_DATABASE = {1049}
_FULL = {1040, 1203, 1226}


def _number(error: Exception) -> int | None:
    number = error.args[0] if error.args else None
    return number if isinstance(number, int) else None


def unreachable(error: Exception, name: str) -> SourceUnavailable:
    """Return why no connection could be made. The driver's words may hold host and user, so they are not repeated."""
    number = _number(error)
    if number in _LOGIN:
        why = "the database refused the user name or password; check them in the source's URL"
    elif number in _NO_DATABASE:
        why = "there is no database of that name on the server; check the source's URL"
    elif number in _FULL:
        why = "the database has no connection free; try again in a moment"
    elif isinstance(error, TimeoutError) or isinstance(error.__cause__, TimeoutError):
        why = "the database did not answer within 5 seconds; check that it is up and can be reached from here"
    else:
        why = "nothing answers at its address; check that the database is up and the source's URL is right"
    return SourceUnavailable(f"Source {name} can't be reached: {why}.")


def translate(error: Exception, name: str) -> SourceError:
    """Return *error*, met while a query ran, in our words; with MySQL's own where they help to mend the query."""
    number = _number(error)
    if number in _TIMEOUTS:
        return QueryTimeout()
    if number in _INTERRUPTED:
        return QueryFailed(f"The query was cancelled in the database of source {name}.")
    if number in _LOCKED:
        return SourceUnavailable(f"A table of source {name} is locked by somebody who changes it; try again.")
    if number in _LOST or isinstance(error, OSError):
        return SourceLost(
            f"The connection to source {name} broke while the query ran; rows sent so far are incomplete."
        )
    return QueryFailed(f"MySQL refused the query: {error.args[-1] if error.args else error}")

"""What MongoDB and its driver complain of, in our words."""

from bson.errors import BSONError
from pymongo import errors

from core.errors import QueryFailed, QueryTimeout, SourceError, SourceLost, SourceUnavailable

FAULTS = (errors.PyMongoError, BSONError, OSError)
"""What can be raised while a client is made or used."""

_LOGIN = {11, 18, 334}
_FORBIDDEN = {13}
_TIMEOUTS = {50, 262}
_LOST = {43, 237, 6, 7, 89, 91, 189, 11600, 11602, 10107, 13435, 13436}
_KILLED = {11601}
_MEMORY = {292, 146, 16819, 16945, 5859000}


def unreachable(error: Exception, name: str) -> SourceUnavailable:
    """Return why the server can't be asked. The driver's words may hold host and user, so they are not repeated."""
    code = getattr(error, "code", None)
    if code in _LOGIN:
        why = "the server refused the user name or password; check them in the source's URL"
    elif code in _FORBIDDEN:
        why = "its user may not read that database; give it the role read"
    elif isinstance(error, errors.ConfigurationError | errors.InvalidURI | ValueError):
        why = "its URL can't be read, or its host name has no entry; check it"
    elif isinstance(error, errors.OperationFailure):
        why = f"MongoDB says: {_words(error)}"
    else:
        why = "nothing answers at its address within 5 seconds; check that MongoDB is up and the source's URL is right"
    return SourceUnavailable(f"Source {name} can't be reached: {why}.")


def translate(error: Exception, name: str) -> SourceError:
    """Return *error*, met while a query ran, in our words; with MongoDB's own where they help to mend the query."""
    code = getattr(error, "code", None)
    match error:
        case errors.ServerSelectionTimeoutError():
            return unreachable(error, name)
        case errors.ExecutionTimeout():
            return QueryTimeout()
        case errors.OperationFailure() if code in _TIMEOUTS:
            return QueryTimeout()
        case errors.OperationFailure() if code in _LOGIN | _FORBIDDEN:
            return unreachable(error, name)
        case errors.OperationFailure() if code in _KILLED:
            return QueryFailed(f"The query was cancelled in the database of source {name}.")
        case errors.OperationFailure() if code in _MEMORY:
            return QueryFailed("The query needs more than MongoDB's 100 MB for one stage; ask for less at once.")
        case errors.ConnectionFailure() | OSError():
            return _lost(name)
        case errors.OperationFailure() if code in _LOST:
            return _lost(name)
        case _:
            return QueryFailed(f"MongoDB refused the query: {_words(error)}")


def _lost(name: str) -> SourceLost:
    return SourceLost(f"The connection to source {name} broke while the query ran; rows sent so far are incomplete.")


def _words(error: Exception) -> str:
    details = getattr(error, "details", None) or {}
    return str(details.get("errmsg") or error).split(", full error:", 1)[0].rstrip(".")

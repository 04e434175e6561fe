"""What Trino and its client complain of, in our words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from trino.exceptions import Error, HttpError, TrinoQueryError

from core.errors import QueryFailed, QueryTimeout, SourceError, SourceLost, SourceUnavailable
from core.sources.trino.statement import Statement

_FAULTS = (Error, HttpError, requests.RequestException, ValueError, LookupError, TypeError, AttributeError, OSError)
_TIMEOUTS = {"EXCEEDED_TIME_LIMIT", "EXCEEDED_CPU_LIMIT"}
_MEMORY = {"CLUSTER_OUT_OF_MEMORY", "EXCEEDED_LOCAL_MEMORY_LIMIT", "EXCEEDED_GLOBAL_MEMORY_LIMIT"}
_STOPPED = {"USER_CANCELED", "ADMINISTRATIVELY_KILLED", "ADMINISTRATIVELY_PREEMPTED"}
_BUSY = {"QUERY_QUEUE_FULL", "NO_NODES_AVAILABLE", "SERVER_STARTING_UP", "SERVER_SHUTTING_DOWN", "CLUSTER_NOT_READY"}
_LOST = {
    "ABANDONED_QUERY",
    "REMOTE_HOST_GONE",
    "REMOTE_TASK_MISMATCH",
    "PAGE_TRANSPORT_ERROR",
    "PAGE_TRANSPORT_TIMEOUT",
}


@contextmanager
def in_our_words(name: str, statement: Statement) -> Iterator[None]:
    """Turn what is raised while *statement* is worked on into ours."""
    try:
        yield
    except _FAULTS as error:
        raise _translate(error, name, statement.started) from error


def _translate(error: Exception, name: str, started: bool) -> SourceError:
    match error:
        case TrinoQueryError():
            return _refusal(error, name)
        case HttpError():
            return _unanswered(error, name)
        case requests.Timeout():
            why = "Trino did not answer in time; check that it is up and can be reached from here"
        case requests.exceptions.InvalidSchema() | requests.exceptions.InvalidURL():
            why = "its URL can't be read; check it in the settings"
        case requests.exceptions.SSLError():
            why = "its certificate is not trusted here; name the authority's file as verify=… in the source's URL"
        case _ if started:
            return SourceLost(
                f"The connection to source {name} broke while the query ran; rows sent so far are incomplete."
            )
        case OSError() if not isinstance(error, ValueError):
            why = "nothing answers at its address; check that Trino is up and the source's URL is right"
        case _:
            why = "what answers at its address is not Trino; check the source's URL"
    return SourceUnavailable(f"Source {name} can't be reached: {why}.")


def _refusal(error: TrinoQueryError, name: str) -> SourceError:
    said = error.error_name or ""
    if said in _TIMEOUTS:
        return QueryTimeout()
    if said in _MEMORY:
        return QueryFailed("The query needs more memory than Trino gives it; ask for less at once.")
    if said in _STOPPED:
        return QueryFailed(f"The query was cancelled in source {name}.")
    if said in _LOST:
        return SourceLost(f"Source {name} lost the query while it ran; rows sent so far are incomplete.")
    if said in _BUSY:
        return SourceUnavailable(f"Source {name} takes no query now ({said}); try again in a moment.")
    if error.error_type == "EXTERNAL":
        return SourceUnavailable(f"Source {name} could not read the data behind it ({said}); try again.")
    return QueryFailed(f"Trino refused the query: {error.message}")


def _unanswered(error: HttpError, name: str) -> SourceUnavailable:
    """The client gives the status only in its words."""
    found = re.search(r"\d{3}", str(error))
    match int(found[0]) if found else 0:
        case 401 | 403:
            why = "Trino refused the user name, password or token; check them in the source's URL"
        case 429 | 502 | 503 | 504:
            why = "Trino is busy, starting or stopping; try again in a moment"
        case _:
            why = "what answers at its address is not Trino; check the source's URL"
    return SourceUnavailable(f"Source {name} can't be reached: {why}.")

"""What Qdrant's client raises, in our words."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from pydantic import ValidationError
from qdrant_client.common.client_exceptions import QdrantException
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from core.errors import QueryFailed, QueryTimeout, SourceError, SourceLost, SourceUnavailable


@contextmanager
def remote_in_our_words(name: str, place: str) -> Iterator[None]:
    """Turn what comes of asking the server at *place* into SourceErrors of the source *name*."""
    try:
        yield
    except UnexpectedResponse as error:
        raise _refused(error, name) from error
    except ResponseHandlingException as error:
        raise _broken(error.source, name, place) from error
    except QdrantException as error:
        wait = getattr(error, "retry_after_s", None)
        raise SourceUnavailable(f"Source {name} has too much to do; try again later.", retry_after=wait) from error
    except (ValueError, AssertionError) as error:
        raise _foreign(name, place) from error


def _broken(error: Exception, name: str, place: str) -> SourceError:
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout():
            return SourceUnavailable(f"Source {name} can't be reached at {place}: nothing answers there.")
        case httpx.TimeoutException():
            return QueryTimeout()
        case httpx.TransportError():
            return SourceLost(f"The connection to source {name} broke before its answer was whole; ask again.")
        case ValidationError():
            return _foreign(name, place)
        case _:
            return SourceUnavailable(f"Source {name} can't be asked at {place}: {type(error).__name__}.")


def _foreign(name: str, place: str) -> SourceUnavailable:
    return SourceUnavailable(f"What answers for source {name} at {place} does not speak as Qdrant does; check its URL.")


def _refused(error: UnexpectedResponse, name: str) -> SourceError:
    match error.status_code:
        case 401 | 403:
            return SourceUnavailable(f"Source {name} refused the key in its URL, or the key may not read this.")
        case 408 | 504:
            return QueryTimeout()
        case 429:
            return SourceUnavailable(f"Source {name} has too much to do; try again later.")
        case int(status) if status >= 500:
            return SourceUnavailable(f"Source {name} is in trouble: {_words(error.content)}")
        case _:
            return QueryFailed(f"Qdrant refused the query: {_words(error.content)}")


def _words(content: bytes) -> str:
    """Return what a server says of an error, in its own words where they are in Qdrant's form."""
    try:
        said: Any = json.loads(content)["status"]["error"]
    except (ValueError, KeyError, TypeError):
        said = "it gave no reason"
    return str(said)[:500]


@contextmanager
def local_in_our_words() -> Iterator[None]:
    """Turn what the local mode raises over a query into QueryFailed; the words are its own."""
    try:
        yield
    except (ValueError, KeyError, IndexError, TypeError, NotImplementedError) as error:
        raise QueryFailed(f"Qdrant refused the query: {error}") from error

"""What DuckDB complains of, in our words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from core.errors import QueryFailed, QueryTimeout, SourceError, SourceUnavailable


@contextmanager
def in_our_words(name: str, connecting: bool = False) -> Iterator[None]:
    """Turn DuckDB's errors into ours; what fails while only *connecting* makes the source unavailable."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        fault = _unreachable(error, name) if connecting else _translate(error, name)
        raise fault from error


def _translate(error: Exception, name: str) -> SourceError:
    match error:
        case duckdb.InterruptException():
            return QueryTimeout()
        case duckdb.FatalException() | duckdb.InternalException():
            return SourceUnavailable(f"Source {name} broke off ({words(error)}); ask again.")
        case duckdb.OutOfMemoryException():
            return QueryFailed("The query needs more memory than it may use; ask for less at once.")
        case OSError() if str(error).startswith("INTERRUPT"):  # so it is called where rows are Arrow
            return QueryTimeout()
        case _:
            return QueryFailed(f"DuckDB refused the query: {words(error)}")


def _unreachable(error: Exception, name: str) -> SourceUnavailable:
    text = str(error)
    if "does not exist" in text or isinstance(error, FileNotFoundError):
        why = "the file is missing; check its path in the settings"
    elif "lock" in text:
        why = "a program that writes to it keeps it locked; try again when it is done"
    elif "not a valid DuckDB" in text:
        why = "it is not a DuckDB database file"
    else:
        why = words(error)
    return SourceUnavailable(f"Source {name} can't be read: {why}.")


def words(error: Exception) -> str:
    """Return DuckDB's own words without the echo of the query, and without the folders that files are in."""
    said = str(error).split("\n\nLINE ", 1)[0].strip()
    return re.sub(r"/(?:[^\s/\"']+/)+", "", said).rstrip(".")

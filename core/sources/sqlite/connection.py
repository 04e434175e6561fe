"""Connections to a SQLite file that can do nothing but read, whatever the query says."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from core.errors import QueryFailed, QueryTimeout, SourceError, SourceLost, SourceUnavailable

# SQLite waits for a lock in a sleep that nothing interrupts: longer would keep a cancelled run waiting.
_BUSY_SECONDS = 0.8
_STEPS_BETWEEN_LOOKS = 100_000
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 50_000_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 5_000,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_FORBIDDEN_FUNCTIONS = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"}


def reads_only(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Allow nothing but reading tables, and calling functions that stay inside."""
    if action == sqlite3.SQLITE_FUNCTION:
        allowed = (second or "").lower() not in _FORBIDDEN_FUNCTIONS
    elif action == sqlite3.SQLITE_UPDATE:
        # Not a write: so a virtual table (json_each, fts5) declares its columns. SQLite refuses real ones itself.
        allowed = first == "sqlite_master"
    else:
        # Full text search asks by this pragma whether its index changed.
        allowed = action in _READING or (action == sqlite3.SQLITE_PRAGMA and first == "data_version")
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _names_types(action: int, first: str | None, second: str | None, place: str | None, *more: str | None) -> int:
    """Allow a view in the connection's own temporary catalogue, and to ask for its columns, besides reading."""
    if place == "temp" and (
        action == sqlite3.SQLITE_CREATE_TEMP_VIEW
        or (action in (sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE) and first == "sqlite_temp_master")
        or (action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo")
    ):
        return sqlite3.SQLITE_OK
    return reads_only(action, first, second, place, *more)


def connect(path: Path, deadline: float) -> sqlite3.Connection:
    """Open *path* for reading until *deadline*. A missing file stays missing. Only our own queries may run on it.

    Raises sqlite3.Error.
    """
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    connection = sqlite3.connect(
        uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=0
    )
    try:
        for limit, most in _LIMITS.items():
            connection.setlimit(limit, most)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
        connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS)
    except BaseException:
        connection.close()
        raise
    return connection


def result_types(connection: sqlite3.Connection, sql: str) -> list[str]:
    """Return the declared type of each result column, "" where it is computed; then let it only read.

    SQLite itself traces columns through joins, subqueries and CTEs when it compiles a view, which costs no reading.
    """
    connection.set_authorizer(_names_types)
    try:
        connection.execute(f"CREATE TEMP VIEW levada_result_types AS {sql}")
        rows = connection.execute("PRAGMA temp.table_xinfo(levada_result_types)").fetchall()
    except sqlite3.Error:
        return []  # what is wrong with the query is said when it runs
    finally:
        connection.set_authorizer(reads_only)
    # SQLite from 3.41 on names the affinity of computed columns; only a declared type is a promise.
    return [row[2] if row[2] not in ("NUM", "BLOB") else "" for row in rows]


@contextmanager
def in_our_words(name: str, connecting: bool = False) -> Iterator[None]:
    """Turn SQLite's errors into ours; what fails while only *connecting* makes the source unavailable."""
    try:
        yield
    except sqlite3.Error as error:
        fault = _translate(error, name)
        if connecting and not isinstance(fault, SourceUnavailable):
            fault = SourceUnavailable(f"Source {name} can't be read: {fault.message}")
        raise fault from error


def _translate(error: sqlite3.Error, name: str) -> SourceError:
    """Return *error* in our words, with SQLite's own where they help to mend the query."""
    code = getattr(error, "sqlite_errorname", "") or ""
    if code.startswith("SQLITE_INTERRUPT"):
        return QueryTimeout()
    if code.startswith("SQLITE_CANTOPEN"):
        return SourceUnavailable(f"The file of source {name} can't be opened; check that it exists and can be read.")
    if code.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return SourceUnavailable(f"The file of source {name} is not a sound SQLite database ({error}).")
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return SourceUnavailable(f"Source {name} is locked by a program that writes to it; try again.")
    if code.startswith("SQLITE_IOERR"):
        return SourceLost(f"The file of source {name} could not be read on ({error}).")
    if code.startswith("SQLITE_AUTH"):
        return QueryFailed("SQLite refused the query: only reading is allowed here.")
    return QueryFailed(f"SQLite refused the query: {error}")

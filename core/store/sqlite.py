"""A SQLite file as the store: created at start, write-ahead log with full sync, one server at a time."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import StoreError
from levada.v1 import error_reason_pb2 as reasons

READERS = 4
# Pages given back in one go.
SLICE = 256


def path_of(url: str) -> Path:
    """Return the file that *url* (sqlite:///relative or sqlite:////absolute) names."""
    path = url.removeprefix("sqlite:///")
    if path == url or not path or path.startswith(":"):
        raise StoreError(f"LEVADA_STORE must name a file, like sqlite:///.levada/levada.db; it is {url!r}.")
    return Path(path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file for this process. Raises StoreError (STORE_LOCKED) naming whoever holds it."""
    lock = path.with_name(path.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            f"The file {path} that is to hold the runs can't be made or written ({error.strerror}). "
            "Set LEVADA_STORE to a place where this user may write."
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(handle, 200).decode(errors="replace").strip() or "another process"
        os.close(handle)
        raise StoreError(
            f"{path} is in use by {holder}, and only one server at a time can work on a SQLite file. Stop that one, "
            "set LEVADA_STORE to another file, or use PostgreSQL to share the work.",
            reason=reasons.ERROR_REASON_STORE_LOCKED,
        ) from error
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        yield
    finally:
        # The kernel lets go of the lock however the process ends; the file stays, as removing it would be a race.
        os.close(handle)


def engine(path: Path, *, writing: bool) -> AsyncEngine:
    """Return an engine with one connection that writes, or some that only read."""
    size = 1 if writing else READERS
    # auto_vacuum counts only before anything else is in the file; an older file keeps its size and uses it again.
    pragmas = ["busy_timeout=10000", "auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=FULL"]
    pragmas.append("cache_size=-16384")
    # Readers run each statement on its own, so there is nothing to roll back when a connection is returned.
    options: dict[str, Any] = {} if writing else {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
    if not writing:
        pragmas.append("query_only=ON")
    made = create_async_engine(f"sqlite+aiosqlite:///{path}", pool_size=size, max_overflow=0, **options)

    @event.listens_for(made.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return made


async def shrink(c: AsyncConnection) -> bool:
    """Give some of the file's free pages back to the disk, and the log's file once there are no more; tell of more."""

    async def free() -> int:
        return int((await c.execute(text("PRAGMA freelist_count"))).scalar_one())

    driver: Any = (await c.get_raw_connection()).driver_connection
    if not (before := await free()):
        return False
    # Not by `execute`, which would take one step: one page.
    await driver.executescript(f"PRAGMA incremental_vacuum({SLICE})")
    if 0 < await free() < before:
        return True
    # Not waiting for readers, who may hold the log: the next time does.
    await driver.executescript("PRAGMA busy_timeout=0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout=10000")
    return False

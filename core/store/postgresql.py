"""PostgreSQL as the store: the same tables, shared by any number of servers."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.errors import StoreError
from core.store.faults import DATABASE_ERRORS, speaking

READERS = 8
T = TypeVar("T")
# How long somebody waits for a connection, for one out of the pool, for somebody else's lock, for an answer. A database
# that does not answer is left in the end: its server's own clock goes first, ours is for one that hangs or is cut off.
CONNECT_SECONDS = 5.0
POOL_SECONDS = 5.0
LOCK_SECONDS = 5.0
STATEMENT_SECONDS = 15.0
GRACE_SECONDS = 5.0
# A server that is stopped, or whose machine vanished, within a transaction must not keep its locks from the others.
IDLE_SECONDS = 10.0


def engine(url: str, *, writing: bool, patient: bool = False, readers: int = READERS, overflow: int = 0) -> AsyncEngine:
    """Return an engine with two connections that write, the writer's and one beside it, or some that only read.

    Of these *readers* are kept, and up to *overflow* more opened while all are in use. A *patient* engine lets
    statements take as long as they do, as migrations may.
    """
    options: dict[str, Any] = {"pool_size": 2, "max_overflow": 0}
    if not writing:
        options = {"pool_size": readers, "max_overflow": overflow, "isolation_level": "AUTOCOMMIT"}
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_timeout=POOL_SECONDS,
        pool_pre_ping=True,
        connect_args=_connecting(patient),
        **options,
    )


def _connecting(patient: bool) -> dict[str, Any]:
    settings = {"application_name": "levada", "jit": "off"}
    if patient:
        return {"timeout": CONNECT_SECONDS, "server_settings": settings}
    settings["statement_timeout"] = str(int(STATEMENT_SECONDS * 1e3))
    settings["lock_timeout"] = str(int(LOCK_SECONDS * 1e3))
    settings["idle_in_transaction_session_timeout"] = str(int(IDLE_SECONDS * 1e3))
    seconds = STATEMENT_SECONDS + GRACE_SECONDS
    return {"timeout": CONNECT_SECONDS, "command_timeout": seconds, "server_settings": settings}


@contextmanager
def opening() -> Iterator[None]:
    """Say what stands in the way of a database that can't be used at all, to whoever starts a server."""
    try:
        yield
    except DATABASE_ERRORS as error:
        cause = getattr(error, "orig", None) or error
        raise StoreError(
            f"The PostgreSQL that LEVADA_STORE names can't be used: {cause.__cause__ or cause}. Check that it runs, "
            "that address, database and user are right, and that the user may log in from here."
        ) from error


async def aside(engine: AsyncEngine, job: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Do *job* in a transaction beside the writer's, which waits for no disk: lost in a crash, it is done again."""
    with speaking():
        async with engine.begin() as c:
            await c.execute(text("SET LOCAL synchronous_commit = off"))
            return await job(c)

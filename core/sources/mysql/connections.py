"""Connections to one MySQL or MariaDB, and transactions on them that can only read."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncmy
from asyncmy.constants import COMMAND
from asyncmy.cursors import SSCursor
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from core.errors import SourceUnavailable
from core.sources.mysql.faults import FAULTS, unreachable

_MOST = 16
_CONNECT_SECONDS = 5.0
_CLEAN_SECONDS = 0.8
_LOCK_SECONDS = 5
_MULTI_STATEMENTS_OFF = b"\x01\x00"


class Connections:
    """A pool that opens connections when they are needed, so that a database may be down when we start."""

    def __init__(self, name: str, url: str) -> None:
        self._name = name
        self._options = _options(name, url)
        self._pool: asyncmy.Pool | None = None

    @property
    def database(self) -> str:
        """Name of the database that the URL names; empty when it names none."""
        return self._options["db"] or ""

    @asynccontextmanager
    async def reading(self, seconds: float) -> AsyncIterator[asyncmy.Connection]:
        """Give a connection inside a read-only transaction; waiting for it, and each statement, may take *seconds*.

        A connection on which something still runs in the end is killed in the server and thrown away.
        Raises SourceUnavailable.
        """
        if self._pool is None:
            self._pool = await asyncmy.create_pool(minsize=0, maxsize=_MOST, **self._options)
        pool = self._pool
        try:
            async with asyncio.timeout(seconds):
                connection = await self._acquire(pool, seconds)
        except TimeoutError:
            why = "it gave no connection in time: it is slow, down, or all its connections are in use"
            raise SourceUnavailable(f"Source {self._name} can't be reached: {why}.") from None
        thread = connection.thread_id()
        try:
            yield connection
        finally:
            await asyncio.shield(self._give_back(pool, connection, thread))

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
            await self._pool.wait_closed()
            await asyncio.sleep(0)  # sockets close in the loop's next round

    async def _acquire(self, pool: asyncmy.Pool, seconds: float) -> asyncmy.Connection:
        """A connection that died in the pool is found out here, and the next one tried."""
        for _ in range(_MOST + 1):
            try:
                connection = await pool.acquire()
            except FAULTS as error:
                raise unreachable(error, self._name) from error
            try:
                await _begin(connection, seconds)
                return connection
            except FAULTS as error:
                fault = unreachable(error, self._name)
            except asyncio.CancelledError:
                connection.close()
                await asyncio.shield(_release(pool, connection))
                raise
            connection.close()
            await _release(pool, connection)
        raise fault

    async def _give_back(self, pool: asyncmy.Pool, connection: asyncmy.Connection, thread: int) -> None:
        idle = connection.connected and not _unfinished(connection)
        if idle:
            try:
                async with asyncio.timeout(_CLEAN_SECONDS):
                    await connection.rollback()
            except (*FAULTS, TimeoutError):
                idle = False
        if not idle:
            connection.close()
            await self._kill(thread)
        await _release(pool, connection)

    async def _kill(self, thread: int) -> None:
        """Closing our end stops nothing: the server goes on until it writes. So it is told, by another connection."""
        with contextlib.suppress(*FAULTS, TimeoutError):
            async with asyncio.timeout(_CLEAN_SECONDS):
                other = await asyncmy.connect(**self._options)
                try:
                    async with other.cursor() as cursor:
                        await cursor.execute(f"KILL {thread}")
                finally:
                    other.close()


def result_fields(connection: Any) -> Sequence[Any]:
    """Return the driver's own description of the last result's columns.

    The one that the DB-API asks for leaves out what tells numbers without sign, and bytes from text.
    """
    return connection._result.fields


def _unfinished(connection: Any) -> bool:
    return connection._result is not None and bool(connection._result.unbuffered_active)


async def _release(pool: asyncmy.Pool, connection: asyncmy.Connection) -> None:
    with contextlib.suppress(*FAULTS):
        await pool.release(connection)


async def _begin(connection: Any, seconds: float) -> None:
    """The driver asks for several statements in one text; that is taken back before any query goes through."""
    await connection._execute_command(COMMAND.COM_SET_OPTION, _MULTI_STATEMENTS_OFF)
    await connection.read_packet()
    maria = "MariaDB" in connection.get_server_info()
    most = f"max_statement_time = {seconds:.3f}" if maria else f"max_execution_time = {max(1, round(seconds * 1000))}"
    async with connection.cursor() as cursor:
        await cursor.execute(f"SET SESSION {most}, SESSION lock_wait_timeout = {_LOCK_SECONDS}")
        await cursor.execute("START TRANSACTION READ ONLY")


def _options(name: str, url: str) -> dict[str, Any]:
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise SourceUnavailable(f"Source {name} can't be reached: its URL can't be read; check it.") from error
    options = {
        "host": parts.host or "localhost",
        "port": parts.port or 3306,
        "user": parts.username,
        "password": parts.password or "",
        "db": parts.database,
        "charset": "utf8mb4",
        "connect_timeout": _CONNECT_SECONDS,
        "local_infile": False,
        "cursor_cls": SSCursor,
        "unix_socket": parts.query.get("unix_socket"),
    }
    if "ssl_ca" in parts.query or parts.query.get("ssl") in ("true", "1"):
        authority = parts.query.get("ssl_ca")
        options["ssl"] = ssl.create_default_context(cafile=str(authority) if authority else None)
    return options

"""Connections to one MySQL or MariaDB, and transactions on them that can only read."""

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from typing import Any

import asyncmy
from asyncmy.constants import COMMAND
from asyncmy.cursors import SSCursor
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from core.errors import SourceUnavailable
from core.sources.mysql.faults import FAULTS, unreachable
from core.sources.server import CLEAN_SECONDS, CONNECT_SECONDS, LOCK_SECONDS, MOST_CONNECTIONS, Connections

_MULTI_STATEMENTS_OFF = b"\x01\x00"


class MySQLConnections(Connections[asyncmy.Connection]):
    """A pool over asyncmy."""

    faults = FAULTS

    def __init__(self, name: str, url: str) -> None:
        super().__init__(name)
        self._options = _options(name, url)
        self._pool: asyncmy.Pool | None = None

    @property
    def database(self) -> str:
        """Name of the database that the URL names; empty when it names none."""
        return self._options["db"] or ""

    def _unreachable(self, error: Exception) -> SourceUnavailable:
        return unreachable(error, self.name)

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
            await self._pool.wait_closed()
            await asyncio.sleep(0)  # sockets close in the loop's next round

    async def _take(self) -> asyncmy.Connection:
        if self._pool is None:
            self._pool = await asyncmy.create_pool(minsize=0, maxsize=MOST_CONNECTIONS, **self._options)
        return await self._pool.acquire()

    async def _begin(self, connection: Any, seconds: float) -> None:
        """The driver asks for several statements in one text; that is taken back before any query goes through."""
        await connection._execute_command(COMMAND.COM_SET_OPTION, _MULTI_STATEMENTS_OFF)
        await connection.read_packet()
        maria = "MariaDB" in connection.get_server_info()
        milliseconds = max(1, round(seconds * 1000))
        most = f"max_statement_time = {seconds:.3f}" if maria else f"max_execution_time = {milliseconds}"
        async with connection.cursor() as cursor:
            await cursor.execute(f"SET SESSION {most}, SESSION lock_wait_timeout = {round(LOCK_SECONDS)}")
            await cursor.execute("START TRANSACTION READ ONLY")

    async def _give_back(self, connection: asyncmy.Connection) -> None:
        """A connection on which something still runs is killed in the server and thrown away."""
        idle, thread = connection.connected and not _unfinished(connection), connection.thread_id()
        if idle:
            try:
                async with asyncio.timeout(CLEAN_SECONDS):
                    await connection.rollback()
            except (*FAULTS, TimeoutError):
                idle = False
        if not idle:
            connection.close()
            await self._kill(thread)
        await self._release(connection)

    async def _throw_away(self, connection: asyncmy.Connection) -> None:
        connection.close()
        await self._release(connection)

    async def _release(self, connection: asyncmy.Connection) -> None:
        with contextlib.suppress(*FAULTS):
            if self._pool is not None:
                await self._pool.release(connection)

    async def _kill(self, thread: int) -> None:
        """Closing our end stops nothing: the server goes on until it writes. So it is told, by another connection."""
        with contextlib.suppress(*FAULTS, TimeoutError):
            async with asyncio.timeout(CLEAN_SECONDS):
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
        "connect_timeout": CONNECT_SECONDS,
        "local_infile": False,
        "cursor_cls": SSCursor,
        "unix_socket": parts.query.get("unix_socket"),
    }
    if "ssl_ca" in parts.query or parts.query.get("ssl") in ("true", "1"):
        authority = parts.query.get("ssl_ca")
        options["ssl"] = ssl.create_default_context(cafile=str(authority) if authority else None)
    return options

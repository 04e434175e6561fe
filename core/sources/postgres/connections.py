"""Connections to one PostgreSQL, and transactions on them that can only read."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from core.errors import SourceError, SourceUnavailable
from core.sources.postgres.faults import FAULTS, unreachable
from core.sources.postgres.types import set_codecs

_MOST = 16
_CONNECT_SECONDS = 5.0
_IDLE_SECONDS = 60.0
_CLEAN_SECONDS = 0.8
_LOCK_SECONDS = 5.0
_IDLE_IN_TRANSACTION_SECONDS = 300.0
_log = logging.getLogger(__name__)


class Connections:
    """A pool that opens connections when they are needed, so that a database may be down when we start."""

    def __init__(self, name: str, url: str) -> None:
        self._name = name
        scheme, _, rest = url.partition("://")
        self._url = f"{scheme.partition('+')[0]}://{rest}"
        self._pool: asyncpg.Pool | None = None

    @asynccontextmanager
    async def reading(self, seconds: float) -> AsyncIterator[asyncpg.Connection]:
        """Give a connection inside a read-only transaction; waiting for it, and each statement, may take *seconds*.

        It is rolled back in the end; a connection on which that fails is thrown away.
        Raises SourceUnavailable.
        """
        pool = await self._ready()
        try:
            async with asyncio.timeout(seconds):
                connection = await self._acquire(pool, seconds)
        except TimeoutError:
            why = "it gave no connection in time: it is slow, down, or all its connections are in use"
            raise SourceUnavailable(f"Source {self._name} can't be reached: {why}.") from None
        try:
            yield connection
        finally:
            await asyncio.shield(self._give_back(pool, connection))

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
            await asyncio.sleep(0)  # sockets close in the loop's next round

    async def _ready(self) -> asyncpg.Pool:
        if self._pool is None:
            # The statement cache is off: it breaks behind pgbouncer and on tables that change.
            pool = asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=_MOST,
                timeout=_CONNECT_SECONDS,
                max_inactive_connection_lifetime=_IDLE_SECONDS,
                statement_cache_size=0,
                init=set_codecs,
            )
            self._pool = pool
            await pool
        return self._pool

    async def _acquire(self, pool: asyncpg.Pool, seconds: float) -> asyncpg.Connection:
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
                fault: SourceError = unreachable(error, self._name)
            except asyncio.CancelledError:
                await asyncio.shield(self._give_back(pool, connection))
                raise
            await self._give_back(pool, connection)
        raise fault

    async def _give_back(self, pool: asyncpg.Pool, connection: asyncpg.Connection) -> None:
        """What was cancelled is stopped in the server by now or about to be; who can't tell is cut off."""
        try:
            async with asyncio.timeout(_CLEAN_SECONDS):
                await connection.execute("ROLLBACK")
        except (*FAULTS, TimeoutError):
            with contextlib.suppress(*FAULTS):  # a connection that broke has left the pool by itself
                connection.terminate()
        with contextlib.suppress(*FAULTS):
            await pool.release(connection, timeout=_CLEAN_SECONDS)


async def _begin(connection: asyncpg.Connection, seconds: float) -> None:
    """These texts hold nothing of the query: it goes by the extended protocol, one statement at a time."""
    await connection.execute(
        "BEGIN READ ONLY;"
        f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))};"
        f"SET LOCAL lock_timeout = {round(_LOCK_SECONDS * 1000)};"
        f"SET LOCAL idle_in_transaction_session_timeout = {round(_IDLE_IN_TRANSACTION_SECONDS * 1000)}"
    )

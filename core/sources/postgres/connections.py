"""Connections to one PostgreSQL, and transactions on them that can only read."""

import asyncio
import contextlib

import asyncpg

from core.errors import SourceUnavailable
from core.sources.postgres.faults import FAULTS, unreachable
from core.sources.postgres.types import set_codecs
from core.sources.server import CLEAN_SECONDS, CONNECT_SECONDS, LOCK_SECONDS, MOST_CONNECTIONS, Connections

_IDLE_SECONDS = 60.0
_IDLE_IN_TRANSACTION_SECONDS = 300.0


class PostgresConnections(Connections[asyncpg.Connection]):
    """A pool over asyncpg."""

    faults = FAULTS

    def __init__(self, name: str, url: str) -> None:
        super().__init__(name)
        scheme, _, rest = url.partition("://")
        self._url = f"{scheme.partition('+')[0]}://{rest}"
        self._pool: asyncpg.Pool | None = None

    def _unreachable(self, error: Exception) -> SourceUnavailable:
        return unreachable(error, self.name)

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
            await asyncio.sleep(0)  # sockets close in the loop's next round

    async def _take(self) -> asyncpg.Connection:
        if self._pool is None:
            # The statement cache is off: it breaks behind pgbouncer and on tables that change.
            pool = asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=MOST_CONNECTIONS,
                timeout=CONNECT_SECONDS,
                max_inactive_connection_lifetime=_IDLE_SECONDS,
                statement_cache_size=0,
                init=set_codecs,
            )
            self._pool = pool
            await pool
        return await self._pool.acquire()

    async def _begin(self, connection: asyncpg.Connection, seconds: float) -> None:
        """These texts hold nothing of the query: it goes by the extended protocol, one statement at a time."""
        await connection.execute(
            "BEGIN READ ONLY;"
            f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))};"
            f"SET LOCAL lock_timeout = {round(LOCK_SECONDS * 1000)};"
            f"SET LOCAL idle_in_transaction_session_timeout = {round(_IDLE_IN_TRANSACTION_SECONDS * 1000)}"
        )

    async def _give_back(self, connection: asyncpg.Connection) -> None:
        """What was cancelled is stopped in the server by now or about to be; who can't tell is cut off."""
        try:
            async with asyncio.timeout(CLEAN_SECONDS):
                await connection.execute("ROLLBACK")
        except (*FAULTS, TimeoutError):
            with contextlib.suppress(*FAULTS):  # a connection that broke has left the pool by itself
                connection.terminate()
        with contextlib.suppress(*FAULTS):
            if self._pool is not None:
                await self._pool.release(connection, timeout=CLEAN_SECONDS)

    _throw_away = _give_back

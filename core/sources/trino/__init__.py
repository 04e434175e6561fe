"""Trino: one catalogue of a cluster, through its own client. The client blocks, so it runs in threads."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Unpack

from core.sources.base import CheckedQuery, Limits
from core.sources.blocking import BlockingRows, running
from core.sources.described import Configuration, Described
from core.sources.pace import Pace
from core.sources.relational import Relational
from core.sources.threads import Threads
from core.sources.trino.address import Address
from core.sources.trino.describe import describe
from core.sources.trino.rows import TrinoReader
from core.sources.trino.statement import Statement
from levada.v1.catalog_pb2 import Schema

_PING_SECONDS = 10.0
_CANCELLING = 4


class TrinoSource(Relational, Described):
    """One catalogue, or one schema of it, as the URL's user may read it."""

    kind = dialect = "trino"

    def __init__(self, name: str, url: str, **configured: Unpack[Configuration]) -> None:
        super().__init__(name, **configured)
        self._address = Address.of(name, url)
        self._threads, self._cancelling = Threads(name), Threads(f"{name}-cancelling", _CANCELLING)

    def query(self, query: CheckedQuery, limits: Limits) -> Any:
        return self._running(query.text, limits, query.parameters)

    async def ping(self) -> None:
        async with self._running("SELECT 1", Limits(seconds=_PING_SECONDS)):
            pass

    async def close(self) -> None:
        await self._schema.close()
        self._threads.close()
        self._cancelling.close()

    @asynccontextmanager
    async def _running(self, sql: str, limits: Limits, values: Sequence[Any] = ()) -> AsyncIterator[BlockingRows]:
        loop = asyncio.get_running_loop()

        def tell(message: str) -> None:
            loop.call_soon_threadsafe(limits.tell, message)

        statement = Statement(self._address, sql, values, limits.seconds, tell)
        reader = TrinoReader(self.name, statement, self._cancelling)
        async with running(reader, self._threads, Pace(limits)) as rows:
            yield rows

    async def _look(self) -> Schema:
        return await describe(self._ask, self._address, self._schema.looked)

    async def _ask(self, sql: str, seconds: float) -> list[Sequence[Any]]:
        """Return the columns of all rows of *sql*, which is ours."""
        async with self._running(sql, Limits(seconds=seconds)) as rows:
            columns: list[list[Any]] = [[] for _ in rows.columns]
            async for batch in rows:
                for whole, part in zip(columns, batch.columns, strict=True):
                    whole.extend(part)
            return list(columns)

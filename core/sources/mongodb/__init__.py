"""MongoDB, through pymongo's asynchronous client: aggregation pipelines that read, each in a session of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Unpack

from pymongo.asynchronous.client_session import AsyncClientSession

from core.errors import SourceError, SourceUnavailable
from core.sources.base import NOTHING, CheckedQuery, Limits, Parameters
from core.sources.described import Configuration, Described
from core.sources.mongodb import guard
from core.sources.mongodb.client import Client
from core.sources.mongodb.describe import describe
from core.sources.mongodb.faults import FAULTS
from core.sources.mongodb.query import MongoQuery, read
from core.sources.mongodb.rows import MongoRows
from core.sources.pace import Pace
from core.sources.server import CLEAN_SECONDS
from levada.v1.catalog_pb2 import Schema

_DESCRIBE_SECONDS = 30.0
_PING_SECONDS = 10.0


class MongoSource(Described):
    """One database of a MongoDB, as its user may read it (core.sources.base.Source)."""

    kind = dialect = "mongodb"
    language = guard.LANGUAGE
    form: Mapping[str, Any] | None = MongoQuery.model_json_schema()

    def __init__(self, name: str, url: str, **configured: Unpack[Configuration]) -> None:
        super().__init__(name, **configured)
        self._client = Client(name, url)

    def check(self, text: str, readable: Schema, rows: int, parameters: Parameters = NOTHING) -> CheckedQuery:
        """Return *text*, a MongoQuery, as it may run over what *readable* names. Raises QueryRefused."""
        return guard.check(text, readable, rows, parameters)

    @asynccontextmanager
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator[MongoRows]:
        pace = Pace(limits)
        rows = MongoRows(self._client, pace, getattr(query, "columns", None))
        session = self._client.get().start_session()
        try:
            async with pace.in_time():
                await rows.open(read(query.text), session, limits.seconds)
            yield rows
        finally:
            await asyncio.shield(self._leave(session, rows))

    async def _leave(self, session: AsyncClientSession, rows: MongoRows) -> None:
        """What still runs is killed by its session, of which the driver knows the id before the server answers.

        A server that can't be told (a secondary, a lesser user) stops when it finds the connection closed, as the
        driver leaves it. A session that was killed is not used again.
        """
        with contextlib.suppress(*FAULTS, TimeoutError):
            async with asyncio.timeout(CLEAN_SECONDS):
                if rows.working:
                    await self._client.get().admin.command({"killSessions": [session.session_id]})
                if rows.cursor is not None:
                    await rows.cursor.close()
                if not rows.working:
                    await session.end_session()

    async def ping(self) -> None:
        try:
            async with asyncio.timeout(_PING_SECONDS):
                with self._client.connecting():
                    await self._client.database.command("ping")
        except TimeoutError:
            raise self._silent() from None

    async def close(self) -> None:
        await self._schema.close()
        await self._client.close()

    async def _look(self) -> Schema:
        try:
            async with asyncio.timeout(_DESCRIBE_SECONDS):
                with self._client.connecting():
                    return await describe(self._client.database, self.name, self._schema.looked)
        except TimeoutError:
            raise self._silent() from None
        except SourceError as error:
            raise SourceUnavailable(error.message) from error

    def _silent(self) -> SourceUnavailable:
        return SourceUnavailable(f"Source {self.name} can't be reached: it did not answer in time; it may be busy.")

"""Slack: messages, people and channels of a workspace, read through its Web API."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Unpack

from core.errors import QueryFailed, SourceUnavailable
from core.sources.base import NOTHING, CheckedQuery, Limits, Parameters, untold
from core.sources.catalog import REMEMBER_SECONDS
from core.sources.described import Configuration, Configured
from core.sources.looking import Looked, uncounted
from core.sources.pace import Pace
from core.sources.remembered import Remembered
from core.sources.slack import guard
from core.sources.slack.address import parsed, unusable
from core.sources.slack.calls import Calls, Patience
from core.sources.slack.describe import describe
from core.sources.slack.directory import Directory
from core.sources.slack.gathering import gather, introduce
from core.sources.slack.query import TABLE_OF, SlackQuery
from core.sources.slack.reading import Reading
from core.sources.slack.rows import SlackRows
from core.sources.slack.tables import TABLES
from levada.v1.catalog_pb2 import Schema

_DESCRIBE_SECONDS = 30.0
_PING_SECONDS = 10.0


class SlackSource(Configured):
    """One workspace, as far as a token may read it (core.sources.base.Source)."""

    kind = dialect = language = "slack"
    form = SlackQuery.model_json_schema()

    def __init__(self, name: str, url: str, **configured: Unpack[Configuration]) -> None:
        super().__init__(name, **configured)
        self._address = parsed(name, url)
        self._calls = Calls(self._address)
        self._directory = Remembered(self._gather, REMEMBER_SECONDS)
        self._known: Directory | None = None

    async def describe(self, looked: Looked = uncounted) -> Schema:
        return self._configured(describe(await self._directory.get()))

    def forget(self) -> None:
        self._directory.forget()

    def check(self, text: str, readable: Schema, rows: int, parameters: Parameters = NOTHING) -> CheckedQuery:
        """Return *text* as it may run over what *readable* names. Raises QueryRefused."""
        return guard.check(text, readable, rows, parameters, self._known)

    @asynccontextmanager
    async def query(self, query: CheckedQuery, limits: Limits) -> AsyncIterator[SlackRows]:
        pace = Pace(limits)
        async with pace.in_time():
            directory = await self._directory.get()
        asked = SlackQuery.model_validate_json(query.text)
        fields = {field.name: field for field in TABLES[TABLE_OF[asked.method]]}
        reading = Reading(asked, directory, self._calls.within(pace.deadline, limits.tell))
        async with aclosing(reading.objects()) as objects:
            chosen = [fields[name] for name in asked.fields or fields]
            yield SlackRows(self.name, chosen, objects, asked.limit or query.row_limit + 1, directory, pace)

    async def ping(self) -> None:
        async with self._looking(_PING_SECONDS) as patience:
            await introduce(self._address, patience)

    async def close(self) -> None:
        await self._directory.close()
        await self._calls.close()

    async def _gather(self) -> Directory:
        async with self._looking(_DESCRIBE_SECONDS) as patience:
            self._known = await gather(self._address, patience)
            return self._known

    @asynccontextmanager
    async def _looking(self, seconds: float) -> AsyncIterator[Patience]:
        """Give calls that may take *seconds*. Raises SourceUnavailable when they fail or take longer."""
        try:
            async with asyncio.timeout(seconds):
                yield self._calls.within(time.monotonic() + seconds, untold)
        except TimeoutError:
            raise SourceUnavailable(f"Source {self.name} can't be reached: Slack is slow to answer.") from None
        except QueryFailed as error:
            raise unusable(self.name, error.message.rstrip(".")) from error

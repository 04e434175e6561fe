"""Calls to Slack's Web API: one session, Slack's asked-for pauses kept and told, its errors in our words."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from core.errors import SourceUnavailable
from core.sources.carried import carried
from core.sources.slack.address import Address
from core.sources.slack.directory import Raw
from core.sources.slack.faults import FAULTS, translate, waits

PAGE = 200
"""Objects of one page, as Slack recommends."""

_CONNECTIONS = 16
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 30.0
# The client writes whole answers to a logger that is set to nothing.
_log = logging.getLogger(__name__)
_quiet = logging.getLogger(f"{__name__}.client")
_quiet.setLevel(logging.WARNING)

Tell = Callable[[str], None]


class Calls:
    """What one source asks of Slack."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._client: AsyncWebClient | None = None
        self._closed_until: dict[str, float] = {}

    def within(self, deadline: float, tell: Tell) -> "Patience":
        """Return calls that are over by *deadline*, on the monotonic clock; pauses are told."""
        return Patience(self, deadline, tell)

    async def close(self) -> None:
        if self._client is not None and self._client.session is not None:
            await self._client.session.close()

    async def once(self, method: str, **arguments: Any) -> Raw:
        """Return what Slack answers. Raises FAULTS."""
        answer = await self._connected().api_call(method, http_verb="GET", params=arguments)
        if not isinstance(answer.data, dict):
            raise ValueError(f"{method} answered with bytes")
        found: Raw = carried(answer.data)
        return found

    def translated(self, error: Exception, method: str) -> Exception:
        return translate(error, self._address, method)

    def pause(self, method: str, seconds: float) -> None:
        self._closed_until[method] = time.monotonic() + seconds

    def paused(self, method: str) -> float:
        """Return for how many seconds Slack does not want to hear *method*."""
        return self._closed_until.get(method, 0.0) - time.monotonic()

    def _connected(self) -> AsyncWebClient:
        if self._client is None:
            token, base_url = self._address.token, self._address.base_url
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
                timeout=aiohttp.ClientTimeout(sock_connect=_CONNECT_SECONDS, sock_read=_ANSWER_SECONDS),
                trust_env=True,
            )
            client = AsyncWebClient(token, base_url, session=session, retry_handlers=[], logger=_quiet)
            client.proxy = None  # the session finds proxies by itself, and knows whom they are not for
            self._client = client
        return self._client


@dataclass(frozen=True)
class Patience:
    """Calls that are worth making until a deadline."""

    calls: Calls
    deadline: float
    tell: Tell

    async def call(self, method: str, **arguments: Any) -> Raw:
        """Return what Slack answers. Raises QueryFailed, SourceUnavailable."""
        while True:
            await self._pause(method)
            try:
                return await self.calls.once(method, **arguments)
            except FAULTS as error:
                seconds = waits(error)
                if seconds is None:
                    raise self.calls.translated(error, method) from error
                self.calls.pause(method, seconds)

    async def pages(self, method: str, key: str, **arguments: Any) -> AsyncGenerator[Sequence[Raw], None]:
        """Yield the objects of one page after the other, up to the last one."""
        cursor = None
        while cursor != "":
            answer = await self.call(method, limit=PAGE, cursor=cursor, **arguments)
            yield items(answer, key, method)
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""

    async def _pause(self, method: str) -> None:
        """Wait for as long as Slack asked us to. Raises SourceUnavailable when that is longer than we may take."""
        while (seconds := self.calls.paused(method)) > 0:
            if time.monotonic() + seconds > self.deadline:
                raise SourceUnavailable(
                    f"Slack takes no more {method} for {ceil(seconds)} s, which is longer than this may take. Try again"
                    " then, or ask for less: fewer channels, fewer days.",
                    retry_after=seconds,
                )
            self.tell(f"Slack asks for a pause of {ceil(seconds)} s.")
            _log.info("Slack asks for a pause of %d s before %s", ceil(seconds), method)
            await asyncio.sleep(seconds)


def items(answer: Raw, key: str, method: str) -> Sequence[Raw]:
    """Return the list *key* of *answer*. Raises SourceUnavailable when it is none."""
    found = answer.get(key)
    if not isinstance(found, list):
        raise SourceUnavailable(f"Slack's answer to {method} has no {key}; it may be out of order. Try again later.")
    return found

"""How a WebSocket to a gateway is opened: with a token that is good for a minute, got right before."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from levada.errors import CallFailed, ServerUnreachable
from levada.retry import Retry
from levada.wire import Wire, from_problem

Token = Callable[[], Awaitable[str]]
# As much as a message may be over gRPC.
MOST_BYTES = 64 * 2**20
JSON = {"Content-Type": "application/json"}


class Dial:
    """Opens connections to one gateway, each with a token of its own."""

    def __init__(self, address: str, token: Token | None, retry: Retry) -> None:
        if not address.startswith(("http://", "https://")):
            raise ValueError(f"{address!r} is no address of a gateway; it begins with http:// or https://.")
        self._address = address.rstrip("/")
        self._token = token or self._issued
        self._retry = retry

    async def open(self) -> Wire:
        """Return an open connection. Raises CallFailed."""
        from websockets.asyncio.client import connect
        from websockets.exceptions import InvalidHandshake, InvalidStatus

        token, half = await self._token(), self._retry.silence / 2
        address = f"ws{self._address.removeprefix('http')}/v1/ws?{urlencode({'token': token})}"
        try:
            async with asyncio.timeout(self._retry.answer):
                # Half of the silence until it is asked whether somebody is there, the other half for the answer.
                options: Any = {"max_size": MOST_BYTES, "ping_interval": half, "ping_timeout": half, "proxy": None}
                return Wire(await connect(address, compression=None, **options))
        except InvalidStatus as refused:
            raise from_body(refused.response.body, refused.response.status_code) from None
        except (OSError, TimeoutError, InvalidHandshake) as error:
            raise ServerUnreachable(f"No gateway answers at {self._address}. Start one with: make demo") from error

    async def _issued(self) -> str:
        """Return a token of the gateway's. Raises CallFailed."""
        return await asyncio.to_thread(self._post)

    def _post(self) -> str:
        # Of whichever scheme: it is the address that the caller gave.
        request = urllib.request.Request(f"{self._address}/v1/tokens", b"{}", JSON)  # noqa: S310
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=self._retry.answer) as answer:
                return json.loads(answer.read())["token"]
        except urllib.error.HTTPError as refused:
            with refused:
                raise from_body(refused.read(), refused.code) from None
        except (OSError, ValueError, KeyError) as error:
            raise ServerUnreachable(f"No gateway answers at {self._address}. Start one with: make demo") from error


def from_body(body: bytes | bytearray, status: int) -> CallFailed:
    """Return the error that an answer of that *status* tells of, whoever on the way it is from."""
    try:
        problem = json.loads(body)
    except ValueError:
        problem = {}
    return from_problem({"status": status, **(problem if isinstance(problem, dict) else {})})

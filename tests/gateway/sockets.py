"""WebSockets of a gateway as a client opens them, message by message."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.gateway.conftest import Door

SECONDS = 60


class Socket:
    """An open WebSocket; messages are objects."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, kind: str, **members: Any) -> None:
        await self.connection.send(json.dumps({"type": kind, **members}))

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(SECONDS):
            return json.loads(await self.connection.recv())

    async def ask(self, kind: str, **members: Any) -> dict[str, Any]:
        await self.say(kind, **members)
        return await self.next()

    async def until(self, *kinds: str, id: str = "") -> list[dict[str, Any]]:  # noqa: A002
        """Return all messages up to one of *kinds*, of that *id* where one is given."""
        messages = [await self.next()]
        while messages[-1]["type"] not in kinds or (id and messages[-1]["id"] != id):
            messages.append(await self.next())
        return messages


async def token(door: Door) -> str:
    answer = await door.client.post("/v1/tokens")
    assert answer.status_code == 201, answer.text
    return answer.json()["token"]


def address(door: Door, path: str = "/v1/ws", **query: str) -> str:
    return str(httpx.URL(door.url.replace("http://", "ws://") + path, params=query))


@asynccontextmanager
async def socket(door: Door, path: str = "/v1/ws", **options: Any) -> AsyncIterator[Socket]:
    """Open a WebSocket with a token in its address."""
    async with connect(address(door, path, token=await token(door)), proxy=None, **options) as connection:
        yield Socket(connection)


def numbers(messages: list[dict[str, Any]], id: str) -> list[int]:  # noqa: A002
    """Return the numbers of the events that *messages* tell under *id*."""
    return [int(each["sequence"]) for each in messages if each["type"] == "event" and each["id"] == id]

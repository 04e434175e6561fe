"""One open WebSocket to a gateway: what comes in goes to whoever asked for it."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import grpc

from levada.errors import CallFailed, CursorExpired, ServerUnreachable

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

Message = dict[str, Any]
# Messages that wait for one reader before the gateway is told to keep the rest.
MOST_WAITING = 1_000
CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    409: grpc.StatusCode.FAILED_PRECONDITION,
    410: grpc.StatusCode.OUT_OF_RANGE,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    501: grpc.StatusCode.UNIMPLEMENTED,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}


class Behind(Exception):
    """A reader took too little for too long, so the rest has to be asked for again."""


class Inbox:
    """What came for one request and was not taken yet."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Message | Exception] = asyncio.Queue()
        self.full = False

    def put(self, message: Message) -> None:
        if not self.full:
            self._queue.put_nowait(message)
        if self._queue.qsize() >= MOST_WAITING and not self.full:
            self.full = True
            self._queue.put_nowait(Behind())

    def fail(self, error: Exception) -> None:
        self._queue.put_nowait(error)

    async def take(self, seconds: float | None = None) -> Message:
        """Return the next message, which may take *seconds*. Raises CallFailed when it is an error, or none comes."""
        try:
            async with asyncio.timeout(seconds):
                message = await self._queue.get()
        except TimeoutError:
            raise ServerUnreachable("The gateway did not answer in time.") from None
        if isinstance(message, Exception):
            raise message
        if message["type"] == "error":
            raise from_problem(message["problem"])
        return message


class Wire:
    """Owns an open connection; its owner runs `read`, and opens another once this one is `broken`."""

    def __init__(self, socket: "ClientConnection") -> None:
        self._socket = socket
        self._ids = map(str, itertools.count(1))
        self._inboxes: dict[str, Inbox] = {}
        self.broken = False

    async def read(self) -> None:
        """Hand out what comes in, until the connection ends."""
        from websockets.exceptions import ConnectionClosed

        try:
            async with self._socket:
                async for text in self._socket:
                    await self._hand_out(json.loads(text))
        except (ConnectionClosed, ServerUnreachable, ValueError):
            pass  # whoever waits is told below
        finally:
            self.broken = True
            for inbox in self._inboxes.values():
                inbox.fail(ServerUnreachable("The connection to the gateway broke."))

    async def say(self, kind: str, name: str, **members: Any) -> None:
        """Send a message. Raises ServerUnreachable."""
        from websockets.exceptions import ConnectionClosed

        try:
            await self._socket.send(json.dumps({"type": kind, "id": name, **members}))
        except ConnectionClosed:
            raise ServerUnreachable("The connection to the gateway broke.") from None

    @contextmanager
    def inbox(self) -> Iterator[tuple[str, Inbox]]:
        """Lend an id, with what comes for it."""
        name = next(self._ids)
        inbox = self._inboxes[name] = Inbox()
        if self.broken:
            inbox.fail(ServerUnreachable("The connection to the gateway broke."))
        try:
            yield name, inbox
        finally:
            del self._inboxes[name]

    async def close(self) -> None:
        await self._socket.close()

    async def _hand_out(self, message: Message) -> None:
        inbox = self._inboxes.get(message.get("id", ""))
        if inbox is not None and not inbox.full:
            inbox.put(message)
            if inbox.full:
                await self.say("unwatch", message["id"])


def from_problem(problem: Message) -> CallFailed:
    """Return the error that a problem (RFC 9457) tells of."""
    status, reason = problem.get("status", 503), problem.get("reason", "")
    code = CODES.get(status, grpc.StatusCode.UNKNOWN)
    kind = CursorExpired if reason == "CURSOR_EXPIRED" else CallFailed
    return kind(
        problem.get("detail", "The gateway refused, and did not say why."),
        code=grpc.StatusCode.RESOURCE_EXHAUSTED if reason == "TOO_MANY_STREAMS" else code,
        reason=reason,
        violations={each["field"]: each["description"] for each in problem.get("violations", ())},
        details=problem.get("metadata", {}),
        retry_after=problem.get("retryAfter"),
    )

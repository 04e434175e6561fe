"""A server on loopback that answers every request by a script, byte by byte, so that a vendor's wire can break anyhow.

A script is what is done after a request has been read: `Head` sends status and headers, bytes go out as one write (one
chunk of the body), an asyncio.Event is waited for, `Cut` breaks the socket. What a script leaves undone is done in its
end: the body is ended properly. Formats of vendors live beside this module.
"""

import asyncio
import contextlib
import json
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

EVENTS = {"content-type": "text/event-stream"}
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Head:
    """Status and headers. Not *chunked*, the body has no length and ends with the connection, as behind old proxies."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: EVENTS)
    chunked: bool = True


@dataclass(frozen=True)
class Cut:
    """Break the connection here; with *reset* as when a machine dies, else as when a process ends."""

    reset: bool = False


Action = Head | Cut | bytes | asyncio.Event


def answer(status: int, body: Any, **headers: str) -> list[Action]:
    """Return the script of a whole answer in JSON; `retry_after="2"` becomes the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return [Head(status, {**JSON, **named}), json.dumps(body).encode()]


@dataclass
class Request:
    """What was asked. *gone* is set when the client closed before its answer was over, *over* when that is written."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """Plays *scripts*, one per request in their order; a request too many is answered with 501."""

    def __init__(self) -> None:
        self.url = ""
        self.scripts: deque[Iterable[Action]] = deque()
        self.requests: list[Request] = []
        self.connections: set[asyncio.Task[None]] = set()
        self.connected = 0

    def plays(self, *scripts: Iterable[Action]) -> None:
        self.scripts.extend(scripts)

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        connection = asyncio.create_task(self._served(reader, writer))
        self.connections.add(connection)

        # Not within the task: one that is cancelled before it began would leave the socket open.
        def over(_: asyncio.Task[None]) -> None:
            writer.close()
            self.connections.discard(connection)

        connection.add_done_callback(over)

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Cancelled only by close().
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self.converse(reader, writer)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        start: bytes | None = b""
        while start is not None:
            request = await read(reader, start)
            self.requests.append(request)
            script = self.scripts.popleft() if self.scripts else answer(501, {"error": "no script is left"})
            start = await play(script, reader, writer, request)

    async def close(self) -> None:
        for connection in self.connections:
            connection.cancel()
        await asyncio.gather(*self.connections, return_exceptions=True)


async def read(reader: asyncio.StreamReader, start: bytes) -> Request:
    head = (start + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, path, headers, body)


async def play(
    script: Iterable[Action], reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request
) -> bytes | None:
    """Play *script*; return the first byte of the next request, or None when the connection can't serve one."""

    def heard(done: asyncio.Future[bytes]) -> None:
        lost = not done.cancelled() and (done.exception() or not done.result())
        if lost and not request.over.is_set():
            request.gone.set()

    upcoming = asyncio.ensure_future(reader.read(1))  # ends while the script plays when the client closes
    upcoming.add_done_callback(heard)
    try:
        return await upcoming if await perform(script, writer, request) else None
    except ConnectionError:
        request.gone.set()
        raise
    finally:
        upcoming.cancel()


async def perform(script: Iterable[Action], writer: asyncio.StreamWriter, request: Request) -> bool:
    """Do what *script* says; return whether the connection may serve another request."""
    chunked = True
    for action in script:
        match action:
            case Head():
                chunked = action.chunked
                writer.write(head(action))
            case Cut():
                cut(writer, action)
                return False
            case asyncio.Event():
                await first(action, request.gone)
            case _:
                writer.write(b"%x\r\n%b\r\n" % (len(action), action) if chunked else action)
        await writer.drain()
        if request.gone.is_set():
            return False
    request.over.set()
    if chunked:
        writer.write(b"0\r\n\r\n")
        await writer.drain()
    return chunked


def head(action: Head) -> bytes:
    framing = "transfer-encoding: chunked" if action.chunked else "connection: close"
    lines = [f"HTTP/1.1 {action.status} Scripted", *(f"{k}: {v}" for k, v in action.headers.items()), framing]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def cut(writer: asyncio.StreamWriter, action: Cut) -> None:
    if action.reset:
        at_once = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        writer.transport.abort()


async def first(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


@asynccontextmanager
async def wire() -> AsyncIterator[Wire]:
    """Serve scripts on a port of the system's choice."""
    here = Wire()
    server = await asyncio.start_server(here.serve, "127.0.0.1", 0, limit=2**20)
    here.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield here
    finally:
        for _ in range(5):  # the loop's turns within which a connection that was just taken up is served
            await asyncio.sleep(0)
        server.close()
        await here.close()
        await server.wait_closed()

"""Uvicorn's WebSocket, bounded: what a client does not take, or never finishes, costs a fixed amount and only itself.

Close codes besides those of the session: 1007 for text that is not UTF-8, 1009 for a message that is too large or in
too many pieces, 1011 for a client that answers no ping, 1012 when the gateway stops.
"""

import asyncio
from asyncio.transports import BaseTransport
from typing import Any, cast

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from core.settings import Limits
from gateway.connection import HIGH_WATER, LAST_SECONDS
from gateway.stalled import Stalled

# Pieces that a message may come in; empty ones would else be kept without end.
MOST_PIECES = 256
TOO_MANY_PIECES = 1009
UNREADABLE = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class WebSocketConnection(WebSocketsSansIOProtocol):
    _stalled: Stalled | None = None
    _pong = b""

    def __init__(self, *args: Any, limits: Limits, **more: Any) -> None:
        super().__init__(*args, **more)
        self._limits = limits

    def connection_made(self, transport: BaseTransport) -> None:
        cast(asyncio.Transport, transport).set_write_buffer_limits(HIGH_WATER)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._go_on()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.transport.write(UNREADABLE)
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = Stalled(self.transport, self.loop, self._limits.write_seconds)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._go_on()
        if self._pong and not self.transport.is_closing():
            self.transport.write(self._pong)
        self._pong = b""

    def handle_ping(self) -> None:
        """Answer at once, or, while the client takes nothing, only its last ping once it does: that is allowed."""
        pongs = self.conn.data_to_send()  # to all pings that came together
        if self.writable.is_set():
            self.transport.write(b"".join(pongs))
        elif pongs:
            self._pong = pongs[-1]

    def keepalive_timeout(self) -> None:
        """Give a client up, unless what it was asked waits behind what it has not taken yet."""
        if self._stalled is None:
            super().keepalive_timeout()
        else:
            self.pong_timer = self.loop.call_later(self._limits.write_seconds, self.keepalive_timeout)

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) < MOST_PIECES:
            super().handle_cont(event)
            return
        self.conn.fail(TOO_MANY_PIECES, f"A message comes in at most {MOST_PIECES} pieces.")
        self.handle_parser_exception()

    async def send(self, message: ASGISendEvent) -> None:
        """Send *message*. Raises ClientDisconnected also when this side has closed the connection by itself."""
        await self.writable.wait()
        if self.close_sent and message["type"] == "websocket.send":
            raise ClientDisconnected
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True  # by a refusal, of which Uvicorn would say that it is missing

    def shutdown(self) -> None:
        super().shutdown()
        self.loop.call_later(LAST_SECONDS, self.transport.abort)

    def _go_on(self) -> None:
        if self._stalled is not None:
            self._stalled.end()
            self._stalled = None

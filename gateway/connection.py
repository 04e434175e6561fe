"""One connection, with a time limit on what is only begun: half a request must not hold it for ever."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Seconds for a request's head to arrive, from the connection's beginning or the head's first byte.
HEAD_SECONDS = 10.0
# Seconds that a stopping gateway lets connections go on. Readers that take nothing would else be waited for longer.
LAST_SECONDS = 5.0


class Connection(HttpToolsProtocol):
    """Uvicorn's, which leaves a connection open that never says a whole head."""

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._limit is None and (self.cycle is None or self.cycle.response_complete):
            self._begin()

    def on_headers_complete(self) -> None:
        self._end()
        super().on_headers_complete()

    def shutdown(self) -> None:
        super().shutdown()
        self.loop.call_later(LAST_SECONDS, self.transport.abort)

    def _begin(self) -> None:
        self._limit = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _end(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

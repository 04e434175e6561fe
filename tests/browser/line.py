"""The network between a browser and a gateway, which a test may cut."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

EVENT_END = b"\n\n"


class Line(socketserver.ThreadingTCPServer):
    """Passes on what both sides say, until it is cut; then it breaks what is open and takes nothing new."""

    daemon_threads = True

    def __init__(self, gateway: str) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        host, port = gateway.split(":")
        self.gateway = (host, int(port))
        self.open: set[socket.socket] = set()
        self._whole = True
        self._events_left: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def cut(self) -> None:
        self._whole = False
        for end in list(self.open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._whole = True

    def break_once_after(self, events: int) -> None:
        """Break what is open as soon as that many events of a stream went by; what is opened then lasts."""
        self._events_left = events

    def answer(self, source: socket.socket, target: socket.socket) -> None:
        """Pass on what the gateway says, as far as the line does not break."""
        with suppress(OSError):
            while data := source.recv(65_536):
                passed, breaks = self._unbroken(data)
                target.sendall(passed)
                if breaks:
                    self.cut()
                    self.mend()
        _close(source, target)

    def _unbroken(self, data: bytes) -> tuple[bytes, bool]:
        """Return what still comes through of *data*, and whether the line breaks there."""
        if self._events_left is None:
            return data, False
        *events, _ = data.split(EVENT_END)
        if len(events) < self._events_left:
            self._events_left -= len(events)
            return data, False
        kept, self._events_left = events[: self._events_left], None
        return EVENT_END.join([*kept, b""]), True

    def verify_request(self, request: object, client_address: object) -> bool:
        return self._whole


class _Call(socketserver.BaseRequestHandler):
    server: Line

    def handle(self) -> None:
        with socket.create_connection(self.server.gateway) as answers:
            ends = {self.request, answers}
            self.server.open |= ends
            back = threading.Thread(target=self.server.answer, args=(answers, self.request), daemon=True)
            back.start()
            _pass(self.request, answers)
            back.join()
            self.server.open -= ends


def _pass(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    _close(source, target)


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def line(gateway: str) -> Iterator[Line]:
    """Lay a line to the gateway at "host:port"."""
    with Line(gateway) as laid:
        thread = threading.Thread(target=laid.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield laid
        finally:
            laid.cut()
            laid.shutdown()
            thread.join()

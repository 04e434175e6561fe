"""Many readers of streams as raw sockets under one epoll: as little of the machine as reading can take."""

import select
import socket
import time
from types import TracebackType
from typing import Self

STAMP = b"sent "
DIGITS = 16


class Crowd:
    """Connects *count* readers to a gateway on *port*, spread over *runs* runs."""

    def __init__(self, port: int, count: int, runs: int) -> None:
        self._port, self._runs = port, runs
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._began: dict[int, float] = {}
        self._count = count

    def __enter__(self) -> Self:
        for number in range(self._count):
            self._connect(number)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for each in self._sockets.values():
            each.close()
        self._poll.close()
        time.sleep(1)

    def _connect(self, number: int) -> None:
        one = socket.socket()
        self._began[one.fileno()] = time.perf_counter()
        one.connect(("127.0.0.1", self._port))  # to the listener's backlog, so this does not wait for the server
        one.setblocking(False)
        head = f"GET /v1/runs/run-{number % self._runs}/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
        one.send(head.encode())
        self._sockets[one.fileno()] = one
        self._poll.register(one.fileno(), select.EPOLLIN)

    def wait_for_first(self, most: float = 120) -> list[float]:
        """Wait until each has its first event; return how long that took since it connected, in ms, sorted."""
        missing, waited, deadline = set(self._sockets), [], time.perf_counter() + most
        while missing:
            if time.perf_counter() > deadline:
                raise SystemExit(f"{len(missing)} of {self._count} readers got no event in {most:g} seconds")
            for fd, data in self._ready():
                if fd in missing and b"\nevent: " in data:
                    missing.discard(fd)
                    waited.append(1e3 * (time.perf_counter() - self._began[fd]))
        return sorted(waited)

    def measure(self, seconds: float) -> list[float]:
        """Read for a while; return how long each event took from being said to being read, in ms, sorted."""
        found: list[float] = []
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            for _, data in self._ready():
                now = time.time_ns() // 1_000
                start = data.find(STAMP)
                while start >= 0:
                    sent = int(data[start + len(STAMP) : start + len(STAMP) + DIGITS])
                    found.append((now - sent) / 1e3)
                    start = data.find(STAMP, start + DIGITS)
        return sorted(found)

    def _ready(self) -> list[tuple[int, bytes]]:
        found = []
        for fd, _ in self._poll.poll(0.1, 256):
            data = self._sockets[fd].recv(65_536)
            if not data:
                raise SystemExit("a stream was closed")
            found.append((fd, data))
        return found

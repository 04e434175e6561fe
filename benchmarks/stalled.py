"""What readers cost that stop reading, in the server and in the gateway: of SSE, and of gRPC's WatchRun directly.

`python -m benchmarks.stalled [--readers 200]`. The run is full of large events; each reader asks for it and takes
nothing. Memory is looked at while they stand still, and again for a second crowd once the first was cut (here after
10 s): what that adds is what was not freed, since a process keeps freed memory for its next use.
"""

import argparse
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing

import psutil

from benchmarks.streams import process
from core import startup

WAIT = 6.0
CUT = 20.0


def stand_still(port: int) -> socket.socket:
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    one.connect(("127.0.0.1", port))
    one.send(b"GET /v1/runs/run-0/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return one


def over_sse(readers: int, size: int) -> None:
    with ExitStack() as stack:
        server, address = stack.enter_context(process("sayer", "server", "1", "0", str(size)))
        gateway, port = stack.enter_context(process("sayer", "gateway", address))
        with closing(stand_still(int(port))):
            time.sleep(1)
        before = [each.memory_info().rss for each in (server, gateway)]
        for _ in range(readers):
            stack.enter_context(closing(stand_still(int(port))))
        time.sleep(WAIT)
        still = grown(before, (server, gateway), readers)
        time.sleep(CUT)
        for _ in range(readers):
            stack.enter_context(closing(stand_still(int(port))))
        time.sleep(WAIT)
        again = [more - was for was, more in zip(still, grown(before, (server, gateway), readers), strict=True)]
    print(f"SSE, events of {size:,} bytes: server {still[0]:.0f}, gateway {still[1]:.0f} KiB a reader;", end=" ")
    print(f"a second crowd after the first was cut adds {again[0]:.0f} and {again[1]:.0f}", flush=True)


def over_grpc(readers: int, size: int) -> None:
    with ExitStack() as stack:
        server, address = stack.enter_context(process("sayer", "server", "1", "0", str(size)))
        before = [server.memory_info().rss]
        command = [sys.executable, "-m", "benchmarks.sayer", "still", address, str(readers)]
        client = subprocess.Popen(command, stdout=subprocess.PIPE)
        stack.callback(client.wait)
        stack.callback(client.kill)
        assert client.stdout is not None
        client.stdout.readline()
        time.sleep(WAIT)
        still = grown(before, (server,), readers)
        client.kill()
        time.sleep(3)
        left = grown(before, (server,), readers)
    print(f"gRPC, events of {size:,} bytes: server {still[0]:.0f} KiB a reader; once it left {left[0]:.0f}", flush=True)


def grown(before: list[int], processes: tuple[psutil.Process, ...], readers: int) -> list[float]:
    return [(p.memory_info().rss - was) / 1024 / readers for was, p in zip(before, processes, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stalled", description=__doc__)
    parser.add_argument("--readers", type=int, default=200)
    chosen = parser.parse_args()
    startup.open_files()
    for size in (250, 20_000, 1_000_000):
        over_sse(chosen.readers, size)
        over_grpc(chosen.readers, size)


if __name__ == "__main__":
    main()

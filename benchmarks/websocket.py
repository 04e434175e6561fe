"""What WebSockets cost the gateway, held against server-sent events in the same run.

`python -m benchmarks.websocket [--seconds N]`. CPU per event: the same 50 runs, read over 50 streams, over 50
WebSockets, and over one. Memory: 200 readers that come and take nothing, of each kind. Events come from a gRPC server
that only counts, so that nothing but the gateway is measured.
"""

import argparse
import asyncio
import base64
import json
import os
import socket
import struct
import time
import urllib.request
from collections.abc import Callable

import psutil

from benchmarks.gateway import READERS, Reader, process
from core import startup

INTERVAL = 0.02
STILL = 200


class Socket(asyncio.Protocol):
    """Watches *runs* over one WebSocket and counts events."""

    def __init__(self, port: str, runs: range) -> None:
        self._head, self._runs = opening(port), runs
        self.events = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self._head)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if self._runs and b"101 Switching" in data:
            self.transport.write(b"".join(map(watch, self._runs)))  # type: ignore[attr-defined]
            self._runs = range(0)
        self.events += data.count(b'"type":"event"')


def opening(port: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/v1/tokens", b"{}")) as answer:
        token = json.loads(answer.read())["token"]
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [f"GET /v1/ws?token={token} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: Upgrade"]
    lines += ["Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", "", ""]
    return "\r\n".join(lines).encode()


def watch(run: int) -> bytes:
    """Return the message that watches a run, as a frame; masked with zeros, which changes nothing."""
    text = json.dumps({"type": "watch", "id": str(run), "runId": f"run-{run}"}).encode()
    return b"\x81" + struct.pack("!B", 0x80 | len(text)) + bytes(4) + text


KINDS: dict[str, Callable[[str], list[Reader] | list[Socket]]] = {
    "50 streams": lambda port: [Reader(port, number) for number in range(READERS)],
    "50 WebSockets": lambda port: [Socket(port, range(number, number + 1)) for number in range(READERS)],
    "one WebSocket": lambda port: [Socket(port, range(READERS))],
}


async def cpu_per_event(server: psutil.Process, port: str, kind: str, seconds: float) -> tuple[float, float]:
    """Return microseconds of the gateway's CPU per event, and events per second."""
    loop = asyncio.get_running_loop()
    readers = await asyncio.to_thread(KINDS[kind], port)
    for reader in readers:
        await loop.create_connection(lambda reader=reader: reader, "127.0.0.1", int(port))
    await asyncio.sleep(1)
    before, cpu, began = sum(r.events for r in readers), server.cpu_times(), time.perf_counter()
    await asyncio.sleep(seconds)
    events = sum(reader.events for reader in readers) - before
    spent, took = server.cpu_times(), time.perf_counter() - began
    for reader in readers:
        reader.transport.close()  # type: ignore[attr-defined]
    used = spent.user + spent.system - cpu.user - cpu.system
    return 1e6 * used / max(events, 1), events / took


def still(port: str, kind: str) -> socket.socket:
    """Return a reader that asks for a run and takes nothing."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    one.connect(("127.0.0.1", int(port)))
    if kind == "stream":
        one.send(f"GET /v1/runs/run-0/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    else:
        one.send(opening(port))
        assert b" 101 " in one.recv(512)
        one.send(watch(0))
    return one


def memory(kind: str) -> float:
    """Return the KiB that the gateway grows by for each of *STILL* readers."""
    with process("--events", "0") as (_, grpc_port), process("--gateway", grpc_port) as (gateway, port):
        first = [still(port, kind)]
        time.sleep(2)
        before = gateway.memory_info().rss
        readers = first + [still(port, kind) for _ in range(STILL)]
        time.sleep(6)
        grown = (gateway.memory_info().rss - before) / 1024 / STILL
        for reader in readers:
            reader.close()
    return grown


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.websocket", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    chosen = parser.parse_args()
    startup.open_files()
    for kind in KINDS:
        with process("--events", str(INTERVAL)) as (_, grpc_port), process("--gateway", grpc_port) as (own, port):
            cpu, rate = asyncio.run(cpu_per_event(own, port, kind, chosen.seconds))
        print(f"{kind}: {cpu:.0f} µs of CPU per event at {rate:,.0f} events/s", flush=True)
    for kind in ("stream", "WebSocket"):
        print(f"a {kind} that takes nothing: {memory(kind):.0f} KiB in the gateway", flush=True)


if __name__ == "__main__":
    main()

"""How long a browser waits for its first event: POST /v1/runs accepted → first SSE event, idle and under load.

Server and gateway run as processes of their own; under load, N other streams each get an event every 0.25 s.

python -m benchmarks.first_event [--streams N] [--asks N]
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator

import httpx

from benchmarks.talk import question

PACE = 0.25


@contextlib.asynccontextmanager
async def process(module: str, **variables: str) -> AsyncIterator[asyncio.subprocess.Process]:
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, env={**os.environ, **variables}, stdin=pipe, stdout=pipe
    )
    try:
        yield child
    finally:
        child.terminate()
        await child.wait()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def first_event(client: httpx.AsyncClient, asked: str) -> float:
    """Ask, and return the seconds from the acceptance of the run to its first event."""
    body = {"pipeline": "talk", "question": asked}
    created = (await client.post("/v1/runs", json=body)).raise_for_status().json()
    begun = time.perf_counter()
    async with client.stream("GET", f"/v1/runs/{created['run']['runId']}/events") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data:"):
                return time.perf_counter() - begun
    raise AssertionError("no event came")


async def listen(client: httpx.AsyncClient, seconds: float, running: asyncio.Semaphore) -> None:
    """Hold a stream open that gets an event every PACE seconds."""
    body = {"pipeline": "talk", "question": question(int(seconds / PACE), pause=PACE)}
    created = (await client.post("/v1/runs", json=body)).raise_for_status().json()
    async with client.stream("GET", f"/v1/runs/{created['run']['runId']}/events") as stream:
        running.release()
        async for _ in stream.aiter_raw():
            pass


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--asks", type=int, default=300)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        variables = {"LEVADA_STORE": f"sqlite:///{folder}/s.db", "LEVADA_LIMITS__CONCURRENT_RUNS": "1000"}
        async with process("benchmarks.talk", **variables) as server:
            assert server.stdout is not None
            http = f"127.0.0.1:{free_port()}"
            grpc = (await server.stdout.readline()).decode().strip()
            async with process("gateway", LEVADA_GRPC=grpc, LEVADA_HTTP=http):
                await measure(f"http://{http}", arguments.streams, arguments.asks)


async def measure(base: str, streams: int, asks: int) -> None:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=60) as client:
        await until_ready(client)
        await first_event(client, question(1))
        report("idle", [await first_event(client, question(1)) for _ in range(asks)], "20 ms")
        running = asyncio.Semaphore(0)
        async with asyncio.TaskGroup() as group:
            listening = [group.create_task(listen(client, 600, running)) for _ in range(streams)]
            for _ in listening:
                await running.acquire()
            report(f"{streams} streams", [await first_event(client, question(1)) for _ in range(asks)], "100 ms")
            for task in listening:
                task.cancel()


async def until_ready(client: httpx.AsyncClient) -> None:
    for _ in range(200):
        with contextlib.suppress(httpx.TransportError):
            if (await client.get("/readyz")).status_code == httpx.codes.OK:
                return
        await asyncio.sleep(0.05)
    raise SystemExit("the gateway did not become ready")


def report(name: str, seconds: list[float], goal: str) -> None:
    ms = sorted(s * 1000 for s in seconds)
    p99 = ms[int(len(ms) * 0.99)]
    print(f"{name:12} first event: median {statistics.median(ms):.1f} ms, p99 {p99:.1f} ms (goal: p99 < {goal})")


if __name__ == "__main__":
    asyncio.run(main())

"""Many streams at once through one server and one gateway: memory while idle, latency while all speak, a burst.

`python -m benchmarks.streams [--idle 5000] [--streams 10000] [--burst 1000]`. Server and gateway are the real ones,
each a process of its own; the runs are said by hand within the server's process, so that no store is measured. The
readers are raw sockets in a third process. The limit on open files is raised to what the system allows.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psutil

from benchmarks import crowd
from core import startup

RUNS, PER_SECOND = 100, 2


@contextmanager
def process(module: str, *arguments: str) -> Iterator[tuple[psutil.Process, str]]:
    """Run a part in a process of its own; yield it with the address that it prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as started:
        try:
            assert started.stdout is not None
            yield psutil.Process(started.pid), started.stdout.readline().strip()
        finally:
            started.kill()


class Chain:
    """A server that says events in *runs* runs, *rate* a second each, and a gateway before it."""

    def __init__(self, stack: ExitStack, runs: int, rate: float) -> None:
        self.server, address = stack.enter_context(process("sayer", "server", str(runs), str(rate)))
        self.gateway, port = stack.enter_context(process("sayer", "gateway", address))
        self.port = int(port)

    def grown(self, before: tuple[int, int], streams: int) -> str:
        kib = [(after - was) / 1024 / streams for was, after in zip(before, self.memory(), strict=True)]
        return f"{kib[0]:.1f} KiB in the server, {kib[1]:.1f} KiB in the gateway"

    def memory(self) -> tuple[int, int]:
        return self.server.memory_info().rss, self.gateway.memory_info().rss


def idle(streams: int) -> None:
    for runs in (1, streams):
        with ExitStack() as stack:
            chain = Chain(stack, runs, 0)
            with crowd.Crowd(chain.port, 20, runs) as few:
                few.wait_for_first()
            before = chain.memory()
            with crowd.Crowd(chain.port, streams, runs) as readers:
                readers.wait_for_first()
                time.sleep(3)
                what = f"{streams:,} idle streams of {runs:,} run{'s' * (runs > 1)}"
                print(f"{what}: {chain.grown(before, streams)}", flush=True)


def latency(streams: int, seconds: float) -> None:
    with ExitStack() as stack:
        chain = Chain(stack, RUNS, PER_SECOND)
        with crowd.Crowd(chain.port, streams, RUNS) as readers:
            readers.wait_for_first()
            readers.measure(3)  # until all are at the end of their runs
            cpu, began = used(chain), time.perf_counter()
            found = readers.measure(seconds)
            took = time.perf_counter() - began
            shares = [100 * (now - was) / took for was, now in zip(cpu, used(chain), strict=True)]
            print(f"{streams:,} streams, {len(found) / took:,.0f} events a second:", end=" ")
            print(f"latency p50 {at(found, 50):.1f} ms, p99 {at(found, 99):.1f} ms, worst {found[-1]:.1f} ms")
            names = ("server", "gateway", "load client")
            print("  % of a core:", ", ".join(f"{n} {s:.0f}" for n, s in zip(names, shares, strict=True)), flush=True)


def used(chain: Chain) -> list[float]:
    return [sum(p.cpu_times()[:2]) for p in (chain.server, chain.gateway, psutil.Process())]


def burst(clients: int) -> None:
    """Have *clients* connect at once to a bare ASGI loop, then to the gateway."""
    with process("sayer", "bare") as (_, port):
        bare = first_events(int(port), clients)
    with ExitStack() as stack:
        own = first_events(Chain(stack, RUNS, 0).port, clients)
    print(f"{clients:,} clients at once, first event after (p50, p99): ", end="")
    print(f"bare ASGI loop {at(bare, 50):.0f}, {at(bare, 99):.0f} ms; ", end="")
    print(f"server and gateway {at(own, 50):.0f}, {at(own, 99):.0f} ms; {at(own, 99) / at(bare, 99):.2f} ×", flush=True)


def first_events(port: int, clients: int) -> list[float]:
    with crowd.Crowd(port, 20, RUNS) as few:
        few.wait_for_first()
    with crowd.Crowd(port, clients, RUNS) as readers:
        return readers.wait_for_first()


def at(sorted_values: list[float], percent: float) -> float:
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * percent / 100))]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description=__doc__)
    parser.add_argument("--idle", type=int, default=5_000, help="idle streams; 0 leaves that out")
    parser.add_argument("--streams", type=int, default=10_000, help="streams that speak; 0 leaves that out")
    parser.add_argument("--burst", type=int, default=1_000, help="clients at once; 0 leaves that out")
    parser.add_argument("--seconds", type=float, default=10, help="how long to measure the streams that speak")
    chosen = parser.parse_args()
    print(f"open files: {startup.open_files():,} per process; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    if chosen.idle:
        idle(chosen.idle)
    if chosen.burst:
        burst(chosen.burst)
    if chosen.streams:
        latency(chosen.streams, chosen.seconds)


if __name__ == "__main__":
    main()

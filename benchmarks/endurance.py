"""Whether a server stays as it is: thousands of runs through one, and what it holds of memory, handles and tasks.

Every run asks the sample shop something and is read to its end; the server tells of its tasks when it is asked to by a
signal. The figures after the last run stand against those after a warm-up.

python -m benchmarks.endurance [--runs N] [--warm-up N] [--at-once N] [--every N] [--store URL]
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import grpc
import psutil

from core.settings import Settings
from core.sources import sample
from levada.v1.event_pb2 import Event
from levada.v1.query_service_pb2 import RunQueryRequest
from levada.v1.query_service_pb2_grpc import QueryServiceStub
from levada.v1.run_pb2 import RunRequest

LIFTED = ("RUNS_PER_MINUTE", "TENANT_RUNS_PER_MINUTE", "USER_STREAMS", "TENANT_STREAMS")


@dataclass(frozen=True)
class Figures:
    """What a server holds at one moment."""

    runs: int
    megabytes: float
    handles: int
    threads: int
    tasks: int

    def __str__(self) -> str:
        return (
            f"{self.runs:>7,} runs {self.megabytes:>8.1f} MB {self.handles:>5} handles {self.threads:>4} threads "
            f"{self.tasks:>5} tasks"
        )


def serve() -> int:
    """Serve as `python -m grpc_server` does, and print how many tasks there are whenever SIGUSR1 comes."""
    from grpc_server import serving
    from grpc_server.__main__ import main as serving_main

    plain = serving.serve

    def tell() -> None:
        print(f"tasks {len(asyncio.all_tasks())}", flush=True)

    async def telling(settings: Settings) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell)
        await plain(settings)

    serving.serve = telling
    return serving_main()


class Server:
    """The server as a process in *folder*, its store at *url*."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        lifted = {f"LEVADA_LIMITS__{name}": "1000000" for name in LIFTED}
        self._environment = {
            **os.environ,
            **lifted,
            "LEVADA_STORE": url,
            "LEVADA_GRPC": "127.0.0.1:0",
            "PYTHONPATH": os.pathsep.join(filter(None, (str(Path.cwd()), os.environ.get("PYTHONPATH")))),
        }
        self._process: asyncio.subprocess.Process
        self.address = ""

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.endurance", "--serve"),
            cwd=self._folder,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
        )
        self.address = (await self._line()).split()[-1]

    async def _line(self) -> str:
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode()

    async def figures(self, runs: int) -> Figures:
        """Look at the server once it rests."""
        await asyncio.sleep(1)
        self._process.send_signal(signal.SIGUSR1)
        tasks = int((await self._line()).split()[-1])
        seen = psutil.Process(self._process.pid)
        return Figures(runs, seen.memory_info().rss / 1e6, seen.num_fds(), seen.num_threads(), tasks)

    async def stop(self) -> None:
        self._process.terminate()
        await self._process.communicate()


async def ask(stub: QueryServiceStub, number: int, every: int) -> str:
    """Ask the shop one of its questions, or greet it, read that to its end, and return how it ended."""
    question = "Hello" if number % every else sample.QUESTIONS[number // every % len(sample.QUESTIONS)]
    request = RunRequest(pipeline="query", question=question, conversation_id=f"talk {number}")
    last: Event | None = None
    async for answer in stub.RunQuery(RunQueryRequest(run=request)):
        last = answer.events[-1] if answer.events else last
    assert last is not None
    return last.WhichOneof("payload") or ""


async def endure(
    server: Server, runs: int, look: int, at_once: int, every: int = 1
) -> tuple[list[Figures], Counter[str]]:
    """Ask *runs* times, *at_once* at a time; return the figures after each *look* runs, and how the runs ended.

    Only one run in *every* is a question; the others greet, which wears all but the planner and the source.
    """
    found, ends = [], Counter[str]()
    async with grpc.aio.insecure_channel(server.address) as channel:
        stub = QueryServiceStub(channel)
        for start in range(0, runs, look):
            numbers = iter(range(start, min(start + look, runs)))

            async def caller(numbers=numbers) -> None:
                for number in numbers:
                    ends[await ask(stub, number, every)] += 1

            async with asyncio.TaskGroup() as group:
                for _ in range(at_once):
                    group.create_task(caller())
            found.append(await server.figures(start + look))
            print(found[-1], flush=True)
    return found, ends


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--warm-up", type=int, default=2_000)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--every", type=int, default=1, help="one run in so many is a question, the others greet")
    parser.add_argument("--store", default="")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample.ensure(folder / ".levada" / "shop.db")
        server = Server(folder, arguments.store or f"sqlite:///{folder}/levada.db")
        await server.start()
        try:
            began = time.monotonic()
            found, ends = await endure(server, arguments.runs, arguments.warm_up, arguments.at_once, arguments.every)
            took = time.monotonic() - began
        finally:
            await server.stop()
    warm, last = found[0], found[-1]
    print(f"{arguments.runs / took:.0f} runs a second; ended: {dict(ends)}")
    print(
        f"after the warm-up: {last.megabytes - warm.megabytes:+.1f} MB, {last.handles - warm.handles:+} handles, "
        f"{last.threads - warm.threads:+} threads, {last.tasks - warm.tasks:+} tasks"
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        sys.exit(serve())
    asyncio.run(main())

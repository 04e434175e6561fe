"""`make demo` and `make demo-all`: server and gateway, a first question in the terminal, both up until Ctrl-C."""

import asyncio
import os
import shlex
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import cast

from clients.demo_servers import sample_servers
from clients.demo_sources import offer_samples
from levada import LevadaError, connect
from levada.cli import run as levada
from levada.v1 import catalog_pb2

PATIENCE = 60.0  # seconds that a busy laptop may take to start, or to create the sample data
GLANCE = 8.0  # seconds that a source may take to be looked at before the first question
GRACE = 1.0  # seconds that server and gateway have to end by themselves
SHOP = "shop"  # the source that is made at the first start


def _address(variable: str, default: str) -> str:
    """Return the address to bind: what is set, else the default, else any free port when that one is taken."""
    if variable in os.environ:
        return os.environ[variable]
    host, port = default.rsplit(":", 1)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError:
            probe.bind((host, 0))
        return f"{host}:{probe.getsockname()[1]}"


async def _serving(processes: list[asyncio.subprocess.Process], module: str, variable: str, default: str) -> str:
    """Start *module* as one of *processes*; return where it listens, which is in the environment from then on."""
    os.environ[variable] = _address(variable, default)
    # A process group of their own: Ctrl-C reaches us, and we stop them in order.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module), start_new_session=True, stdout=asyncio.subprocess.PIPE
    )
    processes.append(process)
    os.environ[variable] = await _listening(process)
    return os.environ[variable]


async def _listening(process: asyncio.subprocess.Process) -> str:
    """Return the address that this very process says it listens on. Raises LevadaError when it ended instead."""
    out = process.stdout
    async with asyncio.timeout(PATIENCE):
        while out is not None and (line := await out.readline()):
            if found := line.decode().strip().partition("listening on ")[2]:
                return found
    raise LevadaError("The server did not start; what it said stands above.")


async def _looked_at(address: str) -> tuple[Sequence[str], Sequence[catalog_pb2.Source]]:
    """Return sample questions and the sources, once the sources answer or had time to."""
    clock = asyncio.get_running_loop().time
    creating, end = False, clock() + GLANCE
    async with connect(address) as client:
        while True:
            sources = await client.sources()
            # Those of the first pipeline are of the default source, which others may be quicker than.
            questions = [pipeline.sample_questions for pipeline in await client.pipelines()]
            silent = _silent(sources)
            if (questions[0] and not silent) or clock() > end:
                return next(filter(None, questions), ()), sources
            if not creating and [source.name for source in silent] == [SHOP]:
                creating, end = True, clock() + PATIENCE
                print("  Creating the sample shop (once) …", flush=True)
            await asyncio.sleep(0.2)


def _silent(sources: Sequence[catalog_pb2.Source]) -> list[catalog_pb2.Source]:
    return [source for source in sources if source.state == catalog_pb2.SOURCE_STATE_UNAVAILABLE]


async def _opening(address: str, first: str) -> str:
    """Ask a first question on the screen, warn of sources that don't answer, return a question to go on with."""
    questions, sources = await _looked_at(address)
    silent = _silent(sources)
    for source in silent:
        print(f"\n  ⚠ The source {source.name} does not answer: {source.problem}", file=sys.stderr)
    if not sources:
        print("\n  ⚠ There is no source to ask. Set LEVADA_SOURCE to one.", file=sys.stderr)
    if questions and len(silent) < len(sources):
        await levada(["ask", "--no-input", first or questions[0]])
    return questions[min(1, len(questions) - 1)] if questions else "YOUR QUESTION"


async def _stop(processes: list[asyncio.subprocess.Process]) -> None:
    """End what still runs. What was accepted is kept, so nothing is lost where that has to be by force."""
    for process in reversed(processes):
        if process.returncode is None:
            process.terminate()
    waiting = [asyncio.ensure_future(process.wait()) for process in processes]
    if waiting and (await asyncio.wait(waiting, timeout=GRACE))[1]:
        _kill(processes)
        await asyncio.wait(waiting)


def _kill(processes: list[asyncio.subprocess.Process]) -> None:
    for process in processes:
        if process.returncode is None:
            process.kill()


def _stop_when_told(processes: list[asyncio.subprocess.Process]) -> None:
    """Have Ctrl-C cancel this task; another one then waits for none of *processes*."""
    loop, task = asyncio.get_running_loop(), cast(asyncio.Task, asyncio.current_task())

    def stop() -> None:
        if task.cancelling():
            _kill(processes)
        else:
            print("\n  Stopping …", flush=True)
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)


async def _demo(whole: bool) -> int:
    os.environ.setdefault("OTEL_LOG_LEVEL", "warn")
    os.environ["LEVADA_DEMO"] = "1"
    processes: list[asyncio.subprocess.Process] = []
    _stop_when_told(processes)
    stack = AsyncExitStack()
    try:
        across, first = await offer_samples(_tell), ""
        if whole and across:
            first = await stack.enter_async_context(sample_servers(_tell))
        grpc = await _serving(processes, "grpc_server", "LEVADA_GRPC", "127.0.0.1:50051")
        http = await _serving(processes, "gateway", "LEVADA_HTTP", "127.0.0.1:8080")
        question = await _opening(grpc, first)
        print(
            f"\n  Ask on the page:      http://{http}/\n"
            f"  Ask in a terminal:    {_command(grpc)} ask {shlex.quote(question)}\n"
            + (f"  Ask several sources:  {_command(grpc)} ask {shlex.quote(across)}\n" if across else "")
            + "  Ctrl-C ends both.\n",
            flush=True,
        )
        ended = [asyncio.ensure_future(process.wait()) for process in processes]
        await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
        return 1
    except asyncio.CancelledError:
        return 0
    except (LevadaError, TimeoutError) as error:
        print(f"demo: {error or 'the server took too long to start'}", file=sys.stderr)
        return 1
    finally:
        await _stop(processes)
        await stack.aclose()


def _tell(said: str) -> None:
    print(f"  {said}", flush=True)


def _command(grpc: str) -> str:
    """Return how to call `levada` here, with the address where it is not the usual one."""
    return ".venv/bin/levada" if grpc.endswith(":50051") else f"LEVADA_GRPC={grpc} .venv/bin/levada"


if __name__ == "__main__":
    sys.exit(asyncio.run(_demo("--all" in sys.argv[1:])))

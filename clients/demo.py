"""`make demo`: start server and gateway, ask a first question in the terminal, keep both up until Ctrl-C."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping

from levada import LevadaError, connect
from levada.cli import main as levada

PATIENCE = 60.0  # seconds that a busy laptop may take to create the sample data and start


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


async def _start(module: str, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    # A process group of their own: Ctrl-C reaches us, and we stop them in order.
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, env={**os.environ, **environment}, start_new_session=True
    )


async def _ready(process: asyncio.subprocess.Process, address: str) -> None:
    """Return once the server answers. Raises LevadaError when it ended or took too long."""
    async with asyncio.timeout(PATIENCE), connect(address) as client:
        while process.returncode is None:
            try:
                await client.pipelines()
            except LevadaError:
                await asyncio.sleep(0.1)
            else:
                return
    raise LevadaError("The server did not start; what it said stands above.")


async def _first_question(address: str) -> str:
    async with connect(address) as client:
        questions = next((p.sample_questions for p in await client.pipelines() if p.sample_questions), None)
    return questions[0] if questions else ""


async def _stop(processes: list[asyncio.subprocess.Process]) -> None:
    for process in reversed(processes):
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _demo() -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    grpc, http = _address("LEVADA_GRPC", "127.0.0.1:50051"), _address("LEVADA_HTTP", "127.0.0.1:8080")
    environment = {"LEVADA_GRPC": grpc, "LEVADA_HTTP": http, "LEVADA_DEMO": "1"}
    os.environ.update(environment)
    processes: list[asyncio.subprocess.Process] = []
    try:
        processes.append(await _start("grpc_server", environment))
        await _ready(processes[0], grpc)
        processes.append(await _start("gateway", environment))
        question = await _first_question(grpc)
        if question:
            await asyncio.to_thread(levada, ["ask", "--no-input", question])
        print(
            f"\n  Ask on the page:      http://{http}/\n"
            f'  Ask in a terminal:    {_command(grpc)} ask "Which products sold best?"\n'
            f"  Ctrl-C ends both.\n",
            flush=True,
        )
        ended = [asyncio.ensure_future(process.wait()) for process in processes]
        await asyncio.wait([*ended, asyncio.ensure_future(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
        return 0 if stop.is_set() else 1
    except (LevadaError, TimeoutError) as error:
        print(f"demo: {error or 'the server took too long to start'}", file=sys.stderr)
        return 1
    finally:
        await _stop(processes)


def _command(grpc: str) -> str:
    """Return how to call `levada` here, with the address where it is not the usual one."""
    return ".venv/bin/levada" if grpc.endswith(":50051") else f"LEVADA_GRPC={grpc} .venv/bin/levada"


if __name__ == "__main__":
    sys.exit(asyncio.run(_demo()))

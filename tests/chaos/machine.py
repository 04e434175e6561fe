"""One process of the world under its supervisor: it may be killed or stopped at any time, and is started again."""

import asyncio
import os
import random
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
READY = "listening on "
START_SECONDS = 180


# Workers of pytest-xdist choose of ports of their own, or one might get what another's dead machine comes back to.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 8
_PORTS = range(20_000 + 1_500 * _WORKER, 20_000 + 1_500 * (_WORKER + 1))


def free_port() -> int:
    """Return a port that nobody gets by chance while a machine that has it is dead: none that systems choose."""
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as s, suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port


class Machine:
    """`python -m MODULE` at a fixed address; what it writes to standard error is kept in a file."""

    def __init__(self, name: str, module: str, folder: Path, variables: Mapping[str, str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.starts = 0
        self._module, self._folder = module, folder
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("LEVADA_", "OTEL_"))}
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self._environment = {**kept, "PYTHONPATH": paths, **variables}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start until it is ready, again if it dies on the way: its database may be away."""
        try:
            async with asyncio.timeout(START_SECONDS):
                while not await self._started():  # noqa: ASYNC110 - an event of another process
                    await asyncio.sleep(0.2)
        except TimeoutError as error:
            raise AssertionError(f"{self.name} does not start:\n{self.log.read_text()[-3000:]}") from error

    async def _started(self) -> bool:
        self.starts += 1
        with self.log.open("ab") as log:
            self._process = process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", self._module),
                cwd=self._folder,
                env=self._environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert process.stdout is not None
        while line := await process.stdout.readline():
            if READY in line.decode():
                return True
        await process.wait()
        return False

    async def died(self) -> None:
        assert self._process is not None
        await self._process.wait()

    async def kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.communicate()

    def stop(self) -> None:
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

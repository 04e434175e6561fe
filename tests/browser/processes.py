"""Levada's processes as users run them, and others that print where they can be reached."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers import ROOT, environment

ADDRESS = re.compile(r"127\.0\.0\.1:\d+")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Process:
    """A process that said where it listens, in *address*."""

    def __init__(self, command: Sequence[str | Path], folder: Path, variables: Mapping[str, str]) -> None:
        # A group of its own: npm packages start further processes, which have to end with it.
        self._process = subprocess.Popen(
            command, cwd=folder, env=variables, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.address = self._listening()

    def _listening(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := ADDRESS.search(COLOURS.sub("", line)):
                return found.group()
        raise AssertionError(f"It ended with {self._process.wait()}.")

    def kill(self) -> None:
        """Kill it, as a machine that fails does."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextmanager
def running(command: Sequence[str | Path], folder: Path, variables: Mapping[str, str]) -> Iterator[Process]:
    process = Process(command, folder, variables)
    try:
        yield process
    finally:
        process.kill()


@contextmanager
def house(folder: Path, shop: Path, **variables: str) -> Iterator[Process]:
    """Run a server over the sample shop and a gateway before it, both in *folder*; yield the gateway."""
    (folder / ".levada").mkdir()
    shutil.copy(shop, folder / ".levada/shop.db")
    known = environment(folder, LEVADA_HTTP="127.0.0.1:0", **variables)
    with running([sys.executable, "-m", "grpc_server"], folder, known) as server:
        known["LEVADA_GRPC"] = server.address
        with running([sys.executable, "-m", "gateway"], folder, known) as gateway:
            yield gateway


@contextmanager
def vite(folder: Path, **variables: str) -> Iterator[Process]:
    """Serve a folder of this checkout with Vite, as somebody who develops does."""
    command: list[str | Path] = [ROOT / "node_modules/.bin/vite", "--host", "127.0.0.1", "--port", "0", "--strictPort"]
    with running(command, folder, {**os.environ, **variables}) as process:
        yield process

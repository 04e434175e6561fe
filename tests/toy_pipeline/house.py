"""The real server and the real gateway over a core that has one pipeline more: a folder, and its name in the list."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.browser.processes import Process, running
from tests.chaos.machine import free_port
from tests.servers import ROOT, environment

TOY = Path(__file__).parent / "tally"
COMPILED = shutil.ignore_patterns("__pycache__")


def add_toy(core: Path) -> None:
    """Add the toy to a *core*: its folder, and its name where the pipelines are imported and listed."""
    shutil.copytree(TOY, core / "pipelines" / TOY.name, ignore=COMPILED)
    listed = core / "pipelines" / "__init__.py"
    imports, names = listed.read_text().rsplit("PIPELINES = [", 1)
    names = f"{names.strip().rstrip('],')}, tally.PIPELINE]\n"
    imports = imports.replace(
        "from core.pipelines import", "from core.pipelines import tally\nfrom core.pipelines import", 1
    )
    listed.write_text(f"{imports}PIPELINES = [{names}")


class House:
    """A server that can be killed and started again, and a gateway before it."""

    def __init__(self, folder: Path) -> None:
        self.core = folder / "tree" / "core"
        shutil.copytree(ROOT / "core", self.core, ignore=COMPILED)
        add_toy(self.core)
        self._folder = folder
        paths = os.pathsep.join((str(self.core.parent), str(ROOT)))
        self.address = f"127.0.0.1:{free_port()}"
        with sqlite3.connect(folder / "own.db") as own:
            own.execute("CREATE TABLE lots (lot_id INTEGER PRIMARY KEY, number TEXT)")
        own.close()
        known = {"LEVADA_SOURCE": f"sqlite:///{folder}/own.db", "LEVADA_HTTP": "127.0.0.1:0", "LEVADA_LEASE": "1"}
        self._environment = environment(folder, LEVADA_GRPC=self.address, PYTHONPATH=paths, **known)
        self._server: Process | None = None

    @contextmanager
    def open(self) -> Iterator[Self]:
        self.start()
        try:
            with running([sys.executable, "-m", "gateway"], self._folder, self._environment) as gateway:
                self.url = f"http://{gateway.address}"
                yield self
        finally:
            self.kill()

    def start(self) -> None:
        self._server = Process([sys.executable, "-m", "grpc_server"], self._folder, self._environment)

    def kill(self) -> None:
        """Kill the server as `kill -9` does."""
        assert self._server is not None
        self._server.kill()

"""The world that chaos plays in: one PostgreSQL, servers and gateways as processes, the sample shop to ask."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.sources import sample
from tests.chaos.database import Database, database
from tests.chaos.machine import ROOT, Machine, free_port

LEASE = 5.0
HEARTBEAT = 1.0
# What a crowd of readers and runs needs that come from one user.
LIFTED = {
    "RUNS_PER_MINUTE": 1_000_000,
    "TENANT_RUNS_PER_MINUTE": 1_000_000,
    "USER_STREAMS": 100_000,
    "TENANT_STREAMS": 100_000,
    "CONCURRENT_RUNS": 4,
    "TENANT_CONCURRENT_RUNS": 1_000,
}


@dataclass
class World:
    """Where everything is. The gateway knows every server and takes another when its own is gone."""

    database: Database
    folder: Path
    servers: list[Machine]
    addresses: list[str]
    gateway: Machine
    http: str

    @property
    def machines(self) -> list[Machine]:
        return [*self.servers, self.gateway]

    async def heal(self) -> None:
        """Have every machine run, whatever happened to it."""
        for machine in self.machines:
            machine.go_on()
        async with asyncio.TaskGroup() as group:
            for machine in self.machines:
                if not machine.alive:
                    group.create_task(machine.start())

    def server_of(self, run_id: str) -> Machine:
        """Return the server that works on a run."""
        [(worker,)] = self.database.query("SELECT worker FROM runs WHERE id = %s", run_id)
        pid = int(worker.split("/")[1])
        return next(server for server in self.servers if server.pid == pid)

    def logs(self) -> str:
        return "\n".join(f"== {one.name}\n{one.log.read_text()[-3000:]}" for one in self.machines if one.log.exists())


def variables(lease: float = LEASE, **more: str) -> dict[str, str]:
    limits = {f"LEVADA_LIMITS__{name}": str(value) for name, value in LIFTED.items()}
    return {"LEVADA_LEASE": str(lease), "LEVADA_HEARTBEAT": str(HEARTBEAT), **limits, **more}


@contextmanager
def shop_folder() -> Iterator[Path]:
    """Make a folder that servers may run in, the sample shop in it, so that none has to make it."""
    folder = Path(tempfile.mkdtemp(prefix="levada-world-"))
    try:
        sample.ensure(folder / ".levada" / "shop.db")
        yield folder
    finally:
        shutil.rmtree(folder)


def upgrade(url: str) -> None:
    """Bring the tables of a shared store up to date, as whoever runs it does."""
    environment = {**os.environ, "LEVADA_STORE": url}
    command = [sys.executable, "-m", "core.store", "upgrade"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


@asynccontextmanager
async def world(servers: int = 3, lease: float = LEASE, **more: str) -> AsyncIterator[World]:
    """Bring a world to life; in the end nothing of it is left."""
    with database() as store, shop_folder() as folder:
        upgrade(store.url)
        addresses = [f"127.0.0.1:{free_port()}" for _ in range(servers)]
        machines = [
            Machine(
                *(f"server-{number}", "tests.chaos.server", folder),
                variables(lease, LEVADA_STORE=store.url, LEVADA_GRPC=address, **more),
            )
            for number, address in enumerate(addresses)
        ]
        http = f"127.0.0.1:{free_port()}"
        everywhere = variables(LEVADA_GRPC=",".join(addresses), LEVADA_HTTP=http)
        here = World(store, folder, machines, addresses, Machine("gateway", "gateway", folder, everywhere), http)
        try:
            await here.heal()
            yield here
        finally:
            for machine in here.machines:
                machine.go_on()
                await machine.kill()

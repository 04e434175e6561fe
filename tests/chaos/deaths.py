"""Runs that die on purpose: each kills the server that works on it, another goes on with it, a reader looks on."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from core.sources.sample.siblings import writing
from levada.v1.run_pb2 import RunRequest
from levada.v1.run_service_pb2 import CreateRunRequest
from tests.chaos import checks
from tests.chaos.database import File, Queryable, database
from tests.chaos.machine import Machine, free_port
from tests.chaos.readers import PASSING, Readers, Record
from tests.chaos.world import shop_folder, upgrade, variables

SECONDS = 500
# So long that no server loses a run because the machine is busy, which then never comes to its death. Nobody waits for
# it: a dead server's leases are ended when it is found dead.
LEASE = 120.0


@dataclass
class Death:
    """A run that was to kill its server, as the store keeps it and as a reader saw it."""

    run: checks.Kept
    record: Record


@dataclass
class Theatre:
    """Servers of which each comes back whenever it dies, one run at a time on each so that none dies of another's."""

    readers: Readers
    store: Queryable

    async def play(self, requests: Sequence[RunRequest]) -> list[Death]:
        """Return what became of each of *requests*."""
        records = []
        async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as group:
            for request in requests:
                records.append(Record(await self._asked(request), "grpc"))
                group.create_task(self.readers.read(records[-1], itertools.cycle(self.readers.stubs)))
        return [Death(checks.kept(self.store, record.run_id), record) for record in records]

    async def _asked(self, request: RunRequest) -> str:
        while True:
            try:
                answer = await self.readers.stubs[0].CreateRun(CreateRunRequest(run=request), wait_for_ready=True)
            except grpc.aio.AioRpcError as error:
                if error.code() in PASSING:
                    continue  # the server died of an earlier one; the request id sees to it that this makes one run
                raise
            return answer.run.run_id


def _shop(_: Path) -> dict[str, str]:
    return {}


def _siblings(folder: Path) -> dict[str, str]:
    found = writing.ensure(folder / "siblings", folder / ".levada" / "shop.db")
    return {"LEVADA_SOURCES": json.dumps(writing.sources(found))}


def _documents(folder: Path) -> dict[str, str]:
    (folder / "books").mkdir()
    (folder / "books" / "revenue.md").write_text("# Revenue\n\n## By country\n\nReturns are not taken off revenue.\n")
    known = {"shop": "sample://shop", "books": f"knowledge:///{folder / 'books'}"}
    return {"LEVADA_SOURCES": json.dumps({name: {"url": url} for name, url in known.items()})}


# What servers know, as the settings that say so, which may have it made in the servers' folder first.
WORLDS: dict[str, Callable[[Path], dict[str, str]]] = {
    "shop": _shop,
    "siblings": _siblings,
    "documents": _documents,
}


@asynccontextmanager
async def theatre(store: str, world: str, script: Sequence[Any]) -> AsyncIterator[Theatre]:
    """Run three servers on PostgreSQL, or one on SQLite; what the model in each role says is in *script*."""
    with shop_folder() as folder:
        (folder / "script.json").write_text(json.dumps({"language": script}))
        model = f"scripted:{folder / 'script.json'}"
        roles = {f"LEVADA_ROLES__{role}": model for role in ("STRONG", "MID", "WEAK")}
        settings = {**roles, **WORLDS[world](folder)}
        if store == "sqlite":
            async with _kept_alive(folder, 1, File(folder / "levada.db"), settings) as made:
                yield made
            return
        with database() as shared:
            upgrade(shared.url)
            async with _kept_alive(folder, 3, shared, settings) as made:
                yield made


@asynccontextmanager
async def _kept_alive(
    folder: Path, count: int, store: Queryable, settings: Mapping[str, str]
) -> AsyncIterator[Theatre]:
    addresses = [f"127.0.0.1:{free_port()}" for _ in range(count)]
    machines = [
        _machine(folder, number, {**settings, "LEVADA_GRPC": address, "LEVADA_STORE": store.url})
        for number, address in enumerate(addresses)
    ]
    async with asyncio.TaskGroup() as group, aclosing(Readers(addresses)) as readers:
        keepers = [group.create_task(_keep(machine, store)) for machine in machines]
        try:
            yield Theatre(readers, store)
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.wait(keepers)
            for machine in machines:
                await machine.kill()


def _machine(folder: Path, number: int, settings: Mapping[str, str]) -> Machine:
    patient = {"LEVADA_LIMITS__QUERY_SECONDS": "300", "LEVADA_LIMITS__RUN_SECONDS": "3000"}
    known = variables(LEASE, LEVADA_LIMITS__CONCURRENT_RUNS="1", **patient, **settings)
    return Machine(f"server-{number}", "tests.chaos.server", folder, known)


async def _keep(machine: Machine, store: Queryable) -> None:
    while True:
        await machine.start()
        await machine.died()
        await asyncio.to_thread(_lapse, store, machine.pid)


def _lapse(store: Queryable, pid: int) -> None:
    """Let the time of a dead server's leases be over."""
    store.query("UPDATE runs SET lease_until = 0 WHERE worker LIKE %s", f"%/{pid}/%")

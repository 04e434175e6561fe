"""All the ways to die at a point of `query`: each run kills the server that works on it, another goes on with it."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from core.pipelines.query.steps import ANALYZE_ERROR, DEEP, STEPS, WRITE_REPORT
from levada.v1.run_pb2 import ANALYSIS_DEEP, RunRequest
from levada.v1.run_service_pb2 import CreateRunRequest
from tests.chaos import checks
from tests.chaos.database import File, Queryable, database
from tests.chaos.dying import POINTS
from tests.chaos.machine import Machine, free_port
from tests.chaos.readers import Readers, Record
from tests.chaos.world import shop_folder, upgrade, variables

QUESTION = "Revenue by month"
# Of a table's name so wrong that it has to be mended, which is the only way to that step.
WRONG = "SELECT count(*) AS customers FROM customer_list"
# "unsaid" is what "completed" of the step before is, but for the first one.
POINTS_OF_QUERY = ((STEPS[0].name, "unsaid"), *((step.name, where) for step in STEPS for where in POINTS[1:]))
# Only a language model looks deeper: one that says the same to every run, and to several in each server's life.
DEEPER = (DEEP.name, WRITE_REPORT.name)
SCRIPT = 20 * [
    {"key": "answering/classify", "value": {"cause": "One figure.", "intent": "simple", "question": QUESTION}},
    {
        "key": "answering/nl2sql",
        "value": {
            "explanation": "Counts customers by country.",
            "sql": "SELECT country, count(*) AS customers FROM customers GROUP BY country ORDER BY 2 DESC, 1",
            "confidence": 1,
            "missing": "",
        },
    },
    {"key": "answering/analysis", "text": "Customers are not spread evenly."},
    {"key": "answering/chart", "value": {"title": "Customers by country", "explanation": "Bars by country."}},
    {
        "key": "query/deep",
        "text": "One look is enough.",
        "calls": [{"name": "finish", "arguments": {"cause": "That is all."}}],
    },
    {"key": "query/report", "text": "Customers are not spread evenly [q1]."},
]
WHOLE = ((), (ANALYZE_ERROR.name,), DEEPER[:1])
ALWAYS = ("execute_sql", "started", "always")
SECONDS = 500
LEASE = 3.0


@dataclass
class Death:
    """A run that was to kill its server, as the store keeps it and as a reader saw it."""

    run: checks.Kept
    record: Record


async def deaths(store: str) -> dict[tuple[str, ...], Death]:
    """Play every death, one run at a time on each server so that none dies of another's; no death at those of WHOLE."""
    async with _servers(store) as (addresses, kept), aclosing(Readers(addresses)) as readers:
        records = {}
        async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as group:
            for point in (*WHOLE, ALWAYS, *POINTS_OF_QUERY):
                run_id = await _asked(readers, point)
                records[point] = Record(run_id, "grpc")
                servers = itertools.cycle(readers.stubs)
                group.create_task(readers.read(records[point], servers))
        return {point: Death(checks.kept(kept, record.run_id), record) for point, record in records.items()}


async def _asked(readers: Readers, point: tuple[str, ...]) -> str:
    request = RunRequest(question=QUESTION, request_id="/".join(("die", *point)))
    request.options.interactive = False
    if ANALYZE_ERROR.name in point:
        request.query.query = WRONG
    if point[:1] and point[0] in DEEPER:
        request.options.analyze = ANALYSIS_DEEP
        request.options.models["default"] = "strong"
    stub = readers.stubs[0]
    while True:
        try:
            answer = await stub.CreateRun(CreateRunRequest(run=request), wait_for_ready=True)
        except grpc.aio.AioRpcError:
            continue  # the server died of an earlier one; the request id sees to it that this makes one run
        return answer.run.run_id


@asynccontextmanager
async def _servers(store: str) -> AsyncIterator[tuple[list[str], Queryable]]:
    """Run three servers on PostgreSQL, or one on SQLite; each is started again whenever it dies."""
    with shop_folder() as folder:
        (folder / "script.json").write_text(json.dumps({"language": SCRIPT}))
        if store == "sqlite":
            async with _kept_alive(folder, 1, File(folder / "levada.db")) as found:
                yield found
            return
        with database() as shared:
            upgrade(shared.url)
            async with _kept_alive(folder, 3, shared) as found:
                yield found


@asynccontextmanager
async def _kept_alive(folder: Path, count: int, store: Queryable) -> AsyncIterator[tuple[list[str], Queryable]]:
    addresses = [f"127.0.0.1:{free_port()}" for _ in range(count)]
    machines = [_machine(folder, number, address, store.url) for number, address in enumerate(addresses)]
    async with asyncio.TaskGroup() as group:
        keepers = [group.create_task(_keep(machine)) for machine in machines]
        try:
            yield addresses, store
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.wait(keepers)
            for machine in machines:
                await machine.kill()


def _machine(folder: Path, number: int, address: str, url: str) -> Machine:
    settings = {"LEVADA_STORE": url, "LEVADA_GRPC": address, "LEVADA_LIMITS__CONCURRENT_RUNS": "1"}
    settings["LEVADA_ROLES__STRONG"] = f"scripted:{folder / 'script.json'}"
    return Machine(f"server-{number}", "tests.chaos.server", folder, {**variables(LEASE), **settings})


async def _keep(machine: Machine) -> None:
    while True:
        await machine.start()
        await machine.died()

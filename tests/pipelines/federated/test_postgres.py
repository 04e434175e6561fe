"""A real server among the sources: its types are joined with those of files; a cancel ends the join."""

import asyncio
from pathlib import Path

import pytest

from core.identity import LOCAL
from core.pipelines.federated.joining.combine import THREADS
from levada.v1.run_pb2 import ANALYSIS_NONE, RunOptions
from tests.pipelines.federated import world
from tests.pipelines.federated.house import SpreadHouse, rows
from tests.pipelines.federated.world import CUSTOMER_ROWS, asks, joins, plan
from tests.postgres import PostgresDatabase

pytestmark = pytest.mark.postgres
ROWS = RunOptions(analyze=ANALYSIS_NONE)
SETUP = (
    "CREATE TABLE visits (who uuid, customer bigint, paid numeric(20, 6), at timestamptz)",
    """INSERT INTO visits SELECT gen_random_uuid(), n % 5 + 1, n + 0.000001, timestamptz '2026-01-01 00:00+00'
    + n * interval '1 minute' FROM generate_series(1, 2000) AS n""",
    "GRANT SELECT ON visits TO public",
)


@pytest.fixture
def urls(tmp_path: Path, postgres_database: PostgresDatabase) -> dict[str, str]:
    postgres_database.run(*SETUP)
    return world.write(tmp_path) | {"web": postgres_database.url}


async def test_exact_figures_of_a_server_are_joined_with_names_from_a_file(tmp_path: Path, urls: dict[str, str]):
    visits = "SELECT customer, paid, at, who FROM visits WHERE customer IN (:ids)"
    web = asks("visits", "web", visits, ids="customers.id")
    found = "SELECT c.name, sum(v.paid) AS paid, max(v.at) AS last FROM visits v JOIN customers c ON c.id = v.customer"
    async with SpreadHouse(tmp_path, urls) as house:
        house.plans(plan(CUSTOMER_ROWS, web, joins(f"{found} GROUP BY c.name ORDER BY c.name LIMIT 1")))
        seen = await house.ask(sources=["crm", "web"], options=ROWS)
    assert rows(seen) == [("Ada", "401000.000400", "2026-01-02T09:20:00+00:00")], seen.end


async def test_a_cancel_ends_the_join_that_runs(tmp_path: Path, urls: dict[str, str]):
    web = asks("visits", "web", "SELECT customer, 1 AS same FROM visits")
    endless = "SELECT sum(hash(a.customer + b.customer + c.customer + d.customer)) AS n FROM visits a JOIN visits b ON "
    endless += "a.same = b.same JOIN visits c ON c.same = b.same JOIN visits d ON d.same = c.same"
    async with SpreadHouse(tmp_path, urls) as house:
        house.plans(plan(web, joins(endless)))
        run = await house.create(sources=["web"], options=ROWS)
        await house.joins(run)
        await house.engine.cancel(LOCAL, run)
        seen = await house.watch(run)
        assert seen.kinds[-1] == "cancelled"
        # A thread that still joined would not be free for this.
        await asyncio.gather(*(THREADS.run(lambda: None) for _ in range(8)))

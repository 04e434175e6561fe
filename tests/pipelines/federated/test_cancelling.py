"""A run that is cancelled in the middle: whatever kind of source works for it then hears of that within a second."""

import asyncio
import sqlite3
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from qdrant_client import QdrantClient, models

from core.identity import LOCAL
from core.models.plans import Operation
from core.sources.sample.slack_server import Slow, slack_server
from core.sources.sample.slack_workspace import Workspace, channel, message, person
from levada.v1.run_pb2 import ANALYSIS_NONE, RunOptions
from tests.models.wire.server import Request
from tests.mongodb import MongoDatabase, proxy
from tests.mysql import MySQLDatabase
from tests.pace import pace
from tests.pipelines.federated import world
from tests.pipelines.federated.house import SpreadHouse
from tests.pipelines.federated.world import asks, joins, plan
from tests.postgres import PostgresDatabase
from tests.qdrant_server import qdrant_server
from tests.servers import until
from tests.trino_server import serving

COUNT = 3_000
# 27 billion pairs of pairs: nobody ever sees its end.
ENDLESS = "SELECT count(*) AS n FROM visits a JOIN visits b ON a.n <> b.n JOIN visits c ON b.n <> c.n"
ROWS = RunOptions(analyze=ANALYSIS_NONE)
SAID = 1_767_268_800.0


@dataclass
class Far:
    """A source at *url* that never comes to the end of *operation* once it was told to *hold*.

    *works* tells whether the server is at it, *left* whether it knows that nobody waits any more.
    """

    url: str
    operation: Operation
    works: Callable[[], object]
    left: Callable[[], object]
    hold: Callable[[], object] = bool


def endless(url: str, at_work: Callable[[], object]) -> Far:
    return Far(url, asks("far", "far", ENDLESS), at_work, lambda: not at_work())


@pytest.fixture
def postgres(postgres_database: PostgresDatabase) -> Far:
    database = postgres_database
    database.run("CREATE TABLE visits (n int)", f"INSERT INTO visits SELECT generate_series(1, {COUNT})")
    running = f"SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND usename = '{database.user}'"
    return endless(database.url, lambda: database.run(running))


@pytest.fixture
def mysql(mysql_database: MySQLDatabase) -> Far:
    database = mysql_database
    database.run("CREATE TABLE visits (n int)", f"INSERT INTO visits SELECT seq FROM seq_1_to_{COUNT}")
    running = f"SELECT 1 FROM information_schema.processlist WHERE user = '{database.name}' AND command <> 'Sleep'"
    return endless(database.url, lambda: database.run(running))


@pytest.fixture
def trino() -> Iterator[Far]:
    with serving() as server:
        server.run("CREATE TABLE visits (n int)", f"INSERT INTO visits SELECT range FROM range({COUNT})")

        def asked() -> list[Any]:
            return [query for query in server.queries if "count(*)" in query.sql]

        yield Far(
            server.url, asks("far", "far", ENDLESS), asked, lambda: asked()[-1].cancelled_at, server.queries.clear
        )


def within(module: str) -> bool:
    """Tell whether any thread works in a driver on behalf of *module*."""
    calls = (call for frame in sys._current_frames().values() for call, _ in traceback.walk_stack(frame))
    codes = (call.f_code for call in calls)
    return any(code.co_filename.endswith(module) and code.co_name in ("_open", "_read") for code in codes)


@pytest.fixture
def duck(tmp_path: Path) -> Far:
    with duckdb.connect(str(tmp_path / "far.duckdb")) as database:
        database.execute(f"CREATE TABLE visits AS SELECT range AS n FROM range({COUNT})")
    return endless(f"duckdb:///{tmp_path}/far.duckdb", lambda: within("duckdb/rows.py"))


@pytest.fixture
def sqlite(tmp_path: Path) -> Far:
    with sqlite3.connect(tmp_path / "far.db") as database:
        database.execute("CREATE TABLE visits (n INTEGER)")
        database.executemany("INSERT INTO visits VALUES (?)", [(n,) for n in range(COUNT)])
    database.close()
    return endless(f"sqlite:///{tmp_path}/far.db", lambda: within("sqlite/rows.py"))


@pytest.fixture
async def mongodb(mongodb_database: MongoDatabase) -> AsyncIterator[Far]:
    mongodb_database.fill(visits=[{"n": 1}])
    async with proxy(mongodb_database.port) as between:

        def hold() -> None:
            between.hold.add("aggregate")
            between.seen.clear()

        def killed() -> bool:
            held = [command["lsid"] for command in between.commands("aggregate")]
            return any(command["killSessions"] == held for command in between.commands("killSessions"))

        params = {"collection": "visits", "pipeline": [{"$match": {"n": 1}}]}
        operation = Operation(id="far", source="far", kind="mongodb", params=params)
        url = mongodb_database.url_at(between.port)
        yield Far(url, operation, lambda: between.commands("aggregate"), killed, hold)


@pytest.fixture
async def qdrant() -> AsyncIterator[Far]:
    client = QdrantClient(":memory:")
    client.create_collection("visits", vectors_config=models.VectorParams(size=2, distance=models.Distance.COSINE))
    client.upsert("visits", [models.PointStruct(id=1, vector=[0.0, 1.0], payload={"n": 1})])
    async with qdrant_server(client) as server:
        operation = Operation(id="far", source="far", kind="vector", params={"collection": "visits", "limit": 5})
        asked = 0

        def hold() -> None:
            nonlocal asked
            asked = len(server.requests)
            server.plays([asyncio.Event()])

        def held() -> list[Request]:
            return server.requests[asked:]

        yield Far(server.url, operation, held, lambda: all(one.gone.is_set() for one in held()), hold)
    client.close()


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Far]:
    monkeypatch.setenv("SLACK_USER_TOKEN", "xoxp-test")
    talk = {"C000HELP": [message(SAID, "U0000001", "It is late")]}
    space = Workspace("acme", [person("U0000001", "Ada")], [channel("C000HELP", "help", "U0000001")], talk)
    history = "conversations.history"
    async with slack_server(space) as server:
        before = 0

        def hold() -> None:
            nonlocal before
            before = server.count(history)
            server.left.clear()
            server.plays(history, Slow())

        operation = Operation(id="far", source="far", kind="slack", params={"method": "history"})
        url = f"slack://acme?base_url={server.url}"
        yield Far(url, operation, lambda: server.count(history) > before, lambda: server.left == [history], hold)


@pytest.fixture(
    params=[
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("mysql", marks=pytest.mark.mysql),
        *("sqlite", "duck", "trino", "mongodb", "qdrant", "slack"),
    ]
)
def far(request: pytest.FixtureRequest) -> Far:
    return request.getfixturevalue(request.param)


async def cancelled(house: SpreadHouse, far: Far) -> float:
    """Cancel a run in the middle of its operation; return after how many seconds that reached the source."""
    far.hold()
    house.plans(plan(world.CUSTOMER_ROWS, far.operation, joins("SELECT * FROM far")))
    run = await house.create(sources=["crm", "far"], options=ROWS)
    await until(far.works)
    with pace() as since:
        await house.engine.cancel(LOCAL, run)
        await until(far.left)
        took = since.seconds
    assert (await house.watch(run)).kinds[-1] == "cancelled"
    return took


async def test_a_cancel_reaches_the_source_that_works_within_a_second(tmp_path: Path, far: Far):
    async with SpreadHouse(tmp_path, {**world.write(tmp_path), "far": far.url}) as house:
        await house.catalog.warmed()  # so that nothing but the run asks it from here on
        assert await cancelled(house, far) < 1

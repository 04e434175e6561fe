"""The whole house in one process, over the sample shop or over a zoo of three animals."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.catalog import Catalog
from core.engine import Engine
from core.pipelines import PIPELINES
from core.settings import Limits, Settings
from core.store import open_store
from levada.v1 import run_service_pb2 as service
from levada.v1.event_pb2 import Event
from tests.gateway.conftest import Door, gateway
from tests.servers import Served, served

QUESTION = "What was revenue by month last year?"


@dataclass
class House:
    """What is up: a gRPC server with stubs, and a gateway before it."""

    server: Served
    door: Door

    async def log(self, run_id: str) -> list[Event]:
        """Return the run's events as they are stored."""
        found: list[Event] = []
        while True:
            request = service.ListRunEventsRequest(run_id=run_id, after_sequence=len(found), page_size=1000)
            page = await self.server.runs.ListRunEvents(request)
            found += page.events
            if page.ended:
                return found

    async def runs(self) -> int:
        return len((await self.server.runs.ListRuns(service.ListRunsRequest())).runs)


@asynccontextmanager
async def house_in(folder: Path, shop: Path, **more: Any) -> AsyncIterator[House]:
    # Whoever is cut after every event opens more streams a minute than people do.
    limits = Limits(user_streams=1_000, runs_per_minute=1_000)
    places = {"store": f"sqlite:///{folder}/levada.db", "scratch": f"{folder}/scratch", "http": "127.0.0.1:0"}
    settings = Settings(limits=limits, **places, **more)
    store = open_store(settings.store)
    catalog = Catalog(settings, store, shop)
    async with (
        Engine(settings, PIPELINES, catalog, store) as engine,
        catalog,
        served(engine, catalog, PIPELINES, settings) as server,
        gateway(settings.model_copy(update={"grpc": server.address})) as door,
    ):
        yield House(server, door)


@pytest.fixture
async def house(tmp_path: Path, shop_file: Path) -> AsyncIterator[House]:
    async with house_in(tmp_path, shop_file) as made:
        yield made


@pytest.fixture
async def address(tmp_path: Path, shop_file: Path) -> AsyncIterator[str]:
    """Where a server answers whose source is the zoo."""
    path = tmp_path / "zoo.db"
    with sqlite3.connect(path) as zoo:
        zoo.execute("CREATE TABLE animals (animal_id INTEGER PRIMARY KEY, name TEXT, species TEXT, weight_kg REAL)")
        animals = [("Ada", "otter", 9.5), ("Bo", "bear", 310.0), ("Cleo\x1b[31m", "otter", 8.0)]
        zoo.executemany("INSERT INTO animals (name, species, weight_kg) VALUES (?, ?, ?)", animals)
    zoo.close()
    async with house_in(tmp_path, shop_file, source=f"sqlite:///{path}") as made:
        yield made.server.address

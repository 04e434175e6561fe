"""The `query` dialect over the whole house and real databases: whole, streamed and classified, it is one answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.catalog import Catalog
from core.engine import Engine
from core.pipelines import PIPELINES
from core.settings import Limits, Settings, SourceSettings
from core.store import open_store
from gateway.gathering import Gathered
from tests.gateway.conftest import Door, gateway
from tests.gateway.eventsource import Stream
from tests.limits import LIFTED
from tests.pipelines.federated import world
from tests.servers import served

SPANNING = "How many tickets by customer country?"
ROWS = [("Japan", 3), ("Norway", 1)]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    sources = {name: SourceSettings(url=url) for name, url in world.write(tmp_path).items()}
    store = f"sqlite:///{tmp_path}/levada.db"
    scratch = f"{tmp_path}/scratch"
    settings = Settings(store=store, http="127.0.0.1:0", sources=sources, scratch=scratch, limits=Limits(**LIFTED))
    opened = open_store(settings.store)
    catalog = Catalog(settings, opened)
    async with (
        Engine(settings, PIPELINES, catalog, opened) as engine,
        catalog,
        served(engine, catalog, PIPELINES, settings) as server,
        gateway(settings.model_copy(update={"grpc": server.address})) as here,
    ):
        yield here


async def streamed(door: Door, path: str, **body) -> list[dict]:
    async with door.client.stream("POST", path, json=body) as answer:
        assert answer.status_code == 200
        return [message.json for message in await Stream(answer).all()]


def counted(answer: dict) -> list[tuple]:
    return sorted(tuple(row.values()) for row in answer["rows"])


async def test_what_is_streamed_is_what_is_answered_whole_and_kept(door):
    frames = await streamed(door, "/query/stream", question=SPANNING, analyze=True)
    gathered = Gathered()
    gathered.add(frames)
    answer = (await door.client.post("/query", json={"question": SPANNING, "analyze": True})).json()
    kept = (await door.client.get(f"/sessions/{answer['session_id']}")).json()
    assert counted(answer) == counted(gathered.answer()) == counted(kept) == ROWS
    for name in ("databases", "sql", "analysis", "follow_ups"):
        assert answer[name] == gathered.answer()[name] == kept[name]
    assert (answer["status"], kept["status"], kept["pipeline"]) == ("complete", "complete", "auto")
    selected = next(frame for frame in frames if frame["type"] == "databases_selected")
    assert (selected["databases"], selected["pipeline"]) == (["crm", "support"], "federated")
    joining = [frame["step"] for frame in frames if frame["type"] == "aggregating"]
    assert {"Joining support and crm results", "Joining crm and support results"} & set(joining)
    assert [frame["type"] for frame in frames if frame["type"] in ("complete", "error")] == ["complete"]


async def test_classifying_says_what_a_session_then_does_and_runs_nothing(door):
    said = (await door.client.post("/classify", json={"question": SPANNING})).json()
    assert (said["databases"], said["cross_database"]) == (["crm", "support"], True)
    assert all(choice["reason"] for choice in said["choices"])
    frames = await streamed(door, "/classify/stream", question=SPANNING)
    kinds = [frame["type"] for frame in frames]
    assert (kinds[0], kinds[1], kinds[-1]) == ("classifying", "databases_selected", "complete")
    assert {"schema_loading", "schema_chunks", "schema_loaded"} < set(kinds)
    assert said.items() <= frames[-1].items()
    common = {"type", "timestamp", "session_id", "percentage", "stage", "attempt"}
    assert all(frame.keys() >= common for frame in frames)
    assert (await door.client.get("/sessions")).json()["sessions"] == []


async def test_one_database_is_asked_by_itself_and_a_plan_can_be_had_without_its_rows(door):
    one = (await door.client.post("/query", json={"question": "How many customers by country?"})).json()
    assert (one["databases"], counted(one)) == (["crm"], [("Japan", 2), ("Norway", 2), ("Peru", 1)])
    assert (one["plan"], one["analysis"], one["chart"]) == (None, None, None)
    body = {"question": SPANNING, "databases": ["crm", "support"], "dry_run": True}
    planned = (await door.client.post("/cross-database-query", json=body)).json()
    assert (planned["outcome"], planned["rows"], len(planned["plan"])) == ("planned", [], 3)


async def test_what_can_not_be_answered_is_said_by_status_and_by_frame(door):
    answer = await door.client.post("/query", json={"question": "flurb the gronk"})
    assert (answer.status_code, answer.json()["reason"]) == (422, "QUESTION_NOT_UNDERSTOOD")
    last = (await streamed(door, "/query/stream", question="flurb the gronk"))[-1]
    assert (last["type"], last["reason"]) == ("error", "QUESTION_NOT_UNDERSTOOD")
    assert last["suggestions"]
    unknown = {"question": SPANNING, "databases": ["nowhere"]}
    for path in ("/query", "/cross-database-query", "/classify"):
        answer = await door.client.post(path, json=unknown)
        assert (answer.status_code, answer.json()["reason"]) == (404, "UNKNOWN_SOURCE")
    last = (await streamed(door, "/classify/stream", **unknown))[-1]
    assert (last["type"], last["reason"], last["retryable"]) == ("error", "UNKNOWN_SOURCE", False)

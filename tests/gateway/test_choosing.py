"""Which sources a question needs, and what a look at a source anew finds, over HTTP: /v1/classify and :refresh."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.models import planner
from core.models.scripted_language import ScriptedLanguage
from core.pipeline import Pipeline
from core.settings import Settings, SourceSettings
from tests.gateway.conftest import Door, Runs
from tests.pipelines.federated import world
from tests.pipelines.query.house import OneModel
from tests.servers import Served, served
from tests.test_catalog import Forgetful

TOGETHER = "Amount of orders by country of customers?"
DOWN = "postgresql://reader:s3cret-word@127.0.0.1:1/gone"

Change = Callable[[str], None]


@pytest.fixture
async def catalog(tmp_path: Path, settings: Settings) -> AsyncIterator[OneModel]:
    """Three sources that work and one that is down."""
    urls = world.write(tmp_path) | {"gone": DOWN}
    sources = {name: SourceSettings(url=url) for name, url in urls.items()}
    found = OneModel(settings.model_copy(update={"sources": sources, "scratch": str(tmp_path)}), Forgetful())
    found.at_hand, found.in_role = planner(), {}
    async with found:
        yield found


@pytest.fixture
async def backend(
    runs: Runs, catalog: OneModel, pipelines: list[Pipeline], settings: Settings
) -> AsyncIterator[Served]:
    async with served(runs, catalog, pipelines, settings) as here:
        yield here


@pytest.fixture
def change(tmp_path: Path) -> Change:
    def run(sql: str) -> None:
        with closing(sqlite3.connect(tmp_path / "support.db")) as database:
            database.execute(sql)

    return run


async def test_a_question_is_told_its_sources_with_reasons_and_what_would_ask_them(door: Door):
    answer = await door.client.post("/v1/classify", json={"question": TOGETHER})
    told = answer.json()
    assert (answer.status_code, told["pipeline"]) == (200, "federated")
    assert {one["source"] for one in told["sources"]} == {"crm", "sales"}
    assert all(one["cause"] for one in told["sources"])
    assert {schema["source"]: schema["tables"] for schema in told["schemas"]} == {
        "crm": ["customers"],
        "sales": ["orders"],
    }
    own = (await door.client.post("/classify", json={"question": TOGETHER})).json()
    assert own["databases"] == [one["source"] for one in told["sources"]]
    assert (own["pipeline"], own["reason"], own["cross_database"]) == (told["pipeline"], told["cause"], True)


async def test_a_source_that_is_down_is_told_among_the_problems_without_its_password(door: Door):
    answer = await door.client.post("/v1/classify", json={"question": "Tickets of Cleo?"})
    (problem,) = answer.json()["problems"]
    assert answer.status_code == 200
    assert "gone can't be looked at" in problem
    assert "s3cret" not in answer.text


async def test_only_the_sources_that_are_named_are_chosen_from(door: Door):
    answer = await door.client.post("/v1/classify", json={"question": TOGETHER, "sources": ["crm"]})
    assert [(one["source"], one["cause"]) for one in answer.json()["sources"]] == [("crm", "It was asked for.")]
    assert answer.json()["pipeline"] == "query"


async def test_who_chooses_is_told_where_a_run_has_a_model_choose(door: Door, catalog: OneModel):
    catalog.at_hand = ScriptedLanguage([])
    cause = (await door.client.post("/v1/classify", json={"question": TOGETHER})).json()["cause"]
    assert "chosen by rule" in cause
    assert catalog.at_hand.name in cause


@pytest.mark.parametrize(
    ("asked", "status", "reason", "words"),
    [
        ({"question": TOGETHER, "sources": ["nowhere"]}, 404, "UNKNOWN_SOURCE", "nowhere"),
        ({"question": " "}, 400, "INVALID_REQUEST", "question"),
        ({"question": "x" * 10_001}, 400, "INVALID_REQUEST", "10,000"),
        ({"query": "?"}, 400, "INVALID_REQUEST", "query"),
    ],
)
async def test_what_can_not_be_classified_is_refused_with_the_reason(
    door: Door, asked: dict, status: int, reason: str, words: str
):
    answer = await door.client.post("/v1/classify", json=asked)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert words in answer.text


async def test_a_look_at_a_source_anew_tells_what_changed_and_is_known_at_once(door: Door, change: Change):
    url = "/v1/sources/support:refresh"
    assert "added" not in (await door.client.post(url)).json()
    change("CREATE TABLE refunds (id INTEGER PRIMARY KEY, voucher TEXT)")
    change("ALTER TABLE tickets ADD COLUMN urgency TEXT")
    told = (await door.client.post(url)).json()
    assert (told["added"], told["changed"]) == (["refunds"], ["tickets"])
    chosen = (await door.client.post("/v1/classify", json={"question": "How many refunds by voucher?"})).json()
    assert [one["source"] for one in chosen["sources"]] == ["support"]
    change("DROP TABLE refunds")
    assert (await door.client.post(url)).json()["removed"] == ["refunds"]


async def test_a_source_that_is_not_there_or_down_can_not_be_looked_at_anew(door: Door):
    lost = await door.client.post("/v1/sources/nowhere:refresh")
    assert (lost.status_code, lost.json()["reason"]) == (404, "UNKNOWN_SOURCE")
    down = await door.client.post("/v1/sources/gone:refresh")
    assert (down.status_code, down.json()["reason"]) == (503, "SOURCE_UNAVAILABLE")
    assert "s3cret" not in down.text

"""Slack among the sources: asked by itself through `query`, and with values of a database through `federated`."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.models.plans import Operation
from core.sources.sample.slack_server import Pause, SlackServer, slack_server
from core.sources.sample.slack_workspace import Workspace, channel, message, person
from levada.v1 import event_pb2 as events
from tests.pipelines.federated import world
from tests.pipelines.federated.house import SpreadHouse, rows
from tests.pipelines.query.house import draft

NOON = 1_767_268_800.0
PEOPLE = [person("U0000001", "Ada"), person("U0000002", "Bo"), person("U0000003", "Cleo")]
SAID = [("U0000001", "My order 10 is late"), ("U0000002", "Thanks"), ("U0000001", "Still late"), ("U0000003", "Late!")]


@pytest.fixture
async def talk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackServer]:
    """Customers who write to #help."""
    monkeypatch.setenv("SLACK_USER_TOKEN", "xoxp-test")
    said = [message(NOON + number, user, text) for number, (user, text) in enumerate(SAID)]
    channels = [channel("C000HELP", "help", "U0000001")]
    async with slack_server(Workspace("acme", PEOPLE, channels, {"C000HELP": said})) as server:
        yield server


@pytest.fixture
async def house(tmp_path: Path, talk: SlackServer) -> AsyncIterator[SpreadHouse]:
    urls = world.write(tmp_path) | {"talk": f"slack://acme?base_url={talk.url}"}
    async with SpreadHouse(tmp_path, urls) as made:
        yield made


async def test_a_question_to_slack_shows_its_messages_and_the_pauses_that_slack_asks_for(
    house: SpreadHouse, talk: SlackServer
):
    talk.plays("search.messages", Pause(1))
    house.plays(draft(json.dumps({"method": "search", "query": "late", "fields": ["author", "text"]})))
    seen = await house.ask("Who says that something is late?", pipeline="query", sources=["talk"])

    assert seen.end.outcome == events.OUTCOME_ANSWERED
    table = seen.one("table_started").table_id
    assert [author for author, _ in rows(seen, table)] == ["Cleo", "Ada", "Ada"]
    assert "Slack asks for a pause of 1 s." in [told.message for told in seen.all("step_progressed")]


async def test_what_a_database_knows_of_people_chooses_whose_messages_are_read_and_counted(house: SpreadHouse):
    people = world.asks("people", "crm", "SELECT name, country FROM customers WHERE country = 'Norway'")
    document = {"method": "history", "users": {"$value": "who"}, "values": {"who": "people.name"}}
    messages = Operation(id="said", source="talk", kind="slack", params=document, depends_on=["people"])
    counted = (
        "SELECT s.author, count(*) AS n FROM said AS s JOIN people AS p ON p.name = s.author GROUP BY 1 ORDER BY 2 DESC"
    )
    house.plans(world.plan(people, messages, world.joins(counted)))
    seen = await house.ask(sources=["crm", "talk"])

    assert rows(seen) == [("Ada", 2), ("Bo", 1)], seen.end

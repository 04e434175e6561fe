"""Two hundred conversations at once on one server and PostgreSQL: no message is lost, and the pool keeps its bounds."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

import levada
from levada.v1.event_pb2 import CHANNEL_ANSWER, Event
from tests.postgres import PostgresDatabase
from tests.servers import server_process

MANY, TURNS = 200, 2
READERS, OVERFLOW = 15, 25
# Two that write, and those that hear of other servers.
BESIDE = 10

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(600)]


def script(path: Path) -> str:
    """Write a model's answers to *path*, each answer another one; return the model's name."""
    invited = {"question": "", "primary": "advisor", "supporting": [{"name": "critic"}]}
    answers: list[dict] = []
    for number in range(MANY * TURNS):
        answers += [
            {"key": "agents/team@", "value": invited},
            {"key": "agents/contribution", "text": "- A point."},
            {"key": "agents/team_answer", "text": f"Answer {number:04}."},
        ]
    path.write_text(json.dumps({"language": answers}), encoding="utf-8")
    return f"scripted:{path}"


class Connections:
    """Counts those that Levada holds to a database, again and again."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self.most = 0

    async def count(self) -> None:
        words = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'levada' AND datname = current_database()"
        )
        while True:
            ((found,),) = await asyncio.to_thread(self._database.run, words)
            self.most = max(self.most, found)
            await asyncio.sleep(0.1)


@pytest.fixture
async def server(tmp_path: Path, postgres_store: PostgresDatabase) -> AsyncIterator[str]:
    variables = {
        "LEVADA_STORE": postgres_store.admin_url,
        "LEVADA_STORE_READERS": str(READERS),
        "LEVADA_STORE_OVERFLOW": str(OVERFLOW),
        "LEVADA_MODEL": script(tmp_path / "script.json"),
        "LEVADA_SAMPLE": "false",
        "LEVADA_LIMITS__CONCURRENT_RUNS": str(MANY),
        "LEVADA_LIMITS__TENANT_CONCURRENT_RUNS": str(MANY),
    }
    async with server_process(tmp_path, **variables) as running:
        yield running.address


async def converse(client: levada.Client, number: int) -> list[list[Event]]:
    """Say TURNS messages, each after the answer to the one before; return what was told of each."""
    told = []
    for turn in range(TURNS):
        said = client.ask(f"Message {turn} of {number:03}?", pipeline="agents", conversation_id=f"c-{number}")
        told.append([event async for event in said])
    return told


def answer(events: list[Event]) -> str:
    return "".join(event.text_delta.text for event in events if event.text_delta.channel == CHANNEL_ANSWER)


def prompts(events: list[Event]) -> str:
    return "".join(event.model_called.prompt for event in events)


async def test_no_message_is_lost_and_the_pool_stays_within_its_bounds(server: str, postgres_store: PostgresDatabase):
    connections = Connections(postgres_store)
    counting = asyncio.create_task(connections.count())
    async with levada.connect(server) as client:
        talks = await asyncio.gather(*(converse(client, number) for number in range(MANY)))
        counting.cancel()
        with suppress(asyncio.CancelledError):
            await counting
        answers = [answer(events) for talk in talks for events in talk]
        assert sorted(answers) == [f"Answer {number:04}." for number in range(MANY * TURNS)]
        for number, (first, second) in enumerate(talks):
            known = f'"Message 0 of {number:03}?" was answered: "{answer(first)}"'
            assert known in prompts(second)
        kept = [await stored(client, talk[-1][0].run_id) for talk in talks]
    assert kept == [answer(talk[-1]) for talk in talks]
    assert 0 < connections.most <= READERS + OVERFLOW + BESIDE


async def stored(client: levada.Client, run_id: str) -> str:
    """Return the answer as the store has it now."""
    return answer([event async for event in client.watch(run_id)])

"""`query` over sources whose queries are documents: MongoDB, Qdrant, Slack; the same steps, nothing read as SQL."""

import datetime
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.identity import LOCAL
from core.models import planner
from core.models.scripted_language import Answer, ScriptedCall
from core.sources.qdrant.writing import write_collection
from core.sources.sample.slack_server import SlackServer, slack_server
from levada.v1 import event_pb2 as events
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.run_pb2 import ANALYSIS_DEEP, RunOptions
from tests.mongodb import MongoDatabase
from tests.pipelines.query.house import House, draft
from tests.pipelines.query.test_deep import watched
from tests.sources.qdrant.reviews import DIMENSIONS, reviews
from tests.sources.slack.conftest import small_workspace

SORTED = Answer(
    value={"cause": "A plain count.", "intent": "simple", "question": "Calls by port?"}, key="answering/cla"
)
TOLD = Answer(text="Oslo has the most calls.", key="answering/analysis")
CAPTION = Answer(value={"title": "Calls by port", "explanation": "Each port."}, key="answering/chart")


def pipeline(*stages: dict[str, Any], collection: str = "calls") -> str:
    return json.dumps({"collection": collection, "pipeline": stages})


BY_PORT = pipeline(
    {"$group": {"_id": "$port.city", "calls": {"$sum": 1}}},
    {"$sort": {"calls": -1}},
    {"$project": {"_id": 0, "port": "$_id", "calls": 1}},
)
WRITING = pipeline({"$out": "copies"})


def written(query: str, key: str = "answering/mongo_query", **more: str) -> Answer:
    value = {"explanation": "Counts calls.", "query": query, "confidence": 0.9, "missing": "", **more}
    return Answer(value=value, key=key)


def mended(query: str) -> Answer:
    value = {"diagnosis": "It wrote.", "query": query, "explanation": "Counts calls.", "confidence": 0.8}
    return Answer(value=value, key="answering/repair")


def fill(database: MongoDatabase) -> None:
    start = datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC)
    ports = ["Oslo", "Oslo", "Bergen", "Oslo", "Bergen", "Tromsø"]
    database.fill(
        calls=[
            {
                "_id": n,
                "port": {"city": port},
                "tonnes": 100 * n,
                "at": start + datetime.timedelta(days=n),
                "tags": ["x"],
            }
            for n, port in enumerate(ports, start=1)
        ]
    )


@pytest.fixture
async def house(tmp_path: Path, mongodb_database: MongoDatabase) -> AsyncIterator[House]:
    fill(mongodb_database)
    async with House(tmp_path, mongodb_database.url) as made:
        yield made


async def test_a_question_is_answered_with_no_model_in_the_sources_language(house: House):
    house.catalog.at_hand = planner()
    seen = await house.ask("How many calls are there by city?")
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    proposed = seen.one("query_proposed")
    assert proposed.language == "mongodb"
    assert json.loads(proposed.text)["collection"] == "calls"
    assert seen.one("table_completed").rows == 3


async def test_a_model_is_asked_for_a_document_of_the_sources_form(house: House):
    model = house.speaks(SORTED, written(BY_PORT), TOLD, CAPTION)
    seen = await house.ask("Calls by port?")
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert seen.text(events.CHANNEL_SQL) == BY_PORT
    prompt = next(asked for asked in model.asked if asked.key.startswith("answering/mongo_query"))
    assert '"title": "MongoQuery"' in prompt.system
    assert "$out" in prompt.system
    assert "SELECT" not in prompt.system
    assert "collection calls, about 6 rows" in prompt.messages[0].text
    assert "  port.city string" in prompt.messages[0].text
    assert "  tags[] string" in prompt.messages[0].text


async def test_what_a_model_says_a_document_means_can_do_no_harm(house: House):
    for meaning in ("SELECT nothing, at_all FROM calls", "SELEC", "DROP TABLE calls", "("):
        house.speaks(SORTED, written(BY_PORT, meaning=meaning), TOLD, CAPTION)
        seen = await house.ask("Calls by port?")
        assert seen.end.outcome == events.OUTCOME_ANSWERED, meaning


async def test_rows_findings_and_a_chart_come_of_a_document(house: House):
    house.plays(draft(BY_PORT))
    seen = await house.ask("Calls by port?")
    header = seen.one("table_started")
    assert [column.name for column in header.columns] == ["port", "calls"]
    assert seen.one("table_completed").rows == 3
    assert any("Oslo" in finding.text for finding in seen.all("finding"))
    assert seen.one("chart").kind != events.CHART_KIND_TABLE
    assert seen.one("operation_started").kind == "mongodb"


async def test_what_the_guard_refuses_is_mended_by_the_model_and_not_by_rules_for_sql(house: House):
    model = house.speaks(SORTED, written(WRITING), mended(BY_PORT), TOLD, CAPTION)
    seen = await house.ask("Calls by port?")
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert [proposed.text for proposed in seen.all("query_proposed")] == [WRITING, BY_PORT]
    prompt = next(asked for asked in model.asked if asked.key.startswith("answering/repair"))
    assert seen.one("query_refused").message in prompt.messages[0].text.replace('\\"', '"')
    assert "- query: the corrected query" in prompt.system
    assert "aggregation pipeline" in prompt.system


@pytest.mark.parametrize("text", ["SELECT count(*) FROM calls", "{", "[]", WRITING, '{"collection": "calls"}'])
async def test_what_is_no_reading_document_is_refused(house: House, text: str):
    house.plays(draft(text))
    seen = await house.ask("Calls by port?")
    assert seen.kinds[-1] == "failed"
    assert ErrorReason.Name(seen.end.reason) == "ERROR_REASON_QUERY_REFUSED"
    assert "execute_sql" not in seen.steps


async def test_a_person_approves_and_edits_documents(house: House):
    house.plays(draft(BY_PORT))
    run = await house.create("Calls by port?", options=RunOptions(require_approval=True))
    asked = (await house.watch(run, "input_requested")).one("input_requested")
    assert asked.language == "mongodb"
    assert json.loads(asked.query)["collection"] == "calls"
    bad = pipeline({"$match": {"$where": "sleep(1000)"}})
    await house.respond(run, input_id=asked.input_id, decision=events.DECISION_EDIT, text=bad)
    again = (await watched(house, run, lambda seen: len(seen.all("input_requested")) == 2)).all("input_requested")[1]
    assert again.prompt.startswith("The edited query was refused: ")
    await house.respond(run, input_id=again.input_id, decision=events.DECISION_EDIT, text=pipeline({"$count": "calls"}))
    seen = await house.watch(run)
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert seen.one("table_completed").rows == 1


async def test_a_query_of_ones_own_is_run_and_remembered_as_it_is(house: House):
    house.plays()
    seen = await house.ask("Calls by port?", query={"query": BY_PORT}, conversation_id="c1")
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    model = house.speaks(SORTED, written(BY_PORT), TOLD, CAPTION)
    await house.ask("And by port again?", conversation_id="c1")
    prompt = next(asked for asked in model.asked if asked.key.startswith("answering/classify"))
    assert "was answered by" in prompt.messages[0].text
    assert "$group" in prompt.messages[0].text


async def test_a_deeper_look_asks_in_the_sources_language(house: House):
    wanted = [
        ScriptedCall(name="run_query", arguments={"purpose": "How many at all?", "query": pipeline({"$count": "n"})})
    ]
    wanted += [ScriptedCall(name="sample_rows", arguments={"table": "calls"})]
    finish = [ScriptedCall(name="finish", arguments={"cause": "Enough."})]
    report = Answer(text="Oslo has 3 calls [q1].", key="query/report")
    rounds = [Answer(calls=calls, key="query/deep") for calls in (wanted, finish)]
    model = house.speaks(SORTED, written(BY_PORT), TOLD, *rounds, report, CAPTION)
    seen = await house.ask("Calls by port?", options=RunOptions(analyze=ANALYSIS_DEEP))
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert [proposed.query_id for proposed in seen.all("query_proposed", "deep")] == ["q2", "q3"]
    assert [done.rows for done in seen.all("table_completed")] == [3, 1, 6]
    deep = next(asked for asked in model.asked if asked.key.startswith("query/deep"))
    assert "aggregation pipeline" in deep.system


async def test_values_and_bounds_of_documents_are_known(house: House):
    await house.catalog.indexed(LOCAL, "default")
    lookup = house.catalog.lookup(LOCAL, "default")
    assert [(found.table, found.column, found.value) for found in lookup.find("bergen")] == [
        ("calls", "port.city", "Bergen")
    ]
    assert [found.column for found in lookup.find("x")] == ["tags[]"]
    assert lookup.bounds("calls", "tonnes") == (100, 600)
    assert [day.date().isoformat() for day in lookup.bounds("calls", "at") or ()] == ["2026-01-06", "2026-01-11"]


async def test_points_are_read_through_the_same_steps(tmp_path: Path):
    write_collection(tmp_path / "points", "reviews", DIMENSIONS, reviews())
    async with House(tmp_path, f"qdrant:///{tmp_path}/points") as house:
        listing = json.dumps({"collection": "reviews", "limit": 5})
        model = house.speaks(SORTED, written(listing, "answering/vector_search"), TOLD)
        seen = await house.ask("Some reviews?")
        assert seen.end.outcome == events.OUTCOME_ANSWERED
        assert seen.one("query_proposed").language == "vector"
        assert seen.one("table_completed").rows == 5
        assert "It searches" not in model.asked[1].system
        assert '"title": "VectorQuery"' in model.asked[1].system


def _asking(folder: Path, server: SlackServer) -> House:
    return House(folder, f"slack://acme?base_url={server.url}")


async def test_a_workspace_is_read_through_the_same_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SLACK_USER_TOKEN", "xoxp-test")
    async with (
        slack_server(small_workspace()) as server,
        House(tmp_path, f"slack://acme?base_url={server.url}") as house,
    ):
        search = json.dumps({"method": "search", "query": "late", "channels": "support"})
        model = house.speaks(SORTED, written(search, "answering/slack_search"), TOLD)
        seen = await house.ask("What is late?")
        assert seen.end.outcome == events.OUTCOME_ANSWERED
        assert seen.one("query_proposed").language == "slack"
        assert seen.one("table_completed").rows == 2
        assert '"title": "SlackQuery"' in model.asked[1].system
        await house.catalog.indexed(LOCAL, "default")
        found = {(one.table, one.column) for one in house.catalog.lookup(LOCAL, "default").find("Grace Hopper")}
        assert found == {("users", "name"), ("messages", "author")}

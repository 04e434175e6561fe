"""`auto`: what a question needs decides who answers it, and the run says which, and why."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.errors import NotFound
from core.identity import LOCAL
from core.models import planner
from core.models.scripted_language import Answer
from core.pipelines.auto.explain import classify
from core.sources.sample.slack_server import slack_server
from core.sources.sample.slack_workspace import Workspace, channel, message, person
from levada.v1 import event_pb2 as events
from levada.v1.query_service_pb2 import ClassifyRequest
from levada.v1.run_pb2 import QueryParameters
from levada.v1.run_service_pb2 import ForkRunRequest
from tests.pipelines.federated import world
from tests.pipelines.federated.house import STEPS as SEVERAL
from tests.pipelines.federated.house import SpreadHouse, rows
from tests.pipelines.query.house import STEPS as ONE
from tests.pipelines.query.house import Seen

ALONE = "How many tickets are there by topic?"
TOGETHER = "What is the total amount of orders by country?"


class Asked(SpreadHouse):
    """Asks as somebody does who names neither pipeline nor source."""

    async def ask(self, question: str = "?", **request) -> Seen:
        return await super().ask(question, **{"pipeline": "", "sources": []} | request)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Asked]:
    async with Asked(tmp_path) as made:
        made.catalog.at_hand = planner()
        await made.catalog.warmed()
        yield made


def chosen(seen: Seen) -> list[str]:
    return [one.source for one in seen.one("sources_selected").sources]


async def test_one_source_that_knows_all_is_asked_as_query_does(house: Asked):
    seen = await house.ask(ALONE)
    selected = seen.one("sources_selected")
    assert (seen.one("started").pipeline, selected.pipeline, chosen(seen)) == ("auto", "query", ["support"])
    assert (selected.cause, selected.sources[0].cause) == (
        "support answers it by itself.",
        "It knows of ticket, topic.",
    )
    assert seen.steps == ["classify_sources", *ONE]
    assert sorted(rows(seen, seen.one("table_started").table_id)) == [("broken", 1), ("late", 3)]


async def test_what_takes_several_sources_is_answered_as_federated_does(house: Asked):
    house.plans(world.BY_COUNTRY)
    seen = await house.ask(TOGETHER)
    selected = seen.one("sources_selected")
    assert selected.pipeline == "federated"
    assert set(chosen(seen)) == {"crm", "sales"}
    assert "together" in selected.cause
    assert [step for step in seen.steps if step in SEVERAL] == SEVERAL
    assert seen.end.outcome == events.OUTCOME_ANSWERED


async def test_the_steps_ahead_are_told_once_they_are_known_and_progress_never_falls(house: Asked):
    seen = await house.ask(ALONE)
    sure = [info.step for info in seen.one("started").steps if not info.conditional]
    assert sure == ["classify_sources"]
    assert [info.step for info in seen.one("sources_selected").steps if not info.conditional] == ONE
    progress = [event.progress for event in seen.events]
    assert progress == sorted(progress)
    began = {event.step: event.progress for event in seen.events if event.WhichOneof("payload") == "step_started"}
    assert began["execute_sql"] == pytest.approx(0.6)


async def test_a_named_source_is_asked_as_query_does_and_parameters_say_whose_they_are(house: Asked):
    assert (await house.ask(ALONE, sources=["support"])).one("started").pipeline == "query"
    given = await house.ask("?", query=QueryParameters(query="SELECT name FROM customers"))
    assert given.one("started").pipeline == "query"


async def test_among_several_named_sources_those_are_chosen_that_it_needs(house: Asked):
    seen = await house.ask(ALONE, sources=["crm", "support"])
    assert (seen.one("started").pipeline, chosen(seen)) == ("auto", ["support"])


async def test_a_value_in_the_data_speaks_for_its_source(house: Asked):
    assert chosen(await house.ask("What do we know about Cleo?")) == ["crm"]


async def test_a_greeting_is_answered_and_asks_nobody(house: Asked):
    seen = await house.ask("Hello!")
    assert seen.end.outcome == events.OUTCOME_REPLIED
    assert "No source knows a word of it" in seen.one("sources_selected").cause


async def test_what_follows_goes_to_the_source_that_the_conversation_is_about(house: Asked):
    await house.ask(ALONE, conversation_id="c")
    assert chosen(await house.ask("Only the first one", conversation_id="c")) == ["support"]


async def test_what_follows_is_fetched_from_where_it_is_kept(house: Asked):
    await house.ask(ALONE, conversation_id="c")
    seen = await house.ask("And by customer?", conversation_id="c")
    assert sorted(chosen(seen)) == ["crm", "support"]
    assert sorted(rows(seen)) == [("Ada", 1), ("Cleo", 2), ("Dai", 1)]


async def test_a_source_that_is_down_is_said_and_the_others_are_asked(house: Asked):
    (house.folder / "sales.duckdb").unlink()
    house.catalog._sources["sales"].forget()  # type: ignore[attr-defined]
    seen = await house.ask(ALONE)
    assert chosen(seen) == ["support"]
    assert any("sales can't be looked at" in one.message for one in seen.all("step_progressed") if one.lasting)
    assert seen.end.outcome == events.OUTCOME_ANSWERED


async def test_a_language_model_chooses_where_there_is_one(house: Asked):
    house.speaks(
        Answer(value={"sources": [{"name": "crm", "cause": "People live there."}]}, key="federated/classify_sources"),
        Answer(value={"cause": "c", "intent": "greeting", "question": "?"}, key="answering/classify"),
    )
    seen = await house.ask(ALONE)
    assert [(one.source, one.cause) for one in seen.one("sources_selected").sources] == [("crm", "People live there.")]


async def test_a_fork_goes_the_way_that_was_chosen(house: Asked):
    first = await house.ask(ALONE)
    fork, _ = await house.engine.fork(LOCAL, ForkRunRequest(run_id=first.events[0].run_id, step="classify_intent"))
    seen = await house.watch(fork.run_id)
    assert list(seen.one("started").kept_steps) == ["classify_sources", "classify_intent"]
    assert seen.end.outcome == events.OUTCOME_ANSWERED


async def test_what_a_question_needs_is_told_without_a_run(house: Asked):
    told = await classify(house.catalog, LOCAL, ClassifyRequest(question=TOGETHER))
    assert (told.pipeline, {one.source for one in told.sources}) == ("federated", {"crm", "sales"})
    assert {schema.source: (list(schema.tables), schema.tables_total) for schema in told.schemas} == {
        "crm": (["customers"], 1),
        "sales": (["orders"], 1),
    }
    named = await classify(house.catalog, LOCAL, ClassifyRequest(question="Tickets of Cleo?", sources=["crm"]))
    assert (named.pipeline, named.sources[0].cause) == ("query", "It was asked for.")
    assert [(value.words, value.value) for value in named.schemas[0].linked_values] == [("Cleo", "Cleo")]
    with pytest.raises(NotFound, match="nowhere"):
        await classify(house.catalog, LOCAL, ClassifyRequest(question="?", sources=["nowhere"]))


async def test_what_slack_can_not_count_by_itself_is_worked_out_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SLACK_USER_TOKEN", "xoxp-test")
    said = [message(1_767_268_800.0 + number, "U0000001", "Late") for number in range(3)]
    workspace = Workspace(
        "acme", [person("U0000001", "Ada")], [channel("C000HELP", "help", "U0000001")], {"C000HELP": said}
    )
    async with (
        slack_server(workspace) as server,
        Asked(tmp_path, {"talk": f"slack://acme?base_url={server.url}"}) as house,
    ):
        counted = await classify(
            house.catalog, LOCAL, ClassifyRequest(question="How many messages are there by author?")
        )
        assert (counted.pipeline, "work it out by itself" in counted.cause) == ("federated", True)
        listed = await classify(house.catalog, LOCAL, ClassifyRequest(question="Show all messages"))
        assert (listed.pipeline, listed.cause) == ("query", "talk answers it by itself.")

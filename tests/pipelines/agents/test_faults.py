"""What goes wrong is told as it is: one agent's failure stops nobody else, half an answer is never a whole one."""

import asyncio
import sys

import pytest

from core.identity import LOCAL
from core.models.scripted_language import Answer
from core.pipelines.agents import steps
from levada.v1 import event_pb2 as events
from levada.v1.error_reason_pb2 import ErrorReason
from tests.pipelines.agents.cast import asks, invites
from tests.pipelines.agents.conftest import Harbour
from tests.pipelines.query.house import Seen, kind
from tests.servers import until

BROKEN = Answer(text="Half of", fails="unavailable")


def completed(seen: Seen, agent: str) -> events.AgentCompleted:
    found = [one for one in seen.all("agent_completed") if one.agent == agent]
    assert len(found) == 1
    return found[0]


def reason(seen: Seen) -> str:
    return ErrorReason.Name(seen.end.reason).removeprefix("ERROR_REASON_")


async def test_an_agent_that_fails_is_told_and_the_others_go_on(bare: Harbour):
    cast = bare.cast(
        team=[invites("advisor", "critic", "strategist")],
        contribution__critic=[BROKEN],
        contribution__strategist=["- Do it."],
        team_answer=["Do it."],
    )
    seen = await bare.ask()
    failed = completed(seen, "critic")
    assert (failed.partial, failed.text) == (True, "Half of")
    assert [event.step for event in seen.events if kind(event) == "step_failed"] == [
        "contribute/critic/think",
        "contribute/critic",
    ]
    assert not any(one.will_retry for one in seen.all("step_failed"))
    assert any("Critic could not contribute" in one.message for one in seen.all("step_progressed") if one.lasting)
    assert seen.end.outcome == events.OUTCOME_REPLIED
    assert "could not contribute" in cast.asked["team_answer/advisor"][0].system
    answer = seen.text(events.CHANNEL_ANSWER)
    assert answer == "Do it.\n\n- *Missing here is what the Critic would have added.* The model is gone."


async def test_an_answer_that_breaks_off_fails_the_run_and_is_told_as_partial(bare: Harbour):
    bare.cast(team=[invites("advisor", "critic")], contribution=["- A point."], team_answer=[BROKEN])
    seen = await bare.ask()
    assert (kind(seen.events[-1]), reason(seen)) == ("failed", "MODEL_UNAVAILABLE")
    last = completed(seen, "advisor")
    assert (last.partial, last.text) == (True, "Half of")
    assert seen.text(events.CHANNEL_ANSWER) == "Half of"


async def test_an_answer_that_was_never_begun_is_put_together_from_what_there_is(house: Harbour):
    house.cast(
        team=[invites("advisor", "critic")], passages=["Long ships pay more [d1]."], contribution=["- A point [d1]."]
    )
    seen = await house.ask("What do long ships pay?")
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    answer = seen.text(events.CHANNEL_ANSWER)
    assert answer.startswith("- A point [d1].")
    assert "- [d1] handbook.md, line 5" in answer
    assert "no language model took part" in answer
    assert not completed(seen, "advisor").partial


async def test_documents_that_take_too_long_are_gone_on_without(house: Harbour, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys.modules["core.pipelines.agents.retrieve"], "SECONDS", 2.0)
    cast = house.cast(team=[invites("advisor")], passages=["Long ships pay more."], team_answer=["It depends [d1]."])
    cast.held["passages/librarian"] = asyncio.Event()
    seen = await house.ask("What do long ships pay?")
    assert cast.left == ["passages/librarian"]
    read = completed(seen, "librarian")
    assert read.partial
    assert any("took longer than 2 seconds" in one.message for one in seen.all("step_progressed") if one.lasting)
    # What was found is there all the same.
    assert read.citations[0].startswith("[d1] handbook.md, line 5")
    assert seen.end.outcome == events.OUTCOME_ANSWERED


async def test_an_agent_whose_time_is_up_keeps_what_it_said(bare: Harbour, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(steps, "AGENT_SECONDS", 2.0)
    cast = bare.cast(team=[invites("advisor", "critic")], contribution=["One two."], team_answer=["Well."])
    cast.held["contribution/critic"] = asyncio.Event()
    seen = await bare.ask()
    cut = completed(seen, "critic")
    assert (cut.partial, cut.text) == (True, "One")
    assert seen.end.outcome == events.OUTCOME_REPLIED


async def test_what_an_agent_asks_that_fails_is_told_to_it_and_it_asks_otherwise(bare: Harbour):
    cast = bare.cast(
        team=[invites("advisor", "analyst")],
        contribution=[asks("query", "How many unicorns?"), asks("query", "How many ships are there?"), "- Four ships."],
        team_answer=["Four."],
    )
    seen = await bare.ask()
    told = cast.asked["contribution/analyst"][1].messages[-1]
    assert (told.role, told.text.startswith("Error: ")) == ("tool", True)
    assert "unicorns" in told.text
    assert "[analyst-2.q1]" in cast.asked["contribution/analyst"][2].messages[-1].text
    assert completed(seen, "analyst").text == "- Four ships."


async def test_an_agent_that_only_ever_asks_has_to_speak_in_the_end(bare: Harbour):
    cast = bare.cast(
        team=[invites("advisor", "analyst")],
        contribution=[*(asks("query", f"How many ships are longer than {n}?") for n in (1, 2, 3)), "- Done."],
        team_answer=["Done."],
    )
    seen = await bare.ask()
    assert completed(seen, "analyst").text == "- Done."
    last = cast.asked["contribution/analyst"][-1]
    assert not last.tools
    assert "no more calls" in last.messages[-1].text


async def test_a_figure_or_a_source_that_is_not_there_is_told_beside_the_answer(house: Harbour):
    house.cast(
        team=[invites("advisor")], passages=["Long ships pay 12 percent more [d1]."], team_answer=["It is 77 [d9]."]
    )
    seen = await house.ask("What do long ships pay?")
    checks = {one.name: one for event in seen.all("quality_checked", "synthesize") for one in event.checks}
    assert not checks["figures_found"].passed
    assert "77" in checks["figures_found"].message
    assert not checks["citations_exist"].passed
    assert "d9" in checks["citations_exist"].message


async def test_the_librarian_says_nothing_that_the_documents_do_not_hold(house: Harbour):
    house.cast(
        team=[invites("advisor")],
        passages=["Long ships pay 12 percent more [d1, d8]. Short ones pay 99 percent [d1]."],
        team_answer=["More."],
    )
    seen = await house.ask("What do long ships pay?")
    read = completed(seen, "librarian").text
    assert read.startswith("Long ships pay 12 percent more [d1].")
    assert "99" not in read
    assert "left out" in read


async def test_cancelling_reaches_agents_at_work_side_by_side(bare: Harbour):
    cast = bare.cast(team=[invites("advisor", "critic", "strategist")], contribution=["One two."] * 2)
    names = ["contribution/critic", "contribution/strategist"]
    cast.held = {name: asyncio.Event() for name in names}
    run_id = await bare.create()
    for name in names:
        await cast.begun[name].wait()
    await bare.engine.cancel(LOCAL, run_id, "enough")
    seen = await bare.watch(run_id)
    assert kind(seen.events[-1]) == "cancelled"
    await until(lambda: sorted(cast.left) == names)


async def test_a_model_that_writes_nothing_is_no_answer(bare: Harbour):
    bare.cast(team=[invites("advisor", "critic")], contribution=["", "- A point."], team_answer=["", ""])
    empty = await bare.ask()
    assert completed(empty, "critic").partial
    assert (reason(empty), "wrote nothing" in empty.end.message) == ("MODEL_OUTPUT_INVALID", True)
    bare.catalog.at_hand.lines["team"] = [invites("advisor", "critic")]
    seen = await bare.ask()
    assert seen.text(events.CHANNEL_ANSWER).startswith("- A point.")


async def test_a_model_that_is_gone_is_told_when_there_is_nothing_else(bare: Harbour):
    bare.cast(team=[invites("advisor")])
    seen = await bare.ask()
    assert (kind(seen.events[-1]), reason(seen)) == ("failed", "MODEL_UNAVAILABLE")


async def test_who_answers_looks_things_up_first_when_nobody_else_can(bare: Harbour):
    bare.cast(contribution=["- A point."] * 2, team_answer=["So."], team=[invites("advisor", "critic")])
    seen = await bare.ask(primary_agent="analyst", supporting_agents=["critic"])
    assert {one.agent for one in seen.all("agent_started") if one.role == "supporting"} == {"analyst", "critic"}
    assert {one.agent for one in seen.all("agent_started") if one.role == "primary"} == {"analyst"}

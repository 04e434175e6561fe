"""A message answered by a team: who is told to work, in which order, with what marks of progress."""

import asyncio
from contextlib import aclosing

import pytest

from core.identity import LOCAL, Principal
from core.models.conduct import Conducted
from core.settings import ModelSettings
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Event
from tests.pipelines.agents.cast import Cast, asks, invites
from tests.pipelines.agents.conftest import Harbour
from tests.pipelines.query.house import Seen, kind

FOUR = ("analyst", "investigator", "strategist", "critic")
READ = "Ships longer than 150 metres pay a surcharge of 12 percent [d1]."
ANSWER = "Long ships pay 12 percent more [d1]. Nobody knows why."


def played(house: Harbour, *supporting: str, **more) -> Cast:
    lines = {"team": [invites("advisor", *supporting)], "passages": [READ], "team_answer": [ANSWER]}
    return house.cast(**{**lines, "contribution": [f"- Point {name}." for name in "abcd"], **more})


def agents(seen: Seen, name: str) -> list[str]:
    return [one.agent for one in seen.all(name)]


async def test_a_team_is_chosen_reads_contributes_and_answers(house: Harbour):
    played(house, *FOUR[1:])
    seen = await house.ask("What do long ships pay?")
    assert [step for step in seen.steps if "/" not in step] == ["coordinate", "retrieve", "contribute", "synthesize"]
    assert {one.agent: one.role for one in seen.all("agent_started")} == {
        "coordinator": "coordinator",
        "librarian": "retrieval",
        **dict.fromkeys(FOUR[1:], "supporting"),
        "advisor": "primary",
    }
    assert sorted(agents(seen, "agent_completed")) == sorted(agents(seen, "agent_started"))
    assert seen.text(events.CHANNEL_ANSWER).startswith(ANSWER)
    assert seen.end.outcome == events.OUTCOME_ANSWERED
    assert seen.end.summary == "Long ships pay 12 percent more. Nobody knows why."


async def test_progress_passes_the_marks_that_are_promised(house: Harbour):
    played(house, *FOUR)
    seen = await house.ask()
    began = {event.step: event.progress for event in seen.events if kind(event) == "step_started"}
    ended = {event.step: event.progress for event in seen.events if kind(event) == "step_completed"}
    marks = [began["coordinate"], began["retrieve"], began["contribute"], ended["contribute"], began["synthesize"]]
    assert [*marks, ended["synthesize"], seen.events[-1].progress] == pytest.approx(
        [0.1, 0.2, 0.3, 0.7, 0.8, 0.95, 1.0]
    )
    told = [event.progress for event in seen.events if event.step == "contribute" and kind(event) == "step_progressed"]
    assert told == pytest.approx([0.4, 0.5, 0.6, 0.7])


async def test_supporting_agents_are_at_work_at_the_same_time(bare: Harbour):
    """Each of four waits until all have begun: one after the other they would wait for ever."""
    cast = played(bare, *FOUR)
    cast.together = asyncio.Barrier(4)
    seen = await bare.ask()
    assert seen.end.outcome == events.OUTCOME_REPLIED
    assert set(seen.steps) >= {f"contribute/{name}/think" for name in FOUR}


async def test_contributions_stream_side_by_side_each_in_its_own_step(bare: Harbour):
    cast = played(
        bare, "critic", "strategist", contribution__critic=["One two."], contribution__strategist=["Three four."]
    )
    for name in ("contribution/critic", "contribution/strategist"):
        cast.held[name] = asyncio.Event()
    run_id = await bare.create()
    await cast.begun["contribution/critic"].wait()
    await cast.begun["contribution/strategist"].wait()
    for held in cast.held.values():
        held.set()
    seen = await bare.watch(run_id)
    said = {event.step: event.text_completed.text for event in seen.events if kind(event) == "text_completed"}
    assert said["contribute/critic/think"] == "One two."
    assert said["contribute/strategist/think"] == "Three four."


async def test_the_answer_is_told_as_it_is_written(bare: Harbour):
    """The model is held after its first word, and that word is with the reader."""
    cast = played(bare, "critic")
    cast.held["team_answer/advisor"] = asyncio.Event()
    run_id = await bare.create()
    seen: list[Event] = []
    async with asyncio.timeout(30), aclosing(bare.engine.watch(LOCAL, run_id, 0)) as batches:
        async for batch in batches:
            seen += map(Event.FromString, batch)
            if any(event.text_delta.channel == events.CHANNEL_ANSWER for event in seen):
                break
    assert Seen(seen).text(events.CHANNEL_ANSWER) == "Long"
    cast.held["team_answer/advisor"].set()
    assert (await bare.watch(run_id)).text(events.CHANNEL_ANSWER) == ANSWER


async def test_who_asked_whom_is_told_with_what_it_took(house: Harbour):
    cast = played(house, "critic", "analyst", contribution__analyst=[asks("query", "How many ships?"), "- Four ships."])
    house.catalog.at_hand = Conducted(cast, ModelSettings(retries=0))
    seen = await house.ask("What do long ships pay?")
    told = {(one.from_agent, one.to_agent): one for one in seen.all("agent_interaction")}
    assert set(told) == {
        ("advisor", "librarian"),
        ("advisor", "critic"),
        ("advisor", "analyst"),
        ("analyst", "query"),
    }
    critic = told["advisor", "critic"]
    assert (critic.query, critic.response) == ("What do long ships pay?", "- Point a.")
    assert (critic.input_tokens, critic.output_tokens) == (10, 5)
    assert list(critic.metadata["prompts"]) == ["agents/contribution@1/critic"]
    assert told["analyst", "query"].query == "How many ships?"


async def test_what_agents_were_told_is_only_for_those_who_may_see_prompts(bare: Harbour):
    played(bare, "critic")
    other = Principal("acme", "ann")
    run_id = await bare.create("?", other)
    seen = await bare.watch(run_id, caller=other)
    assert [dict(one.metadata) for one in seen.all("agent_interaction")] == [{}]


async def test_more_than_two_hundred_words_are_cut_and_told_as_partial(bare: Harbour):
    cast = played(bare, "critic", contribution=["word " * 400])
    seen = await bare.ask()
    done = next(one for one in seen.all("agent_completed") if one.agent == "critic")
    assert done.partial
    assert len(done.text.split()) == 201
    assert cast.left == ["contribution/critic"]
    assert seen.end.outcome == events.OUTCOME_REPLIED

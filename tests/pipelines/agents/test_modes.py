"""How agents work together, as the caller chose: what each is shown of the others, and in which order."""

import asyncio

from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import AgentsMode
from tests.pipelines.agents.cast import Cast, invites
from tests.pipelines.agents.conftest import Harbour

SEQUENTIAL, PARALLEL = AgentsMode.AGENTS_MODE_SEQUENTIAL, AgentsMode.AGENTS_MODE_PARALLEL
COLLABORATIVE, DEBATE = AgentsMode.AGENTS_MODE_COLLABORATIVE, AgentsMode.AGENTS_MODE_DEBATE


def played(house: Harbour, **more) -> Cast:
    return house.cast(
        team=[invites("advisor", "critic", "strategist")],
        passages=["Long ships pay more [d1]."],
        contribution__critic=["- Weak point.", "- I agree."],
        contribution__strategist=["- Next step.", "- I do not."],
        team_answer=["So be it."],
        **more,
    )


def shown(cast: Cast, name: str, number: int = 0) -> str:
    return cast.asked[f"contribution/{name}"][number].messages[0].text


async def test_collaborating_agents_know_what_was_read_and_not_each_other(house: Harbour):
    cast = played(house)
    await house.ask("What do long ships pay?", mode=COLLABORATIVE)
    for name in ("critic", "strategist"):
        assert "Long ships pay more [d1]." in shown(cast, name)
        assert "<others>" not in shown(cast, name)
    answer = cast.asked["team_answer/advisor"][0].messages[0].text
    assert '"Critic": "- Weak point."' in answer
    assert '"Strategist": "- Next step."' in answer
    assert '"Librarian": "Long ships pay more [d1]."' in answer


async def test_in_turn_each_knows_what_those_before_it_said(house: Harbour):
    cast = played(house)
    cast.held["contribution/critic"] = asyncio.Event()
    run_id = await house.create(mode=SEQUENTIAL)
    await cast.begun["contribution/critic"].wait()
    assert not cast.asked["contribution/strategist"]
    cast.held["contribution/critic"].set()
    await house.watch(run_id)
    assert "<others>" not in shown(cast, "critic")
    assert '<others>\n"Critic": "- Weak point."\n</others>' in shown(cast, "strategist")


async def test_on_their_own_agents_know_the_question_and_nothing_else(house: Harbour):
    cast = played(house)
    await house.ask("What do long ships pay?", mode=PARALLEL)
    for name in ("critic", "strategist"):
        assert "<documents>" not in shown(cast, name)
        assert "<found>" not in shown(cast, name)
        assert "<others>" not in shown(cast, name)
    assert "give each one's points under its title" in cast.asked["team_answer/advisor"][0].system


async def test_in_a_debate_each_answers_the_others_and_then_it_is_decided(house: Harbour):
    cast = played(house)
    seen = await house.ask("What do long ships pay?", mode=DEBATE)
    for name in ("critic", "strategist"):
        assert "<others>" not in shown(cast, name)
        assert '"Critic": "- Weak point."\n"Strategist": "- Next step."' in shown(cast, name, 1)
        assert "The others have spoken" in cast.asked[f"contribution/{name}"][1].system
    assert {step for step in seen.steps if step.count("/") == 1} == {
        "contribute/critic",
        "contribute/critic#2",
        "contribute/strategist",
        "contribute/strategist#2",
    }
    decides = cast.asked["team_answer/advisor"][0]
    assert "where they still disagree" in decides.system
    assert '"- I agree."' in decides.messages[0].text
    told = [event.progress for event in seen.events if event.step == "contribute"]
    assert max(told) == 0.7


async def test_nobody_debates_alone(bare: Harbour):
    bare.cast(team=[invites("advisor", "critic")], contribution=["- A point."], team_answer=["So be it."])
    seen = await bare.ask(mode=DEBATE)
    assert "contribute/critic#2" not in seen.steps
    assert any("nobody to debate with" in one.message for one in seen.all("step_progressed") if one.lasting)
    assert seen.end.outcome == events.OUTCOME_REPLIED

"""Who works on a message: the caller's choice, else the model's, else whoever the words speak for."""

from pathlib import Path

import pytest

from core.errors import InvalidRequest, NotFound
from core.pipelines.agents.asking import TOOLS
from core.pipelines.agents.choosing import chosen
from core.pipelines.agents.roles import roles
from core.pipelines.answering.choosing import Choice
from levada.v1 import event_pb2 as events
from tests.pipelines.agents.cast import invites
from tests.pipelines.agents.conftest import Harbour
from tests.pipelines.query.house import Seen

OURS = roles("", TOOLS)


def team(seen: Seen) -> dict[str, str]:
    return {one.agent: one.role for one in seen.all("agent_started") if one.role in ("supporting", "primary")}


async def test_a_caller_chooses_who_answers_and_who_helps(bare: Harbour):
    bare.cast(team=[invites("advisor", "analyst")], contribution=["- A point."] * 2, team_answer=["So."])
    seen = await bare.ask(primary_agent="strategist", supporting_agents=["critic", "advisor"])
    assert team(seen) == {"critic": "supporting", "advisor": "supporting", "strategist": "primary"}


async def test_a_model_chooses_with_a_question_for_each_and_unknown_names_are_left_out(bare: Harbour):
    invited = invites("advisor", "critic", "wizard", question="What do all ships pay?", critic="What is doubtful?")
    cast = bare.cast(team=[invited], contribution=["- A point."], team_answer=["So."])
    seen = await bare.ask("And all?")
    assert team(seen) == {"critic": "supporting", "advisor": "primary"}
    text = cast.asked["contribution/critic"][0].messages[0].text
    assert '<question>\n"What do all ships pay?"' in text
    assert '<you_are_asked>\n"What is doubtful?"' in text
    assert '<message>\n"And all?"' in cast.asked["team_answer/advisor"][0].messages[0].text


async def test_without_the_model_it_is_chosen_by_the_words_and_said(bare: Harbour):
    bare.cast(contribution=["- A point."] * 4, team_answer=["So."])
    seen = await bare.ask("Which risk do ships with long calls pose?")
    assert team(seen)["critic"] in ("supporting", "primary")
    assert any("chosen by the words of the question" in one.message for one in seen.all("step_progressed"))
    told = next(one.text for one in seen.all("agent_completed") if one.agent == "coordinator")
    assert "The question is about risk" in told


def test_words_speak_for_agents_and_sources_for_those_who_ask_them():
    first, helping = chosen("What should we do next to grow?", OURS.specialists, [], None)
    assert first.role.name == "strategist"
    knows = [Choice("shop", "It knows of revenue.")]
    first, helping = chosen("Why did revenue drop?", OURS.specialists, knows, None)
    assert [member.role.name for member in helping][:2] == ["investigator", "analyst"]
    assert helping[0].cause == "The question is about why, drop. shop: It knows of revenue."
    first, helping = chosen("Hello there", OURS.specialists, [], None)
    assert (first.role.name, helping) == ("advisor", [])


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"mode": 9}, "agents.mode"),
        ({"primary_agent": "wizard"}, "agents.primary_agent"),
        ({"primary_agent": "coordinator"}, "agents.primary_agent"),
        ({"supporting_agents": ["critic", "wizard"]}, "agents.supporting_agents[1]"),
        ({"supporting_agents": ["critic", "critic"]}, "agents.supporting_agents[1]"),
        ({"supporting_agents": ["critic"], "primary_agent": "critic"}, "agents.supporting_agents[0]"),
        ({"supporting_agents": [role.name for role in OURS.specialists] * 2}, "agents.supporting_agents"),
    ],
)
async def test_what_can_not_be_served_is_refused_by_the_field(bare: Harbour, asked: dict, field: str):
    with pytest.raises(InvalidRequest) as refused:
        await bare.create(**asked)
    assert field in refused.value.violations


async def test_a_source_that_is_not_there_is_refused(bare: Harbour):
    with pytest.raises(NotFound, match="nowhere"):
        await bare.create(sources=["nowhere"])


async def test_with_no_source_and_no_model_nothing_can_be_answered(tmp_path: Path):
    house = Harbour(tmp_path)
    house.settings = house.settings.model_copy(update={"sample": False})
    async with house:
        with pytest.raises(InvalidRequest, match="LEVADA_MODEL"):
            await house.create()


async def test_a_file_changes_agents_and_adds_others(bare: Harbour, tmp_path: Path):
    path = tmp_path / "agents.toml"
    path.write_text(
        '[critic]\ntitle = "Devil\'s advocate"\n[strategist]\nenabled = false\n'
        '[pilot]\ntitle = "Pilot"\ndescription = "Knows the harbour."\nprompt = "You are a pilot."\n'
    )
    bare.catalog.agents = str(path)
    cast = bare.cast(team=[invites("pilot", "critic")], contribution=["- A point."], team_answer=["So."])
    seen = await bare.ask()
    assert team(seen) == {"critic": "supporting", "pilot": "primary"}
    assert cast.asked["team_answer/pilot"][0].system.startswith("You are a pilot.")
    with pytest.raises(InvalidRequest, match="no agent “strategist”"):
        await bare.create(primary_agent="strategist")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[critic", "Expected"),
        ("x = 1", "“x” is no table"),
        ("[Critic]\n", "name"),
        ('[pilot]\ntitle = "P"\ndescription = ""\n', "prompt"),
        ("[critic]\nsecret = 1\n", "secret"),
        ('[critic]\ntools = ["shell"]\n', "the tool “shell”"),
        ('[critic]\npart = "coordinator"\n', "both have the part"),
        ("[coordinator]\nenabled = false\n", "no coordinator"),
    ],
)
async def test_a_file_that_can_not_be_used_is_refused_with_what_is_wrong(
    bare: Harbour, tmp_path: Path, text: str, said: str
):
    path = tmp_path / "agents.toml"
    path.write_text(text)
    bare.catalog.agents = str(path)
    with pytest.raises(InvalidRequest, match="LEVADA_AGENTS") as refused:
        await bare.create()
    assert said in refused.value.message


async def test_a_file_that_is_not_there_is_told_without_where(bare: Harbour, tmp_path: Path):
    bare.catalog.agents = str(tmp_path / "nowhere.toml")
    with pytest.raises(InvalidRequest, match="No such file") as refused:
        await bare.create()
    assert str(tmp_path) not in refused.value.message


async def test_each_agent_speaks_with_the_model_of_its_role(bare: Harbour):
    bare.cast(team=[invites("advisor", "strategist")], team_answer=["So."])
    strong = bare.cast(contribution=["- A strong point."])
    bare.catalog.at_hand = bare.cast(team=[invites("advisor", "strategist")], team_answer=["So."])
    bare.catalog.in_role["strong"] = strong
    seen = await bare.ask()
    assert [prompt.key for prompt in strong.asked["contribution/strategist"]]
    assert seen.end.outcome == events.OUTCOME_REPLIED

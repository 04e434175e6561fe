"""coordinate: who works on a message, the caller's choice, else a model's, else by rule, and what each is asked."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from pydantic import BaseModel, Field

from core.errors import ModelError, ModelOutputInvalid
from core.models import calls
from core.models.base import Turn
from core.models.language import LanguageModel, Prompt
from core.models.structured import fill
from core.pipeline import Run, Step, step
from core.pipelines.agents import choosing
from core.pipelines.agents.asking import TOOLS, data_sources
from core.pipelines.agents.prompting import MESSAGE, prompt, turns
from core.pipelines.agents.results import Member, Said, Team
from core.pipelines.agents.roles import Role, Roles, roles
from core.pipelines.agents.speaking import Telling, model_of
from core.pipelines.agents.steps import COORDINATE
from core.pipelines.answering.choosing import Choice, choose
from core.pipelines.answering.passages import knowledge_sources
from core.prompts import Ours, quoted

TURNS = 3
MOST_SUPPORTING = 4
NOTHING_TO_READ = "There are no documents here to read; `levada knowledge add` adds some."


class Invited(BaseModel):
    """Somebody who contributes."""

    name: str
    cause: str = ""
    ask: str = ""


class Invitation(BaseModel):
    """Who works on it, as a model writes it."""

    question: str
    primary: str
    supporting: list[Invited] = Field(default=[])


@step(COORDINATE)
async def coordinate(step: Step) -> Team:
    """Choose the team and say why."""
    step.progress(COORDINATE.doing)
    run = step.run
    there = roles(run.services.agents, TOOLS)
    telling_ = Telling(step, there.coordinator, "coordinator")
    said = Said(agent=there.coordinator.name, title=there.coordinator.title)
    team = await _team(step, there)
    said.text = _told(team)
    telling_.completed(said)
    step.summary(said.text)
    return team


async def _team(step: Step, there: Roles) -> Team:
    run, conversation = step.run, step.run.request.conversation_id
    turns = list(await run.services.history(run.owner, conversation, TURNS)) if conversation else []
    model = model_of(run, there.coordinator)
    invitation = None if model is None else await _invited(step, model, there, turns)
    question = invitation.question.strip() if invitation else ""
    team = await _chosen(run, there, question or run.request.question, invitation)
    unread = "" if there.retrieval and knowledge_sources(run) else NOTHING_TO_READ
    return team.model_copy(update={"turns": turns, "retrieval": there.retrieval, "unread": unread})


async def _chosen(run: Run, there: Roles, question: str, invitation: Invitation | None) -> Team:
    """Return the team: what the caller named, else who is invited, else whoever the words speak for."""
    wanted = run.request.agents
    named = there.named(wanted.primary_agent)
    first, supporting = await _by_rule(run, there, question, named)
    if invitation is not None:
        invited = _member(there, Invited(name=invitation.primary), question, "It suits the question.")
        first = first if named else invited or first
        supporting = _members(there, invitation.supporting, question)[:MOST_SUPPORTING]
    if wanted.supporting_agents:
        asks = {member.role.name: member.ask for member in supporting}
        chosen = [Invited(name=name, ask=asks.get(name, "")) for name in wanted.supporting_agents]
        supporting = _members(there, chosen, question, choosing.ASKED_FOR)
    supporting = [member for member in supporting if member.role.name != first.role.name]
    if not any(choosing.asks_data(member.role) for member in supporting) and choosing.asks_data(first.role):
        # Nobody else can look anything up, so whoever answers does so first.
        supporting.insert(0, first)
    return Team(question=question, primary=first, supporting=supporting)


async def _by_rule(run: Run, there: Roles, question: str, primary: Role | None) -> tuple[Member, list[Member]]:
    """Return who answers and who supports it by the words; without a language model one who asks data."""
    if any(model_of(run, role) is not None for role in there.specialists):
        return choosing.chosen(question, there.specialists, await _known(run, question), primary)
    talking = next((role for role in there.specialists if not choosing.asks_data(role)), there.specialists[0])
    looking = [role for role in there.specialists if choosing.asks_data(role)][: 1 if data_sources(run) else 0]
    cause = choosing.ASKED_FOR if primary else "No language model is configured, so what is found is put together."
    first = Member(role=primary or talking, cause=cause, ask=question)
    return first, [Member(role=role, cause="It asks the data.", ask=question) for role in looking]


async def _known(run: Run, question: str) -> list[Choice]:
    """Return the sources of data that know something of *question*, best first."""
    names = data_sources(run)
    if not names:
        return []
    schemas = await run.services.schemas(run.owner, names)
    lookups = {name: run.services.lookup(run.owner, name) for name in schemas.schemas}
    found = await asyncio.to_thread(choose, question, schemas, lookups)
    return [choice for choice in found if choice.certain]


def _member(there: Roles, one: Invited, question: str, cause: str) -> Member | None:
    role = there.named(one.name.strip())
    return Member(role=role, cause=one.cause.strip() or cause, ask=one.ask.strip() or question) if role else None


def _members(there: Roles, invited: Sequence[Invited], question: str, cause: str = "It was invited.") -> list[Member]:
    found = {one.name.strip(): _member(there, one, question, cause) for one in invited}
    return [member for member in found.values() if member is not None]


async def _invited(step: Step, model: LanguageModel, there: Roles, before: Sequence[Turn]) -> Invitation | None:
    """Have *model* choose; None when it can't be asked, and then it is done by rule."""
    try:
        invitation = await _filled(model, _prompt(step.run, model, there, before))
    except ModelError as error:
        calls.listener().told(f"{error.message} Meanwhile who answers is chosen by the words of the question.")
        return None
    return invitation


async def _filled(model: LanguageModel, asked: Prompt) -> Invitation:
    async with aclosing(fill(model, asked, Invitation)) as stream:
        async for piece in stream:
            if isinstance(piece, Invitation):
                return piece
    raise ModelOutputInvalid


def _prompt(run: Run, model: LanguageModel, there: Roles, before: Sequence[Turn]) -> Prompt:
    sources = run.services.sources(run.owner)
    return prompt(
        model,
        "team",
        there.coordinator,
        {"turns": turns(before)},
        agents=[Ours(_line(role)) for role in there.specialists],
        sources=[Ours(f"{quoted(name)}: {quoted(sources[name].description)}") for name in data_sources(run)],
        message=quoted(run.request.question, MESSAGE),
    )


def _line(role: Role) -> str:
    tools = f" Tools: {', '.join(role.tools)}." if role.tools else " No tools."
    return f"{role.name} ({role.title}): {role.description}{tools}"


def _told(team: Team) -> str:
    names = [f"{member.role.title} ({member.cause.rstrip('.')})" for member in team.supporting]
    with_ = f", with {'; '.join(names)}" if names else ""
    return f"{team.primary.role.title} answers ({team.primary.cause.rstrip('.')}){with_}."

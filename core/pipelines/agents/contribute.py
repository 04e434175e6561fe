"""contribute: the specialists speak, as the mode says: at once, in turn, on their own, or in two rounds."""

import asyncio
from collections.abc import Sequence
from functools import partial

from core.errors import LevadaError, StoreError
from core.pipeline import Step, one_of, step
from core.pipelines.agents.results import Contributions, Member, Said, Team
from core.pipelines.agents.specialist import Brief, speak
from core.pipelines.agents.steps import CONTRIBUTE, CONTRIBUTED, agent_step
from levada.v1.run_pb2 import AgentsMode


@step(CONTRIBUTE)
async def contribute(step: Step, team: Team, read: Said | None) -> Contributions:
    """Have the specialists contribute; one that fails stops none of the others."""
    asked = _Asking(step, team, read)
    match step.run.request.agents.mode:
        case AgentsMode.AGENTS_MODE_SEQUENTIAL:
            said = await asked.in_turn()
        case AgentsMode.AGENTS_MODE_PARALLEL:
            said = await asked.on_their_own()
        case AgentsMode.AGENTS_MODE_DEBATE:
            said = await asked.debate()
        case _:
            said = await asked.at_once()
    failed = [one.title for one in said if one.problem]
    step.summary(
        f"{len(said) - len(failed)} of {len(said)} contributed" + (f"; not {', '.join(failed)}" if failed else "")
    )
    return Contributions(said=said)


class _Asking:
    """Asks the supporting agents, and tells how many have spoken."""

    def __init__(self, step: Step, team: Team, read: Said | None) -> None:
        self._step, self._team, self._read = step, team, read
        self._due, self._done = len(team.supporting), 0

    async def at_once(self) -> list[Said]:
        """Ask all; each knows what was read."""
        return await self._all(partial(Brief, self._team, self._read))

    async def on_their_own(self) -> list[Said]:
        """Ask all; each knows the question and nothing else."""
        return await self._all(partial(Brief, self._team))

    async def in_turn(self) -> list[Said]:
        """Ask one after the other; each knows what those before it said."""
        said: list[Said] = []
        for member in self._team.supporting:
            before = [one for one in said if not one.problem]
            said.append(await self._one(member, Brief(self._team, self._read, before)))
        return said

    async def debate(self) -> list[Said]:
        """Ask all for their position, then each what it says to the others'."""
        self._due *= 2
        first = await self.at_once()
        spoke = [one for one in first if not one.problem]
        if len(spoke) < 2:
            self._step.progress("There is nobody to debate with: fewer than two have a position.", lasting=True)
            return first
        members = [member for member in self._team.supporting if member.role.name in {one.agent for one in spoke}]
        async with asyncio.TaskGroup() as group:
            second = [group.create_task(self._one(member, self._answering(member, spoke))) for member in members]
        return [*first, *(one.result() for one in second)]

    def _answering(self, member: Member, spoke: Sequence[Said]) -> Brief:
        return Brief(self._team, self._read, spoke, debating=True)

    async def _all(self, brief: "partial[Brief]") -> list[Said]:
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(self._one(member, brief())) for member in self._team.supporting]
        return [one.result() for one in asked]

    async def _one(self, member: Member, brief: Brief) -> Said:
        """Have one speak, for as long as it may."""
        role = member.role
        try:
            said = await self._step.run.step(one_of(speak, agent_step(role)), member, brief)
        except StoreError:
            raise
        except LevadaError as error:
            said = Said(agent=role.name, title=role.title, text="".join(brief.aloud), problem=error.message)
        self._done += 1
        message = f"{role.title} could not contribute: {said.problem}" if said.problem else f"{role.title} has spoken."
        self._step.progress(message, CONTRIBUTED * self._done / self._due, lasting=bool(said.problem))
        return said

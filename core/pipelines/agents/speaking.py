"""How agents speak: which model speaks for one, what it took, and what is told of it."""

import time
from collections.abc import Iterable, Mapping

from core.identity import sees_prompts
from core.models import calls
from core.models.language import LanguageModel
from core.pipeline import Run, Step
from core.pipelines.agents.results import Evidence, Said
from core.pipelines.agents.roles import Role
from levada.v1.event_pb2 import AgentCompleted, AgentInteraction, AgentStarted


def model_of(run: Run, role: Role) -> LanguageModel | None:
    """Return the language model that speaks for *role*, as the caller or the settings say; None without one."""
    chosen = run.request.options.models
    found = run.services.model(chosen.get(role.model) or chosen.get("default", ""), role.model)
    return found if isinstance(found, LanguageModel) else None


class Heard:
    """Listens to an agent's calls of its model in place of the step, which hears of them too (calls.Listener)."""

    def __init__(self) -> None:
        self.listener = calls.listener()
        self.scope = self.listener.scope
        self.prompts: list[str] = []
        self.input_tokens = self.output_tokens = 0

    async def allow(self, tokens: int, cost: float | None) -> None:
        await self.listener.allow(tokens, cost)

    def called(self, call: calls.Call) -> None:
        self.prompts.append(call.prompt.key)
        self.input_tokens += call.usage.read
        self.output_tokens += call.usage.written
        self.listener.called(call)

    def left(self) -> float | None:
        return self.listener.left()

    def told(self, message: str, *, lasting: bool = False) -> None:
        self.listener.told(message, lasting=lasting)


class Telling:
    """Tells of an agent at work in *step*: that it began, whom it answered, what it said."""

    def __init__(self, step: Step, role: Role, part: str) -> None:
        self._step, self._role = step, role
        self._began = time.monotonic()
        step.emit(AgentStarted(agent=role.name, role=part))

    def answered(self, by: str, query: str, response: str, heard: Heard, **metadata: str) -> None:
        """Say that the agent answered the agent *by*; *metadata* only to those who may see prompts."""
        told = AgentInteraction(
            from_agent=by,
            to_agent=self._role.name,
            query=query,
            response=response,
            input_tokens=heard.input_tokens,
            output_tokens=heard.output_tokens,
        )
        told.duration.FromMicroseconds(self._microseconds)
        if sees_prompts(self._step.run.owner):
            told.metadata.update({"prompts": heard.prompts, "role": self._role.prompt, **metadata})
        self._step.emit(told)

    def asked(self, whom: str, query: str, response: str, began: float) -> None:
        """Say that the agent asked something of *whom* at the moment *began*."""
        told = AgentInteraction(from_agent=self._role.name, to_agent=whom, query=query, response=response)
        told.duration.FromMicroseconds(int((time.monotonic() - began) * 1e6))
        self._step.emit(told)

    def completed(self, said: Said, citations: Iterable[str] = ()) -> None:
        """Say that the agent ended."""
        told = AgentCompleted(agent=self._role.name, text=said.text, partial=said.partial, citations=citations)
        told.duration.FromMicroseconds(self._microseconds)
        self._step.emit(told)

    @property
    def _microseconds(self) -> int:
        return int((time.monotonic() - self._began) * 1e6)


def by_id(evidence: Iterable[Evidence]) -> Mapping[str, Evidence]:
    return {one.id: one for one in evidence}

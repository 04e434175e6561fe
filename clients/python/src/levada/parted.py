"""What a run tells of its parts: tasks and their rounds, agents and what they contribute, checks, an exercise."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from levada.v1 import event_pb2 as events

_REPEATED = re.compile(r"#\d+$")


@dataclass
class AgentView:
    """An agent on *step*: *said* is what it contributed so far; *ended* is None while it works."""

    name: str
    role: str
    step: str
    said: str = ""
    ended: events.AgentCompleted | None = None


@dataclass
class Parts:
    """Fed events in order with *add*. *tasks* are by id, *agents* and *checks* by the step that told of them."""

    tasks: dict[str, events.TaskPlanned] = field(default_factory=dict)
    findings: dict[str, list[events.Finding]] = field(default_factory=dict)
    rounds: dict[int, events.IterationStarted] = field(default_factory=dict)
    decisions: dict[int, str] = field(default_factory=dict)
    agents: dict[tuple[str, str], AgentView] = field(default_factory=dict)
    interactions: list[events.AgentInteraction] = field(default_factory=list)
    checks: dict[str, events.QualityChecked] = field(default_factory=dict)
    assessment: events.AssessmentEnded | None = None
    _paths: dict[str, str] = field(default_factory=dict)
    _planned_by: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether the run has parts whose steps are theirs, not the run's."""
        return bool(self.tasks or self.agents)

    def add(self, event: events.Event) -> None:
        """Take *event* in."""
        if event.step:
            self._paths[_REPEATED.sub("", event.step.rpartition("/")[2])] = event.step
        kind = event.WhichOneof("payload")
        take: Callable[[events.Event, Any], None] | None = getattr(self, f"_{kind}", None) if kind else None
        if take is not None:
            take(event, getattr(event, str(kind)))

    def void(self, step: str) -> None:
        """Drop what an earlier attempt of *step* said."""
        self.tasks = {key: task for key, task in self.tasks.items() if self._planned_by[key] != step}
        self.agents = {key: agent for key, agent in self.agents.items() if agent.step != step}
        self.findings.pop(step, None)
        self.checks.pop(step, None)

    def path(self, task_id: str) -> str:
        """Return the path of the step that works on a task; empty before it began."""
        path = self._paths.get(task_id, "")
        return path if path.rpartition("/")[2].startswith(task_id) else ""

    def inner(self, step: str) -> bool:
        """Tell whether *step* is done for a task or by an agent, and so is none of the run's own."""
        outer = {self.path(task) for task in self.tasks} | {agent.step for agent in self.agents.values()}
        outer.discard("")
        return any(step.startswith(f"{one}/") for one in outer)

    def found(self, task_id: str) -> list[events.Finding]:
        """Return what was found for a task."""
        path = self.path(task_id)
        within = [found for step, found in self.findings.items() if path and f"{step}/".startswith(f"{path}/")]
        return [finding for found in within for finding in found]

    def _task_planned(self, event: events.Event, it: events.TaskPlanned) -> None:
        self.tasks[it.task_id] = it
        self._planned_by[it.task_id] = event.step

    def _finding(self, event: events.Event, it: events.Finding) -> None:
        self.findings.setdefault(event.step, []).append(it)

    def _iteration_started(self, _: events.Event, it: events.IterationStarted) -> None:
        self.rounds[it.iteration] = it

    def _iteration_completed(self, _: events.Event, it: events.IterationCompleted) -> None:
        self.decisions[it.iteration] = it.decision

    def _agent_started(self, event: events.Event, it: events.AgentStarted) -> None:
        self.agents[event.step, it.agent] = AgentView(it.agent, it.role, event.step)

    def _agent_completed(self, event: events.Event, it: events.AgentCompleted) -> None:
        agent = self.agents.setdefault((event.step, it.agent), AgentView(it.agent, "", event.step))
        agent.ended, agent.said = it, it.text or agent.said

    def _agent_interaction(self, _: events.Event, it: events.AgentInteraction) -> None:
        self.interactions.append(it)

    def _text_delta(self, event: events.Event, it: events.TextDelta) -> None:
        if it.channel == events.CHANNEL_CONTRIBUTION:
            for agent in self._on(event.step):
                agent.said += it.text

    def _text_completed(self, event: events.Event, it: events.TextCompleted) -> None:
        if it.channel == events.CHANNEL_CONTRIBUTION:
            for agent in self._on(event.step):
                agent.said = it.text

    def _on(self, step: str) -> list[AgentView]:
        """Return who works on *step*."""
        return [agent for agent in self.agents.values() if agent.step == step and agent.ended is None]

    def _quality_checked(self, event: events.Event, it: events.QualityChecked) -> None:
        self.checks[event.step] = it

    def _assessment_ended(self, _: events.Event, it: events.AssessmentEnded) -> None:
        self.assessment = it

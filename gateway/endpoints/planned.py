"""What the workflow routes take: a workflow of the caller's own tasks, or an objective whose tasks are found out."""

from typing import Any, Literal

from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct
from pydantic import AliasChoices, Field

from gateway.endpoints.asked import Body
from gateway.problems import Problem, invalid
from levada.v1.run_pb2 import ResearchParameters, ResearchTask, RunOptions, RunRequest

PIPELINE = "research"
# What is nested deeper than this can't be passed on.
NESTED = 20
# Field names of a run's request, as they are called here.
CALLED = (("run.", ""), ("research.", ""), ("options.", "config."), ("task_id", "id"), ("question", "objective"))


class WorkflowConfig(Body):
    """How a workflow is worked on."""

    breadth: int = Field(3, ge=1, le=10, description="Tasks that run at once.")
    depth: int = Field(5, ge=1, le=20, description="Iterations at most.")
    timeout: float = Field(0, ge=0, le=1e6, description="Seconds for the whole; the server's limit when 0.")
    retries: int = Field(0, ge=0, le=3, description="How often a task is tried again that says nothing of it.")


class WorkflowTask(Body):
    """A task, with parts of its own or without."""

    id: str = Field(description="Unique in the workflow.", validation_alias=AliasChoices("id", "task_id"))
    name: str = Field("", description="For people.")
    objective: str = Field(
        "",
        description="What is to be found out; the name when empty.",
        validation_alias=AliasChoices("objective", "description"),
    )
    type: Literal["sequential", "parallel", "hybrid"] = Field("sequential", description="How its parts are worked on.")
    priority: int = Field(0, ge=-(2**31), lt=2**31, description="Higher goes first.")
    depends_on: list[str] = Field([], description="Ids of the tasks whose results it needs.")
    timeout: float | None = Field(
        None, gt=0, le=1e6, description="Seconds.", validation_alias=AliasChoices("timeout", "timeout_seconds")
    )
    retries: int | None = Field(None, ge=0, le=3, validation_alias=AliasChoices("retries", "max_retries"))
    context: dict[str, Any] = Field({}, description="What is known to it beforehand.")
    parts: list["WorkflowTask"] = Field([], validation_alias=AliasChoices("parts", "subtasks"))
    sources: list[str] = Field([], description="Sources that it may ask; those of the workflow when empty.")

    def to_task(self, config: WorkflowConfig, level: int = 1) -> ResearchTask:
        if level > NESTED or deeper(self.context, NESTED):
            raise invalid("tasks", f"The task {self.id[:50]!r} is nested, or holds what is nested, too deep.")
        task = ResearchTask(
            task_id=self.id,
            name=self.name,
            objective=self.objective or self.name,
            kind=f"RESEARCH_TASK_KIND_{self.type.upper()}",
            priority=self.priority,
            depends_on=self.depends_on,
            retries=config.retries if self.retries is None else self.retries,
            context=Struct(),
            parts=[part.to_task(config, level + 1) for part in self.parts],
            sources=self.sources,
        )
        task.context.update(self.context)
        if self.timeout:
            task.timeout.CopyFrom(lasting(self.timeout))
        return task


class Planned(Body):
    """A workflow to be made."""

    name: str = Field("", description="For people; the objective when empty.")
    objective: str = Field("", description="What is to be found out; the name when empty.")
    tasks: list[WorkflowTask] = Field([], description="Found out from the objective when empty.")
    config: WorkflowConfig = Field(default_factory=WorkflowConfig)
    pipeline: str = Field(PIPELINE, description="What works on it.")
    sources: list[str] = Field([], description="Sources that it may ask; all when empty.")
    conversation_id: str = Field("", description="The conversation that it belongs to.")

    def to_run(self, request_id: str) -> RunRequest:
        """Return the run, which is held until it is executed. Nobody is there to answer what it would ask."""
        if not (self.name or self.objective).strip():
            raise invalid("objective", "Say what is to be found out: objective and name are both empty.")
        options = RunOptions(hold=True, interactive=False, breadth=self.config.breadth, depth=self.config.depth)
        if self.config.timeout:
            options.timeout.CopyFrom(lasting(self.config.timeout))
        run = RunRequest(
            pipeline=self.pipeline,
            question=self.objective or self.name,
            sources=self.sources,
            conversation_id=self.conversation_id,
            request_id=request_id,
            options=options,
        )
        if self.pipeline == PIPELINE:
            tasks = [task.to_task(self.config) for task in self.tasks]
            run.research.CopyFrom(ResearchParameters(name=self.name, tasks=tasks))
        elif self.tasks:
            raise invalid("tasks", f"Only the pipeline {PIPELINE!r} takes tasks. Leave one of the two out.")
        return run


def deeper(value: Any, most: int) -> bool:
    """Tell whether objects and lists are nested deeper than *most*."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return most == 0 or any(deeper(each, most - 1) for each in inner if isinstance(each, dict | list))


def lasting(seconds: float) -> Duration:
    duration = Duration()
    duration.FromMilliseconds(max(1, round(seconds * 1_000)))
    return duration


def in_words_of_the_body(problem: Problem) -> Problem:
    """Return *problem* with the fields of a run's request called as they are in a workflow's."""
    named = {}
    for field, text in problem.violations.items():
        own = ours(field)
        named[own] = text.replace(f"run.{field}", own).replace("research.tasks", "tasks")
        problem.detail = problem.detail.replace(text, named[own])
    problem.violations = named
    return problem


def ours(field: str) -> str:
    """Return what a *field* of a run's request is called here."""
    for run_s, own in CALLED:
        field = field.replace(run_s, own)
    return field

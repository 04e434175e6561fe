"""What the steps of `research` hand on to each other: checkpoints, so that a run can go on from any of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from core.models.base import Excerpt
from core.pipeline import Ending
from core.pipelines.answering.passages import Passage
from core.pipelines.answering.results import Finding
from levada.v1 import error_reason_pb2 as reasons


class Kind(StrEnum):
    """How a task's parts are worked on."""

    SEQUENTIAL = "sequential"
    PARALLEL = "parallel"
    HYBRID = "hybrid"


class Look(BaseModel):
    """What a task that the offline planner made looks at: *figure* split *by* something, *of* values, *when*.

    *rows* names the table whose rows the figure counts, where it is looked at for what else happened, and *only* which
    kind of them.
    """

    figure: str
    by: list[str] = []
    of: list[str] = []
    when: str = ""
    rows: str = ""
    only: str = ""


class Task(BaseModel):
    """A task of a workflow; *area* is the heading that it belongs under, *parent* whose part or consequence it is."""

    id: str
    name: str
    objective: str
    kind: Kind = Kind.SEQUENTIAL
    priority: int = 0
    depends_on: list[str] = []
    seconds: float = 300.0
    retries: int = 0
    context: dict[str, Any] = {}
    parts: list["Task"] = []
    sources: list[str] = []
    area: str = ""
    cause: str = ""
    parent: str = ""
    look: Look | None = None


class Plan(BaseModel):
    """The first tasks (plan); *remark* says how the objective was read."""

    name: str
    remark: str = ""
    tasks: list[Task]


class Query(BaseModel):
    """A query that a task made, and what it gave."""

    id: str
    question: str
    source: str
    sql: str = ""
    rows: int = 0
    truncated: str = ""
    findings: list[Finding] = []
    excerpt: Excerpt = Excerpt()


class Found(BaseModel):
    """What a task found: *text* says it, resting on *queries*, and on *passages* by the ids that they are cited by."""

    text: str = ""
    queries: list[Query] = []
    passages: dict[str, Passage] = {}


class Lost(BaseModel):
    """Why a task found nothing: it failed with *reason*, or was *skipped* because what it needs did."""

    message: str
    reason: int = reasons.ERROR_REASON_INTERNAL
    skipped: bool = False


class Iterated(BaseModel):
    """What the tasks of one iteration came to, by their ids."""

    found: dict[str, Found] = {}
    lost: dict[str, Lost] = {}


class Decision(BaseModel):
    """What was decided at an iteration's end (reflect): *tasks* to add, or that the work is *complete*.

    *stopped* says what keeps more from being found out, whatever was found calls for.
    """

    cause: str
    complete: bool = False
    stopped: Lost | None = None
    tasks: list[Task] = []


class Section(BaseModel):
    """A part of the report: *points* are in markdown, each with its citations."""

    heading: str
    tasks: list[str] = []
    points: list[str] = []


class Outline(BaseModel):
    """What the report is to say (synthesize): *conclusion* in a sentence or more, with citations."""

    conclusion: list[str] = []
    sections: list[Section] = []


class Reported(BaseModel):
    """The report's first words, what these rest on, and which queries and passages it cites (report)."""

    summary: str
    rests_on: list[str] = []
    cited: list[str] = []


@dataclass(frozen=True)
class Researched(Ending):
    """How research ended that found something: its *queries* and *passages* that the report cites.

    Those that the summary *rests_on* come first.
    """

    queries: Sequence[Query] = ()
    passages: Mapping[str, Passage] = field(default_factory=dict)
    rests_on: Sequence[str] = ()

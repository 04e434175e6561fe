"""What the steps of `federated` hand on to each other: checkpoints, so that a run can go on from any of them."""

import datetime
from typing import Annotated

from pydantic import BaseModel

from core.models.plans import Plan
from core.pipelines.answering.results import AsJson, LinkedValue
from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as events

Column = Annotated[events.ResultColumn, AsJson()]


class Choice(BaseModel):
    """A chosen source, and why."""

    source: str
    cause: str


class Chosen(BaseModel):
    """Which sources a question needs, best first (classify_sources)."""

    question: str
    today: datetime.date
    choices: list[Choice]


class Looked(BaseModel):
    """What of one source matters to the question; *tables* are in order of relevance."""

    source: str
    tables: list[str]
    linked_values: list[LinkedValue] = []


class Landscape(BaseModel):
    """What is known of the chosen sources (search_schemas). *problems* say which could not be looked at, and why."""

    question: str
    today: datetime.date
    looked: list[Looked]
    problems: list[str] = []

    @property
    def sources(self) -> list[str]:
        return [one.source for one in self.looked]


class Verdict(BaseModel):
    """What is wrong with a plan (validate_plan), each in a sentence; nothing when it may run."""

    problems: list[str] = []


class Mended(BaseModel):
    """What mend_plan made of problems; no *plan* means that nothing helps."""

    plan: Plan | None = None


class Kept(BaseModel):
    """An operation's rows as they are kept in *file* of the run's scratch folder (see operations.scratch).

    *work* names what was asked: an operation of another plan that asks the same takes these rows over.
    *decimals* says of columns of exact decimals how many digits there are, and how many of them after the point.
    *truncated* says why rows are missing.
    """

    work: str = ""
    file: str
    rows: int
    bytes: int
    columns: list[Column]
    decimals: dict[str, tuple[int, int]] = {}
    truncated: str = ""


class Lost(BaseModel):
    """Why an operation has no rows: it failed with *reason*, or was *skipped* because what it needs did."""

    message: str
    reason: int = reasons.ERROR_REASON_INTERNAL
    skipped: bool = False

    @property
    def mendable(self) -> bool:
        """Whether another query might do."""
        return self.reason in (reasons.ERROR_REASON_QUERY_FAILED, reasons.ERROR_REASON_QUERY_REFUSED)


class Executed(BaseModel):
    """What the operations gave, by their ids (execute_operations)."""

    kept: dict[str, Kept] = {}
    lost: dict[str, Lost] = {}

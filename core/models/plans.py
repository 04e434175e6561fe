"""Plans over several sources, as a model writes them: operations that sources run, and one that joins their results."""

import datetime
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

from core.models.base import Lookup, Turn
from levada.v1.catalog_pb2 import Schema

COMBINE = "combine"
OTHERWISE = "otherwise"


class Operation(BaseModel):
    """A part of a plan: *source* runs *params* of its language, once all of *depends_on* are done.

    *kind* is the source's language ("sql", "mongodb", "vector", "slack") or "combine", which has no source. *params* of
    "sql" are {query}, of the others the query document itself, of "combine" {sql}: DuckDB's SQL over tables that are
    named as the operations' ids. Beside that `values` may map a name to "id.column" of an earlier operation: its
    different values are bound to `:name` in SQL, {"$value": "name"} in a document. With `otherwise`, the params of a
    query without them, that is asked instead where the values are too many and `combine` does without them.
    """

    id: str
    source: str = ""
    kind: str
    params: dict[str, Any]
    depends_on: list[str] = []
    description: str = ""

    @property
    def otherwise(self) -> "Operation | None":
        """The operation that takes no values, where it has one."""
        params = self.params.get(OTHERWISE)
        return self.model_copy(update={"params": params, "depends_on": []}) if isinstance(params, dict) else None


class Plan(BaseModel):
    """A whole plan, its operations in an order that respects their dependencies, `combine` last.

    *description* says what it does, *explanation* how the question was read, both for people.
    """

    description: str
    operations: list[Operation]
    explanation: str = ""
    unused_words: list[str] = []
    notes: list[str] = []
    confidence: float | None = None
    author: str = ""


@dataclass(frozen=True)
class CrossAsk:
    """Everything a model may know when it is asked about several sources, each by its name, best first.

    *languages* says what each one's queries are written in, *forms* the JSON schema of those that are documents.
    """

    question: str
    schemas: Mapping[str, Schema]
    lookups: Mapping[str, Lookup]
    languages: Mapping[str, str]
    forms: Mapping[str, Mapping[str, Any]]
    today: datetime.date
    turns: Sequence[Turn] = ()
    hints: Sequence[str] = ()


class Planner(Protocol):
    """A mind for questions that span sources."""

    name: str
    provider: str

    def plan(self, ask: CrossAsk) -> AsyncIterator[Operation | Plan]:
        """Plan an answer: yield each operation as it is planned, then the whole Plan, last.

        Raises NotUnderstood (with the words it found no meaning for) rather than guess; ModelError.
        """

    async def replan(self, ask: CrossAsk, failed: Plan, problems: Sequence[str]) -> Plan | None:
        """Return *failed* without its *problems*, None when that can't be done. Raises ModelError."""

"""The forms that a language model's answers to `federated`'s prompts have; a field's place says when it is written."""

from typing import Any

from pydantic import BaseModel, Field
from pydantic_core import from_json

from core.models.plans import COMBINE, Operation, Plan
from core.pipelines.answering.forms import Confidence, bare
from core.sources.base import SQL


class ChosenSource(BaseModel):
    name: str = Field(description="The source's name.")
    cause: str = Field(description="Why it is needed, in one short sentence.")


class Sources(BaseModel):
    """classify_sources.tpl"""

    sources: list[ChosenSource] = Field(description="The sources to ask, the most important first.")


class Value(BaseModel):
    name: str = Field(description="The name that the query uses.")
    place: str = Field(description="operation.column that the values are of.")


class PlannedQuery(BaseModel):
    id: str = Field(description="A short name in letters, digits and _.")
    source: str = Field(description="The source's name.")
    description: str = Field(description="What it is for, in a few words for a person.")
    query: str = Field(description="The query: SQL, or a JSON document as text, as the source's language asks for.")
    values: list[Value] = Field(description="Values taken over from earlier operations; empty when there are none.")
    depends_on: list[str] = Field(description="Ids of operations that have to be done before.")

    def operation(self, languages: dict[str, str]) -> Operation:
        """Return it as the operation of a plan; a document that is none is left for the validation to refuse."""
        kind = languages.get(self.source, SQL)
        params: dict[str, Any] = {"query": bare(self.query)} if kind == SQL else _document(self.query)
        if self.values:
            params["values"] = {value.name: value.place for value in self.values}
        return Operation(
            id=self.id,
            source=self.source,
            kind=kind,
            params=params,
            depends_on=self.depends_on,
            description=self.description,
        )


class WrittenPlan(BaseModel):
    """federated_plan.tpl, mend_plan.tpl"""

    explanation: str = Field(description="How the question is read, or what was wrong and is changed.")
    description: str = Field(description="What the plan does, in a sentence.")
    operations: list[PlannedQuery] = Field(description="One query for each source, or several.")
    combine: str = Field(description="DuckDB SQL that joins the operations' results; empty when there is no plan.")
    confidence: Confidence = Field(description="From 0 to 1.")
    missing: str = Field(description="What the data lacks to answer; empty when there is a plan.")

    def plan(self, languages: dict[str, str], author: str) -> Plan:
        operations = [one.operation(languages) for one in self.operations]
        return Plan(
            description=self.description,
            operations=[*operations, joining(self.combine, operations)],
            explanation=self.explanation,
            confidence=self.confidence,
            author=author,
        )


def joining(sql: str, operations: list[Operation]) -> Operation:
    """Return the last operation of a plan."""
    return Operation(
        id=COMBINE,
        kind=COMBINE,
        params={"sql": bare(sql)},
        depends_on=[one.id for one in operations],
        description="Joining the results",
    )


def _document(text: str) -> dict[str, Any]:
    try:
        found = from_json(bare(text), allow_inf_nan=False)
    except ValueError:
        return {"document": text}
    return found if isinstance(found, dict) else {"document": found}

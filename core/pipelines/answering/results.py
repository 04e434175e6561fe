"""What the steps of `query` hand on to each other. Each is a checkpoint, so that a run can go on from any of them."""

import datetime
from typing import Annotated, Any

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from pydantic import BaseModel
from pydantic_core import core_schema

from core.errors import LevadaError, QueryFailed, QueryRefused
from core.models.base import Draft, Excerpt, Intent, Turn
from levada.v1 import event_pb2 as events


class AsJson:
    """Has pydantic write a proto message as its JSON, and read it back."""

    def __get_pydantic_core_schema__(self, kind: type[Message], handler: Any) -> core_schema.CoreSchema:
        def read(value: Any) -> Message:
            return value if isinstance(value, kind) else ParseDict(value, kind(), ignore_unknown_fields=True)

        return core_schema.no_info_plain_validator_function(
            read, serialization=core_schema.plain_serializer_function_ser_schema(MessageToDict)
        )


LinkedValue = Annotated[events.LinkedValue, AsJson()]
Finding = Annotated[events.Finding, AsJson()]
Chart = Annotated[events.Chart, AsJson()]


class Reading(BaseModel):
    """How the question was understood (classify_intent). *reply* answers what needs no data.

    *turns* are the earlier questions that it follows.
    """

    source: str
    intent: Intent
    cause: str
    question: str
    today: datetime.date
    prompt: str = ""
    options: list[str] = []
    reply: str = ""
    turns: list[Turn] = []


class Context(BaseModel):
    """What is known of the data that matters to the question (fetch_context). *tables* are in order of relevance.

    *problems* say which look-ups gave nothing, and why.
    """

    source: str
    today: datetime.date
    tables: list[str]
    linked_values: list[LinkedValue] = []
    similar: list[Turn] = []
    turns: list[Turn] = []
    problems: list[str] = []


class Proposal(BaseModel):
    """A query and who wrote it (generate_sql, analyze_error, or a person)."""

    query_id: str
    question: str
    draft: Draft
    author: str


class Failure(BaseModel):
    """Why a query was not run or did not work; *rule* is the guard's, empty when the database refused it."""

    message: str
    rule: str = ""

    @classmethod
    def of(cls, error: QueryRefused | QueryFailed) -> "Failure":
        return cls(message=error.message, rule=getattr(error, "rule", ""))

    def error(self) -> LevadaError:
        return QueryRefused(self.rule, self.message) if self.rule else QueryFailed(self.message)


class Verdict(BaseModel):
    """What the guard said (validate_sql): the text that will run, or why not."""

    sql: str = ""
    failure: Failure | None = None


class Repair(BaseModel):
    """What analyze_error made of a failure; no *proposal* means that nothing helps."""

    diagnosis: str
    proposal: Proposal | None = None


class Digest(BaseModel):
    """What all rows of a result amount to. *questions* could be asked next, the most telling first."""

    excerpt: Excerpt = Excerpt()
    findings: list[Finding] = []
    chart: Chart = events.Chart()
    questions: list[str] = []


class Fetched(BaseModel):
    """What execute_sql fetched; *truncated* says why rows are missing. With *failure* there is nothing."""

    query_id: str
    table_id: str = ""
    rows: int = 0
    bytes: int = 0
    truncated: str = ""
    digest: Digest = Digest()
    failure: Failure | None = None


class Analysis(BaseModel):
    """What analyze_results says in a sentence. *sharper* is a question that looks closer, for `investigate`."""

    summary: str = ""
    sharper: str = ""


class Pictured(BaseModel):
    """What generate_viz chose, in a word."""

    kind: str


class Report(BaseModel):
    """Which queries the report of a deep analysis cites (write_report)."""

    cited: list[str] = []

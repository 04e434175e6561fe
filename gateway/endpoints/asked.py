"""What the `query` dialect's routes take: one question, and how it is to be answered."""

from functools import cache
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from gateway.problems import Problem
from gateway.requests import json_object
from levada.v1.query_service_pb2 import ClassifyRequest
from levada.v1.run_pb2 import ANALYSIS_NONE, ANALYSIS_STANDARD, RunOptions, RunRequest

ANYONE = "Taken, but who asks is told by authentication alone."


class Body(BaseModel):
    """What a request's body says: nothing but what is declared, and no text for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    @classmethod
    async def of(cls, request: Request) -> Self:
        """Return what the body says. Raises Problem."""
        try:
            return cls.model_validate(await json_object(request))
        except ValidationError as error:
            raise wrong(error, cls) from None


class Classified(Body):
    """A question to be classified."""

    question: str = Field(description="The question.")
    databases: list[str] = Field([], description="Names of the sources to choose from; all when empty.")
    tenant_id: str = Field("", description=ANYONE)
    user_id: str = Field("", description=ANYONE)

    def to_classify(self) -> ClassifyRequest:
        return ClassifyRequest(question=self.question, sources=self.databases)


class Asked(Classified):
    """A question to be answered."""

    analyze: bool = Field(False, description="Whether to say what the rows mean, and draw them.")
    dry_run: bool = Field(False, description="Stop once the query or the plan is checked, before anything is run.")
    conversation_id: str = Field("", description="The conversation that it belongs to.")
    row_limit: int = Field(0, ge=0, lt=2**63, description="Rows at most; the server's default when 0.")
    priority: int = Field(0, ge=-100, le=100, description="Higher goes first among the tenant's own.")

    def to_run(self, pipeline: str, request_id: str) -> RunRequest:
        """Return the run that answers it. These routes have no way to answer what a run asks, so it asks nothing."""
        options = RunOptions(
            analyze=ANALYSIS_STANDARD if self.analyze else ANALYSIS_NONE,
            dry_run=self.dry_run,
            interactive=False,
            row_limit=self.row_limit,
        )
        return RunRequest(
            pipeline=pipeline,
            question=self.question,
            sources=self.databases,
            conversation_id=self.conversation_id,
            request_id=request_id,
            priority=self.priority,
            options=options,
        )


def wrong(error: ValidationError, model: type[BaseModel]) -> Problem:
    """Return the problem that names every field that does not fit."""
    violations: dict[str, str] = {}
    for each in error.errors():
        steps = (f"[{step}]" if isinstance(step, int) else f".{step[:50]}" for step in each["loc"])
        field = "".join(steps).removeprefix(".")
        text = each["msg"]
        if each["type"] == "extra_forbidden":
            known = f"; there is {', '.join(model.model_fields)}" if len(each["loc"]) == 1 else ""
            text = f"There is no such field{known}."
        violations[field] = text
    detail = " ".join(f"{field}: {text.rstrip('.')}." for field, text in list(violations.items())[:3])
    return Problem(400, "INVALID_REQUEST", detail, violations=violations)


@cache
def schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return what *model* takes, in JSON Schema as OpenAPI has it. It takes a while: all who ask get the same one."""
    return model.model_json_schema(ref_template="#/components/schemas/{model}")

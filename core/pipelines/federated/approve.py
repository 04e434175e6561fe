"""Asking a person whether a plan may run, and what their answer makes of it."""

import json

from pydantic import TypeAdapter, ValidationError

from core.errors import InvalidRequest
from core.models.plans import Operation, Plan
from core.pipeline import Ending, Run
from core.pipelines.answering.clarify import interactive, may_it_run, unasked
from core.pipelines.federated.planning.plan import PERSON
from core.pipelines.federated.planning.validate import validate_plan
from core.pipelines.federated.results import Landscape
from levada.v1.event_pb2 import DECISION_EDIT, DECISION_REJECT, OUTCOME_REJECTED

MOST_EDITS = 5
LANGUAGE = "plan"
_OPERATIONS = TypeAdapter(list[Operation])


async def approved(run: Run, landscape: Landscape, plan: Plan, number: int) -> Plan | Ending:
    """Return what a person lets run: *plan*, or their edit of it once that is valid; or how it ended."""
    text, asked = written(plan), f"plan-{number}" if number else "plan"
    question = may_it_run(asked, text, LANGUAGE, plan.description)
    if not interactive(run):
        return unasked(question)
    for edit in range(1, MOST_EDITS + 1):
        answer = await run.ask(question)
        if answer.decision == DECISION_REJECT:
            said = f": {answer.text}" if answer.text else ""
            return Ending(OUTCOME_REJECTED, f"The plan was rejected{said}. Nothing was run.")
        if answer.decision != DECISION_EDIT:
            return plan
        edited, problem = _edited(plan, answer.text)
        if edited is not None:
            verdict = await run.step(validate_plan, landscape, edited, edit < MOST_EDITS)
            if not verdict.problems:
                return edited
            problem = " ".join(verdict.problems)
        question = may_it_run(
            f"{asked}-edit-{edit}", text, LANGUAGE, plan.description, f"The edited plan was refused: {problem}"
        )
    raise InvalidRequest({"text": "The edited plans could not be read as a JSON list of operations. Ask again."})


def written(plan: Plan) -> str:
    """Return *plan*'s operations as people read and edit them."""
    return json.dumps([one.model_dump(exclude_defaults=True) for one in plan.operations], indent=2, ensure_ascii=False)


def _edited(plan: Plan, text: str) -> tuple[Plan | None, str]:
    try:
        operations = _OPERATIONS.validate_json(text)
    except ValidationError:
        return None, "It is no JSON list of operations, each with id, source, kind and params."
    return Plan(description=plan.description, operations=operations, author=PERSON), ""

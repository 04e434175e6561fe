"""plan: the operations that answer the question, told one by one as they are planned; and a plan mended."""

from contextlib import aclosing

from core.errors import ModelError, NotUnderstood, Reason
from core.models.plans import COMBINE, Operation, Plan
from core.pipeline import Step, step
from core.pipelines.federated.asking import cross_ask, planner_of
from core.pipelines.federated.planning.graph import needs
from core.pipelines.federated.planning.told import given, planned
from core.pipelines.federated.results import Landscape, Mended
from core.pipelines.federated.steps import MEND_PLAN, PLAN
from levada.v1.event_pb2 import CHANNEL_EXPLANATION, FollowUps, PlanDrafted, TextCompleted

PERSON = "person"


@step(PLAN)
async def make_plan(step: Step, landscape: Landscape) -> Plan:
    """Plan the question's answer. Raises NotUnderstood with questions that do work, ModelError."""
    step.progress(PLAN.doing)
    if operations := step.run.request.federated.operations:
        found = Plan(
            description="The plan as it was given.", operations=[given(one) for one in operations], author=PERSON
        )
        for operation in found.operations:
            _say(step, operation, found.description)
    else:
        found = await _planned(step, landscape)
    step.summary(found.description)
    return found


async def _planned(step: Step, landscape: Landscape) -> Plan:
    planner = planner_of(step.run)
    told: list[Operation] = []
    try:
        stream = planner.plan(await cross_ask(step, landscape))
        async with aclosing(stream):  # type: ignore[type-var]
            async for piece in stream:
                if isinstance(piece, Operation):
                    _say(step, piece)
                    told.append(piece)
                    continue
                for operation in piece.operations:
                    if operation not in told:
                        _say(step, operation, piece.description)
                _explain(step, piece)
                return piece if piece.author else piece.model_copy(update={"author": planner.name})
    except NotUnderstood as error:
        raise _explained(step, landscape, error) from error
    raise ModelError(
        f"The model {planner.name} made no plan. Ask again, or say it in other words.",
        reason=Reason.ERROR_REASON_MODEL_OUTPUT_INVALID,
    )


def _say(step: Step, operation: Operation, description: str = "") -> None:
    step.emit(PlanDrafted(operation=planned(step.run, operation), description=description))
    if operation.kind != COMBINE and (first := sorted(needs(operation))):
        step.progress(f"{operation.id} needs what {' and '.join(first)} gives.")


def _explain(step: Step, plan: Plan) -> None:
    text = "\n".join([plan.explanation, *(note for note in plan.notes if note not in plan.explanation)]).strip()
    if text:
        step.text(CHANNEL_EXPLANATION, text)
        step.emit(TextCompleted(channel=CHANNEL_EXPLANATION, text=text))


def _explained(step: Step, landscape: Landscape, error: NotUnderstood) -> NotUnderstood:
    """Return *error* with what could not be looked at, which may be why, and with questions that work."""
    message = " ".join([*landscape.problems, error.message])
    run = step.run
    samples = [question for name in landscape.sources for question in list(run.services.samples(run.owner, name))[:1]]
    if samples:
        step.emit(FollowUps(questions=samples[:3]))
        message += f" Questions that work here: {' '.join(f'“{question}”' for question in samples[:3])}"
    return NotUnderstood(message, unused=error.unused, retryable=error.retryable or bool(landscape.problems))


@step(MEND_PLAN)
async def mend_plan(step: Step, landscape: Landscape, failed: Plan, problems: list[str], before: list[str]) -> Mended:
    """Make a plan without *problems*; *before* says what was tried earlier. A plan that a person gave stays theirs."""
    step.progress(MEND_PLAN.doing)
    if failed.author == PERSON:
        return Mended()
    asked = await cross_ask(step, landscape, before)
    found = await planner_of(step.run).replan(asked, failed, problems)
    if found is None or found.operations == failed.operations:
        step.summary("There is no other plan that works.")
        return Mended()
    for operation in found.operations:
        if operation not in failed.operations:
            _say(step, operation, found.description)
    step.summary(found.explanation or found.description)
    return Mended(plan=found if found.author else found.model_copy(update={"author": planner_of(step.run).name}))

"""reflect: what follows from what was found: whether it is enough, or which tasks are to be added."""

from core.errors import BudgetExhausted, ModelOutputInvalid, ModelRefused, ModelRejected, ModelUnavailable
from core.pipeline import Step, step
from core.pipelines.answering.asking import language_of
from core.pipelines.research.offline.drilling import drill
from core.pipelines.research.plan import announce
from core.pipelines.research.prompted.planning import decide_with, stood_in
from core.pipelines.research.results import Decision, Lost
from core.pipelines.research.steps import REFLECT
from core.pipelines.research.workflow import Workflow
from levada.v1.event_pb2 import IterationCompleted


@step(REFLECT)
async def reflect(step: Step, workflow: Workflow, number: int, depth: int) -> Decision:
    """Decide how the research goes on after its *number*-th iteration of at most *depth*."""
    step.progress(REFLECT.doing)
    decision = await _decided(step, workflow, number, depth)
    announce(step, decision.tasks, number + 1)
    step.emit(
        IterationCompleted(
            iteration=number,
            tasks_completed=len(workflow.found),
            tasks_total=len(workflow.tasks) + len(decision.tasks),
            decision=decision.cause,
        )
    )
    step.summary(decision.cause)
    return decision


async def _decided(step: Step, workflow: Workflow, number: int, depth: int) -> Decision:
    ready = workflow.ready()
    if ready and number < depth:
        count = len(ready)
        return Decision(cause=f"{count} task{'s are' if count > 1 else ' is'} ready now.")
    if workflow.own:
        # Whoever gives tasks has decided what is to be done, and what it may cost.
        done = not workflow.open and not workflow.lost
        return Decision(cause="All tasks are done." if done else "What is left can't be done.", complete=True)
    if number == depth:
        return Decision(cause=f"The depth of {depth} iterations is reached.", complete=True)
    if (model := language_of(step.run)) is not None:
        try:
            return await decide_with(step, model, workflow, depth - number)
        except (ModelUnavailable, ModelOutputInvalid, ModelRefused) as error:
            stood_in(step, error, "What follows is decided by rule.")
        except (BudgetExhausted, ModelRejected) as error:
            # No model would work on what follows, either.
            stopped = Lost(message=error.message, reason=error.reason)
            return Decision(cause=error.message, complete=True, stopped=stopped)
    return await drill(step, workflow)

"""How a workflow fails whose tasks did, or that was stopped before its end."""

from core.errors import LevadaError, TasksFailed
from core.pipelines.research.results import Lost
from core.pipelines.research.workflow import Workflow

MOST_NAMED = 5


def failure_of(workflow: Workflow, depth: int) -> LevadaError | None:
    """Return how *workflow* failed, naming what did and what completed; None when everything did."""
    failed, stopped = _tasks_failed(workflow, depth), workflow.stopped
    if failed is None and stopped is not None:
        more = "The report says what was found until then; what that calls for was not looked at."
        return LevadaError(f"{stopped.message} {more}", reason=stopped.reason)  # type: ignore[arg-type]
    return failed


def _tasks_failed(workflow: Workflow, depth: int) -> TasksFailed | None:
    failed = {name: lost for name, lost in workflow.lost.items() if not lost.skipped}
    skipped = [name for name, lost in workflow.lost.items() if lost.skipped]
    unreached = [task.id for task in workflow.open]
    if not failed and not unreached:
        return None
    said = [_failed(workflow, failed)] if failed else []
    if unreached:
        said.append(f"{_counted(unreached)} not reached within {depth} iterations: {_named(workflow, unreached)}.")
    if skipped:
        said.append(f"{_counted(skipped)} skipped, for want of what those would have found.")
    if workflow.stopped is not None:
        said.append(f"What that calls for was not looked at: {workflow.stopped.message}")
    said.append(_completed(workflow))
    details = {"failed": str(len(failed)), "completed": str(len(workflow.found)), "tasks": ",".join([*failed][:50])}
    error = TasksFailed(" ".join(said), details=details)
    error.tried = tuple(f"{workflow.name_of(name)}: {lost.message}" for name, lost in failed.items())
    return error


def _failed(workflow: Workflow, failed: dict[str, Lost]) -> str:
    reasons_ = [f"{workflow.name_of(name)} ({lost.message.rstrip('.')})" for name, lost in failed.items()]
    more = f" and {len(reasons_) - MOST_NAMED} more" if len(reasons_) > MOST_NAMED else ""
    return f"{len(failed)} of {len(workflow.tasks)} tasks failed: {'; '.join(reasons_[:MOST_NAMED])}{more}."


def _completed(workflow: Workflow) -> str:
    if not workflow.found:
        return "No task completed, so there is nothing to report. Mend the tasks, then run the workflow again."
    names = _named(workflow, list(workflow.found))
    return (
        f"{len(workflow.found)} completed ({names}), and the report says what they found. "
        "Mend the others and run the workflow again, or fork this run to keep what it has."
    )


def _counted(names: list[str]) -> str:
    return f"{len(names)} task{'s were' if len(names) > 1 else ' was'}"


def _named(workflow: Workflow, names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(map(workflow.name_of, names[:MOST_NAMED])) + more

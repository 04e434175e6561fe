"""The pipeline `research`: an objective becomes tasks, tasks become findings, and what these call for further tasks.

Each step is a module of its own; `answer` below tells them in order.
"""

from core.models.base import Turn
from core.pipeline import Ending, Pipeline, Run
from core.pipelines import federated
from core.pipelines.research.failing import failure_of
from core.pipelines.research.iterate import Work, iterate
from core.pipelines.research.places import Places
from core.pipelines.research.plan import make_plan, own_tasks
from core.pipelines.research.reflect import reflect
from core.pipelines.research.report import write_report
from core.pipelines.research.request import breadth, check, depth, sample_questions
from core.pipelines.research.results import Plan, Reported, Researched
from core.pipelines.research.steps import REPORT, STEPS, SYNTHESIZE
from core.pipelines.research.synthesize import synthesize
from core.pipelines.research.work import work
from core.pipelines.research.workflow import Workflow
from levada.v1.event_pb2 import OUTCOME_ANSWERED, OUTCOME_PLANNED


async def answer(run: Run, work: Work = work) -> Ending:
    """Research an objective: plan, *work* on what is ready, reflect, until nothing is left; then report."""
    plan = await run.step(make_plan)
    if run.request.options.dry_run:
        return _planned(run, plan)
    workflow = Workflow(plan.name, run.request.question, list(plan.tasks), own=own_tasks(run))
    await carried_out(run, workflow, work)
    return await _told(run, workflow)


async def carried_out(run: Run, workflow: Workflow, work: Work) -> None:
    """Have *work* done on the tasks of *workflow*, iteration by iteration, and on those that reflection adds."""
    places, most = Places(breadth(run.request.options)), depth(run.request.options)
    for number in range(1, most + 1):
        workflow.take(await iterate(run, workflow, places, number, most, work))
        decision = await run.step(reflect, workflow, number, most)
        workflow.tasks += decision.tasks
        workflow.stopped = decision.stopped
        if decision.complete or not workflow.ready():
            break


async def _told(run: Run, workflow: Workflow) -> Ending:
    """Report on what was found, also where not everything was. Raises LevadaError then."""
    failed = failure_of(workflow, depth(run.request.options))
    if failed is not None and not workflow.found:
        for spec in (SYNTHESIZE, REPORT):
            run.skip(spec, "No task completed, so there is nothing to report.")
        raise failed
    outline = await run.step(synthesize, workflow)
    reported = await run.step(write_report, workflow, outline, failed.message if failed else "")
    if failed is not None:
        raise failed
    return _researched(run, workflow, reported)


def _researched(run: Run, workflow: Workflow, reported: Reported) -> Researched:
    queries = {one.id: one for _, found in workflow.held for one in found.queries}
    passages = {name: one for _, found in workflow.held for name, one in found.passages.items()}
    cited = list(dict.fromkeys([*reported.rests_on, *reported.cited]))
    return Researched(
        OUTCOME_ANSWERED,
        reported.summary,
        remembered=Turn(question=run.request.question),
        queries=[queries[name] for name in cited if name in queries],
        passages={name: passages[name] for name in cited if name in passages},
        rests_on=reported.rests_on,
    )


def _planned(run: Run, plan: Plan) -> Ending:
    for spec in STEPS[1:]:
        if not spec.conditional:
            run.skip(spec, "Only a plan was asked for.")
    count = len(plan.tasks)
    return Ending(OUTCOME_PLANNED, f"The plan of {count} task{'s' if count != 1 else ''} is ready and was not begun.")


PIPELINE = Pipeline(
    name="research",
    title="Research an objective",
    description="Plans tasks for an objective, works on them side by side, follows what they find, and reports with "
    "every figure cited. Workflows of your own tasks run the same way.",
    steps=STEPS,
    run=answer,
    check=check,
    sample_questions=sample_questions,
    ended=federated.PIPELINE.ended,
)

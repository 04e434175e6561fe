"""The pipeline `federated`: a question that spans sources becomes a plan, queries side by side, one joined table.

Each step is a module of its own; `answer` below tells them in order.
"""

from core.models.base import Turn
from core.pipeline import Ending, Pipeline, Run
from core.pipelines.answering.analyze import analyze_results
from core.pipelines.answering.answered import Answered
from core.pipelines.answering.results import Fetched, Proposal
from core.pipelines.answering.steps import ANALYZE_RESULTS, GENERATE_VIZ
from core.pipelines.answering.visualize import generate_viz
from core.pipelines.federated.asking import SeveralSources
from core.pipelines.federated.classify import classify_sources
from core.pipelines.federated.joining.combine import proposal_of
from core.pipelines.federated.operations.scratch import THREADS, Scratch, folder_of
from core.pipelines.federated.planning.plan import make_plan
from core.pipelines.federated.request import check, sample_questions
from core.pipelines.federated.results import Chosen
from core.pipelines.federated.rounds import Rounds
from core.pipelines.federated.search import search_schemas
from core.pipelines.federated.steps import STEPS
from levada.v1.event_pb2 import OUTCOME_ANSWERED
from levada.v1.run_pb2 import Analysis


async def answer(run: Run) -> Ending:
    """Answer a question: choose sources, look at them, plan, ask them side by side, join, say what it means."""
    return await answer_over(run, await run.step(classify_sources))


async def answer_over(run: Run, chosen: Chosen) -> Ending:
    """Answer a question over the sources that were chosen for it."""
    landscape = await run.step(search_schemas, chosen)
    plan = await run.step(make_plan, landscape)
    outcome = await Rounds(run, landscape, _scratch(run)).carry_out(plan)
    if isinstance(outcome, Ending):
        return outcome
    plan, fetched = outcome
    question = landscape.question
    asking, proposal = SeveralSources(run, landscape), proposal_of(plan, question)
    if run.request.options.analyze == Analysis.ANALYSIS_NONE:
        return _rows_only(run, proposal, fetched)
    analysis = await run.step(analyze_results, asking, proposal, fetched, [question], False)
    await run.step(generate_viz, proposal, [fetched])
    return _answered(analysis.summary, question, proposal, fetched)


def _rows_only(run: Run, proposal: Proposal, fetched: Fetched) -> Ending:
    for spec in (ANALYZE_RESULTS, GENERATE_VIZ):
        run.skip(spec, "Only rows were asked for.")
    rows = f"{fetched.rows:,} row{'s' if fetched.rows != 1 else ''}."
    return _answered(f"{rows} {fetched.truncated}".strip(), run.request.question, proposal, fetched)


def _answered(summary: str, question: str, proposal: Proposal, fetched: Fetched) -> Answered:
    return Answered(OUTCOME_ANSWERED, summary, remembered=Turn(question=question), looks=[(proposal, fetched)])


def _scratch(run: Run) -> Scratch:
    return Scratch(folder_of(run.services.scratch, run.id), run.services.limits.scratch_bytes)


async def ended(run: Run) -> None:
    """Take away the rows that were kept for the join."""
    await THREADS.run(_scratch(run).remove)


PIPELINE = Pipeline(
    name="federated",
    title="Ask several sources at once",
    description="Answers a question that spans sources: plans a query for each, runs them side by side, joins what "
    "they give in one table, and says what stands out in it.",
    steps=STEPS,
    run=answer,
    check=check,
    sample_questions=sample_questions,
    ended=ended,
)

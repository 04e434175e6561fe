"""One round of `query`: a query is written, checked, approved, run, and mended when that can be done."""

from collections.abc import Iterator

from core.errors import LevadaError
from core.pipeline import Ending, Run
from core.pipelines.answering.results import Context, Failure, Fetched, Proposal
from core.pipelines.query.approve import approved
from core.pipelines.query.execute import execute_sql
from core.pipelines.query.generate import generate_sql
from core.pipelines.query.repair.step import analyze_error
from core.pipelines.query.steps import ANALYZE_RESULTS, EXECUTE_SQL, GENERATE_VIZ
from core.pipelines.query.validate import validate_sql
from levada.v1.event_pb2 import OUTCOME_PLANNED

MOST_REPAIRS = 3


async def fetch(
    run: Run, context: Context, question: str, ids: Iterator[str], most_bytes: int
) -> tuple[Proposal, Fetched] | Ending:
    """Return the query that worked and what it fetched, or how the run ends before that.

    Raises QueryRefused or QueryFailed, with what was tried, when nothing helps.
    """
    proposal = await run.step(generate_sql, context, question, next(ids))
    tried: list[str] = []
    before: list[str] = []
    try:
        for repairs in range(MOST_REPAIRS + 1):
            outcome = await attempt(run, context, proposal, most_bytes, repairs < MOST_REPAIRS)
            if not isinstance(outcome, Failure):
                return outcome
            proposal = await _mended(run, context, proposal, outcome, next(ids), tried, before)
    except LevadaError as error:
        error.tried = tuple(tried)
        raise
    raise AssertionError("the last attempt either works or raises")


async def attempt(
    run: Run, context: Context, proposal: Proposal, most_bytes: int, mendable: bool
) -> tuple[Proposal, Fetched] | Ending | Failure:
    verdict = await run.step(validate_sql, context, proposal, mendable)
    if verdict.failure is not None:
        return verdict.failure
    if run.request.options.dry_run:
        return _planned(run, proposal)
    if run.request.options.require_approval:
        answer = await approved(run, context, proposal, verdict)
        if isinstance(answer, Ending):
            return answer
        proposal = answer
    fetched = await run.step(execute_sql, context, proposal, most_bytes, mendable)
    return fetched.failure or (proposal, fetched)


def _planned(run: Run, proposal: Proposal) -> Ending:
    for spec in (EXECUTE_SQL, ANALYZE_RESULTS, GENERATE_VIZ):
        run.skip(spec, "Only a plan was asked for.")
    return Ending(OUTCOME_PLANNED, f"The query is ready and was not run. {proposal.draft.explanation}")


async def _mended(
    run: Run, context: Context, proposal: Proposal, failure: Failure, query_id: str, tried: list[str], before: list[str]
) -> Proposal:
    repair = await run.step(analyze_error, context, proposal, failure, query_id, tuple(before))
    tried.append(repair.diagnosis)
    before.append(f"This failed before: {proposal.draft.sql}\nIt was said: {failure.message}")
    if repair.proposal is None:
        raise failure.error()
    return repair.proposal

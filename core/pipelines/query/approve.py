"""Asking a person whether a query may run, and what their answer makes of it."""

from core.models.base import Draft
from core.pipeline import Ending, Run
from core.pipelines.answering.asking import source_of
from core.pipelines.answering.clarify import interactive, may_it_run, unasked
from core.pipelines.answering.results import Context, Proposal, Verdict
from core.pipelines.query.validate import validate_sql
from levada.v1.event_pb2 import DECISION_EDIT, DECISION_REJECT, OUTCOME_REJECTED

MOST_EDITS = 5


async def approved(run: Run, context: Context, proposal: Proposal, verdict: Verdict) -> Proposal | Ending:
    """Return what a person lets run: *proposal*, or their edit of it once the guard let that pass; or how it ended."""
    language = source_of(run, context.source).language
    question = may_it_run(proposal.query_id, verdict.sql, language, proposal.draft.explanation)
    if not interactive(run):
        return unasked(question)
    for edit in range(1, MOST_EDITS + 1):
        answer = await run.ask(question)
        if answer.decision == DECISION_REJECT:
            return _rejected(answer.text)
        if answer.decision != DECISION_EDIT:
            return proposal
        edited = _edited(proposal, answer.text, edit)
        checked = await run.step(validate_sql, context, edited, edit < MOST_EDITS, True)
        if checked.failure is None:
            return edited
        remark = f"The edited query was refused: {checked.failure.message}"
        question = may_it_run(f"{proposal.query_id}-{edit}", verdict.sql, language, proposal.draft.explanation, remark)
    raise AssertionError("the last edit either passes or raises")


def _edited(proposal: Proposal, sql: str, number: int) -> Proposal:
    draft = Draft(sql=sql, explanation="The query as a person edited it.")
    return Proposal(query_id=f"{proposal.query_id}-{number}", question=proposal.question, draft=draft, author="person")


def _rejected(cause: str) -> Ending:
    said = f": {cause}" if cause else ""
    return Ending(OUTCOME_REJECTED, f"The query was rejected{said}. Nothing was run.")

"""validate_sql: the guard looks at every query, whoever wrote it, each time it changed."""

from core.errors import QueryRefused
from core.pipeline import Step, step
from core.pipelines.answering.asking import shown
from core.pipelines.answering.checking import check
from core.pipelines.answering.results import Context, Failure, Proposal, Verdict
from core.pipelines.query.generate import propose
from core.pipelines.query.steps import VALIDATE_SQL
from levada.v1.event_pb2 import QueryRefused as QueryRefusedEvent
from levada.v1.event_pb2 import QueryValidated


@step(VALIDATE_SQL)
async def validate_sql(
    step: Step, context: Context, proposal: Proposal, mendable: bool, edited: bool = False
) -> Verdict:
    """Say whether the query may run; one that a person *edited* is said first, in place of what it was.

    Raises QueryRefused when it may not and is not *mendable*.
    """
    step.progress(VALIDATE_SQL.doing)
    if edited:
        propose(step, context, proposal)
    try:
        checked = await check(step.run, context.source, proposal.draft.sql)
    except QueryRefused as refusal:
        step.emit(QueryRefusedEvent(query_id=proposal.query_id, rule=refusal.rule, message=refusal.message))
        if not mendable:
            raise
        step.failed(refusal)
        return Verdict(failure=Failure.of(refusal))
    step.emit(
        QueryValidated(query_id=proposal.query_id, text=shown(step.run, checked.text), row_limit=checked.row_limit)
    )
    step.summary("Only reads, and only what you may read.")
    return Verdict(sql=checked.text)

"""analyze_error: what went wrong with a query, and what to run instead."""

from collections.abc import Sequence

from core.errors import ModelError, QueryRefused
from core.models.base import Draft
from core.pipeline import Step, step
from core.pipelines.answering.asking import ask, model_of, source_of
from core.pipelines.answering.checking import row_limit
from core.pipelines.answering.results import Context, Failure, Proposal, Repair
from core.pipelines.query.generate import propose
from core.pipelines.query.repair import trouble
from core.pipelines.query.repair.diagnosis import known
from core.pipelines.query.repair.rules import mended
from core.pipelines.query.steps import ANALYZE_ERROR
from core.sources.base import SQL


@step(ANALYZE_ERROR)
async def analyze_error(
    step: Step, context: Context, proposal: Proposal, failure: Failure, query_id: str, before: Sequence[str] = ()
) -> Repair:
    """Diagnose *failure* and correct the query when that can be done: by rule, else by the model.

    *before* tells of the queries that failed in earlier rounds.
    """
    repair = await _vanished(step, context, failure) or await _by_rule(step, context, proposal, failure, query_id)
    if proposal.author == "person":
        # A person's own query is not rewritten behind their back; the diagnosis tells them how.
        found = repair.diagnosis if repair else "No rule knows how to mend this."
        repair = Repair(diagnosis=f"{found} A query of your own is not changed: correct it and ask again.")
    elif repair is None:
        repair = await _by_model(step, context, proposal, failure, query_id, before)
    step.progress(repair.diagnosis)
    step.summary(repair.diagnosis)
    if repair.proposal is not None:
        propose(step, context, repair.proposal)
    return repair


async def _vanished(step: Step, context: Context, failure: Failure) -> Repair | None:
    """Say that a table is gone which the schema, read a while ago, still has: another would be another answer."""
    source, found = source_of(step.run, context.source), trouble.read(failure.message)
    if source.language != SQL or failure.rule or found is None or found.kind is not trouble.Kind.TABLE:
        return None
    schema = await source.describe()
    if found.name.casefold() not in {table.name.casefold() for table in schema.tables}:
        return None
    return Repair(
        diagnosis=f"The table “{found.name}” was there when the schema was last read and is gone from the database "
        "now. The schema is read anew every few minutes; ask about something else, or again once it is back."
    )


async def _by_rule(step: Step, context: Context, proposal: Proposal, failure: Failure, query_id: str) -> Repair | None:
    source, limit = source_of(step.run, context.source), row_limit(step.run)
    if source.language != SQL:
        return None  # the rules mend trees of SQL
    schema = await source.describe()

    def passes(sql: str) -> bool:
        try:
            source.check(sql, schema, limit)
        except QueryRefused:
            return False
        return True

    found = mended(proposal.draft.sql, failure.message, schema, passes)
    if found is None or found[0] == proposal.draft.sql:
        return None
    sql, diagnosis = found
    draft = proposal.draft.model_copy(update={"sql": sql, "notes": [*proposal.draft.notes, diagnosis]})
    return Repair(diagnosis=diagnosis, proposal=_corrected(proposal, draft, query_id, "repair"))


async def _by_model(
    step: Step, context: Context, proposal: Proposal, failure: Failure, query_id: str, before: Sequence[str]
) -> Repair:
    model = model_of(step.run)
    source = source_of(step.run, context.source)
    hints = [*(known(failure.message, await source.describe()) if source.language == SQL else ()), *before]
    asked = await ask(step, context, proposal.question, hints)
    try:
        correction = await model.correct(asked, proposal.draft, failure.message)
    except ModelError as error:
        return Repair(diagnosis=f"No rule helps, and the model could not: {error.message}")
    draft: Draft | None = correction.draft if correction.can_fix else None
    if draft is None or draft.sql == proposal.draft.sql:
        return Repair(diagnosis=correction.diagnosis or "No way to mend the query was found.")
    return Repair(diagnosis=correction.diagnosis, proposal=_corrected(proposal, draft, query_id, model.name))


def _corrected(proposal: Proposal, draft: Draft, query_id: str, author: str) -> Proposal:
    return Proposal(query_id=query_id, question=proposal.question, draft=draft, author=author)

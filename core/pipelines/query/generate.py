"""generate_sql: the query, streamed as it is written."""

from contextlib import aclosing

from core.errors import ModelError, NotUnderstood, Reason
from core.models.base import Ask, Draft, Model, Remark
from core.pipeline import Step, step
from core.pipelines.answering.asking import ask, model_of, shown, source_of
from core.pipelines.answering.results import Context, Proposal
from core.pipelines.query.steps import GENERATE_SQL
from levada.v1.event_pb2 import (
    CHANNEL_EXPLANATION,
    CHANNEL_SQL,
    FollowUps,
    QueryProposed,
    TextCompleted,
)


@step(GENERATE_SQL)
async def generate_sql(step: Step, context: Context, question: str, query_id: str) -> Proposal:
    """Write a query for *question*. Raises NotUnderstood with questions that do work, ModelError."""
    step.progress(GENERATE_SQL.doing)
    given = step.run.request.query.query
    if given:
        proposal = Proposal(query_id=query_id, question=question, draft=_given(given), author="person")
    else:
        model = model_of(step.run)
        draft = await _written(step, model, await ask(step, context, question), context)
        proposal = Proposal(query_id=query_id, question=question, draft=draft, author=draft.author or model.name)
    propose(step, context, proposal)
    return proposal


def propose(step: Step, context: Context, proposal: Proposal) -> None:
    """Say that a query was written."""
    draft = proposal.draft
    proposed = QueryProposed(
        query_id=proposal.query_id,
        source=context.source,
        language=source_of(step.run, context.source).language,
        text=shown(step.run, draft.sql),
        explanation=draft.explanation,
        unused_words=draft.unused_words,
        author=proposal.author,
    )
    if draft.confidence is not None:
        proposed.confidence = draft.confidence
    step.emit(proposed)


def _given(sql: str) -> Draft:
    return Draft(sql=sql, explanation="The query as it was given.")


async def _written(step: Step, model: Model, asked: Ask, context: Context) -> Draft:
    try:
        draft = await _streamed(step, model, asked)
    except NotUnderstood as error:
        raise _explained(step, context, error) from error
    step.summary(draft.explanation)
    return draft


def _explain(step: Step, draft: Draft, said: str) -> None:
    """Say what of the explanation was not *said* while it was written."""
    explanation = "\n".join([draft.explanation, *(note for note in draft.notes if note not in draft.explanation)])
    rest = explanation.removeprefix(said) if explanation.startswith(said) else f"\n{explanation}"
    if rest:
        step.text(CHANNEL_EXPLANATION, rest)
    step.emit(TextCompleted(channel=CHANNEL_EXPLANATION, text=said + rest))


async def _streamed(step: Step, model: Model, asked: Ask) -> Draft:
    visible = bool(shown(step.run, "x"))
    pieces: list[str] = []
    remarks: list[str] = []
    async with aclosing(model.draft(asked)) as stream:  # type: ignore[type-var]
        async for piece in stream:
            if isinstance(piece, Draft):
                if pieces and visible:
                    step.emit(TextCompleted(channel=CHANNEL_SQL, text="".join(pieces)))
                _explain(step, piece, "".join(remarks))
                return piece
            if isinstance(piece, Remark):
                remarks.append(piece.text)
                step.text(CHANNEL_EXPLANATION, piece.text)
                continue
            pieces.append(piece)
            if visible:
                step.text(CHANNEL_SQL, piece)
    raise ModelError(
        f"The model {model.name} wrote no query. Ask again, or say it in other words.",
        reason=Reason.ERROR_REASON_MODEL_OUTPUT_INVALID,
    )


def _explained(step: Step, context: Context, error: NotUnderstood) -> NotUnderstood:
    """Return *error* with look-ups that gave nothing, which may be why, and with questions that work."""
    message = error.message
    if context.problems:
        message = f"{' '.join(context.problems)} That may be why, so ask again in a moment. {message}"
    samples = list(step.run.services.samples(step.run.owner, context.source))[:3]
    if samples:
        step.emit(FollowUps(questions=samples))
        message += f" Questions that work here: {' '.join(f'“{question}”' for question in samples)}"
    return NotUnderstood(message, unused=error.unused, retryable=error.retryable or bool(context.problems))

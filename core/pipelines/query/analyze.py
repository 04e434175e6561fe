"""analyze_results: what stands out, in figures computed over all rows fetched, and what to ask next."""

import asyncio
from contextlib import aclosing, suppress

from core.errors import ModelError
from core.models.base import Draft
from core.pipeline import Step, step
from core.pipelines.query.asking import ask, model_of
from core.pipelines.query.results import Analysis, Context, Fetched, Proposal
from core.pipelines.query.steps import ANALYZE_RESULTS
from levada.v1.event_pb2 import CHANNEL_ANSWER, FollowUps, TextCompleted

FOLLOW_UPS = 3
# Checking a question means drafting its query; what is not checked in this time is not offered.
CHECKING_SECONDS = 3.0


@step(ANALYZE_RESULTS)
async def analyze_results(
    step: Step, context: Context, proposal: Proposal, fetched: Fetched, asked: list[str], closer: bool
) -> Analysis:
    """Tell what was found; *closer* looks for a question, not among those *asked*, that goes deeper."""
    for finding in fetched.digest.findings:
        step.emit(finding)
    await _narrate(step, context, proposal, fetched)
    known = {question.casefold() for question in asked}
    candidates = [question for question in fetched.digest.questions if question.casefold() not in known]
    questions = await _answerable(step, context, candidates)
    if questions:
        step.emit(FollowUps(questions=questions))
    summary = _summary(fetched)
    step.summary(summary)
    return Analysis(summary=summary, sharper=questions[0] if closer and questions else "")


async def _narrate(step: Step, context: Context, proposal: Proposal, fetched: Fetched) -> None:
    """Stream the answer: the model's words, else the findings' own, and what is missing in any case."""
    hints = [fetched.truncated] if fetched.truncated else []
    asked = await ask(step.run, context, proposal.question, hints)
    pieces: list[str] = []

    def say(piece: str) -> None:
        pieces.append(piece)
        step.text(CHANNEL_ANSWER, piece)

    try:
        async with aclosing(model_of(step.run).narrate(asked, fetched.digest.findings)) as stream:  # type: ignore[type-var]
            async for piece in stream:
                say(piece)
    except ModelError as error:
        step.progress(f"The model could not put it into words, so here are the figures as computed. {error.message}")
        say("\n".join(f"- {finding.text}" for finding in fetched.digest.findings))
    if fetched.truncated and fetched.truncated not in "".join(pieces):
        say(f"\n\n{fetched.truncated} The figures are of these rows.")
    step.emit(TextCompleted(channel=CHANNEL_ANSWER, text="".join(pieces)))


async def _answerable(step: Step, context: Context, candidates: list[str]) -> list[str]:
    """Return those of *candidates* that the model can write a query for."""
    found: list[str] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(CHECKING_SECONDS):
            for question in candidates:
                if await _has_query(step, context, question):
                    found.append(question)
                if len(found) == FOLLOW_UPS:
                    break
    return found


async def _has_query(step: Step, context: Context, question: str) -> bool:
    asked = await ask(step.run, context, question)
    try:
        async with aclosing(model_of(step.run).draft(asked)) as stream:  # type: ignore[type-var]
            async for piece in stream:
                if isinstance(piece, Draft):
                    return True
    except ModelError:
        return False
    return False


def _summary(fetched: Fetched) -> str:
    said = fetched.digest.findings[0].text if fetched.digest.findings else _count(fetched)
    return f"{said} {fetched.truncated}".strip()


def _count(fetched: Fetched) -> str:
    if not fetched.rows:
        return "No rows answer the question."
    return f"{fetched.rows:,} row{'s' if fetched.rows != 1 else ''} answer the question."

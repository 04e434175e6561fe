"""analyze_results: what stands out, in figures computed over all rows fetched, and what to ask next."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import aclosing, suppress
from dataclasses import replace

from core.errors import ModelError
from core.models.base import Ask
from core.pipeline import Step, step
from core.pipelines.answering.analysis import premise
from core.pipelines.answering.asking import Asking, model_of
from core.pipelines.answering.closer import closer
from core.pipelines.answering.prose import Facts, Prose, left_out
from core.pipelines.answering.results import Analysis, Fetched, Proposal
from core.pipelines.answering.steps import ANALYZE_RESULTS
from levada.v1.event_pb2 import (
    CHANNEL_ANSWER,
    FINDING_KIND_CHANGE,
    FINDING_KIND_EXTREME,
    FINDING_KIND_OUTLIER,
    FINDING_KIND_SHARE,
    FINDING_KIND_TOTAL,
    FINDING_KIND_TREND,
    FollowUps,
    TextCompleted,
)

FOLLOW_UPS = 3
# Checking a question means drafting its query; what is not checked in this time is not offered.
CHECKING_SECONDS = 1.5
OVER_TIME = (FINDING_KIND_OUTLIER, FINDING_KIND_TREND, FINDING_KIND_CHANGE)


@step(ANALYZE_RESULTS)
async def analyze_results(
    step: Step, asking: Asking, proposal: Proposal, fetched: Fetched, asked: list[str], closer_look: bool
) -> Analysis:
    """Tell what was found; *closer_look* asks for a question, not among those *asked*, that goes deeper."""
    for finding in fetched.digest.findings:
        step.emit(finding)
    hints = [fetched.truncated] if fetched.truncated else []
    known = replace(await asking.ask(proposal.question, hints), excerpt=fetched.digest.excerpt)
    await _narrate(step, known, proposal, fetched)
    sharper = ""
    if closer_look:
        fixed = {value.table for value in known.linked_values}
        candidates = closer(proposal.question, fetched.digest, asked, fixed)
        sharper = "".join(await _answerable(asking, candidates, asked, 1))
    if sharper:
        step.progress(f"Looking closer: {sharper}")
    questions = await _answerable(asking, fetched.digest.questions, asked, FOLLOW_UPS)
    if questions:
        step.emit(FollowUps(questions=questions))
    summary = _summary(fetched)
    step.summary(summary)
    return Analysis(summary=summary, sharper=sharper)


async def _narrate(step: Step, asked: Ask, proposal: Proposal, fetched: Fetched) -> None:
    """Stream the answer: what of the model's words checks out, else the findings' own, and what is missing."""
    facts = Facts.of(fetched.digest.findings, asked.excerpt, proposal.draft.sql, *asked.hints)
    facts.add_names(proposal.question)
    prose = Prose(lambda sentence: sentence if facts.hold_all(sentence) else None)
    pieces: list[str] = []

    def say(piece: str) -> None:
        pieces.append(piece)
        step.text(CHANNEL_ANSWER, piece)

    problem = ""
    try:
        async with aclosing(model_of(step.run).narrate(asked, fetched.digest.findings)) as stream:  # type: ignore[type-var]
            async for piece in stream:
                for sentence in prose.add(piece):
                    say(sentence)
    except ModelError as error:
        problem = f"The model could not put it into words, so here are the figures as computed. {error.message}"
        step.progress(problem, lasting=True)
    else:
        for sentence in prose.rest():
            say(sentence)
    for remark in _remarks(prose, fetched, bool(problem), "".join(pieces)):
        say(f"\n\n{remark}" if pieces else remark)
    step.emit(TextCompleted(channel=CHANNEL_ANSWER, text="".join(pieces)))


def _remarks(prose: Prose, fetched: Fetched, broken: bool, told: str) -> Iterator[str]:
    """Yield what is to be said beside the model's words: the figures where it found none, what is missing."""
    findings = "\n".join(f"- {finding.text}" for finding in fetched.digest.findings)
    if broken or not told.strip():
        yield findings
    if prose.left_out:
        yield left_out(prose.left_out)
    if not _tells_truncation(f"{told}{findings if broken else ''}", fetched):
        yield f"{fetched.truncated} The figures are of these rows."


async def _answerable(asking: Asking, candidates: Iterable[str], asked: list[str], most: int) -> list[str]:
    """Return those of *candidates*, beyond those *asked*, that can be answered."""
    known = {question.casefold() for question in asked}
    found: list[str] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(CHECKING_SECONDS):
            for question in candidates:
                if question.casefold() in known:
                    continue
                if await asking.answerable(question):
                    found.append(question)
                if len(found) == most:
                    break
    return found


def _summary(fetched: Fetched) -> str:
    """Return the answer in a sentence or two: a course's total or a ranking's first, then what stands out."""
    findings = fetched.digest.findings
    first = findings[:1]
    if first and first[0].kind in OVER_TIME and not premise.is_from(first[0]):
        along = any(finding.kind in (FINDING_KIND_TREND, FINDING_KIND_CHANGE) for finding in findings)
        direct = (FINDING_KIND_TOTAL,) if along else (FINDING_KIND_SHARE, FINDING_KIND_EXTREME)
        first = [*[finding for finding in findings if finding.kind in direct][:1], *first]
    said = " ".join(finding.text for finding in first) or _count(fetched)
    return said if _tells_truncation(said, fetched) else f"{said} {fetched.truncated}"


def _tells_truncation(text: str, fetched: Fetched) -> bool:
    return not fetched.truncated or f"first {fetched.rows:,} rows" in text


def _count(fetched: Fetched) -> str:
    if not fetched.rows:
        return "No rows answer the question."
    return f"{fetched.rows:,} row{'s' if fetched.rows != 1 else ''} answer the question."

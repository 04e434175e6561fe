"""The pipeline `query`: a question about one source becomes a checked query, rows, findings and a chart.

Each step is a module of its own; `answer` below tells them in order.
"""

from collections.abc import Iterator, Sequence
from itertools import count

from core.errors import ModelError, QueryRefused, SourceError
from core.models.base import Intent, Turn
from core.models.language import LanguageModel
from core.pipeline import Ending, Pipeline, Run
from core.pipelines.answering.analyze import analyze_results
from core.pipelines.answering.answered import Answered
from core.pipelines.answering.asking import OneSource, source_of
from core.pipelines.answering.languages import KNOWLEDGE
from core.pipelines.answering.results import Context, Fetched, Proposal, Reading
from core.pipelines.answering.visualize import generate_viz
from core.pipelines.query.context import fetch_context
from core.pipelines.query.deep import examine, examiner
from core.pipelines.query.passages import analyze_passages
from core.pipelines.query.request import check, sample_questions
from core.pipelines.query.rounds import fetch
from core.pipelines.query.steps import ANALYZE_RESULTS, GENERATE_VIZ, STEPS
from core.pipelines.query.understand import understand
from levada.v1.event_pb2 import OUTCOME_ANSWERED
from levada.v1.run_pb2 import Analysis

MOST_CLOSER_LOOKS = 3


async def answer(run: Run, source: str = "") -> Ending:
    """Answer a question: understand it, look up what matters, fetch rows, say what they mean, draw them.

    *source* is to be asked; without one the request says which, or the default one is.
    """
    reading = await understand(run, source)
    if isinstance(reading, Ending):
        return reading
    context = await run.step(fetch_context, reading)
    ids = (f"q{number}" for number in count(1))
    first = await fetch(run, context, reading.question, ids, run.services.limits.bytes_per_run)
    if isinstance(first, Ending):
        return first
    if run.request.options.analyze == Analysis.ANALYSIS_NONE:
        return _rows_only(run, context, *first)
    if source_of(run, context.source).language == KNOWLEDGE:
        return await _read(run, context, reading.question, *first)
    if model := examiner(run):
        return await _examined(run, model, reading, context, *first)
    return await _explained(run, reading, context, ids, *first)


async def _read(run: Run, context: Context, question: str, proposal: Proposal, fetched: Fetched) -> Ending:
    """Answer from passages of documents."""
    analysis = await run.step(analyze_passages, context, question, fetched)
    run.skip(GENERATE_VIZ, "Passages are read, not drawn.")
    return _answered(analysis.summary, context, [(proposal, fetched)])


async def _examined(
    run: Run, model: LanguageModel, reading: Reading, context: Context, proposal: Proposal, fetched: Fetched
) -> Ending:
    """Say what the rows mean, then have a language model look deeper and report."""
    analysis = await run.step(analyze_results, OneSource(run, context), proposal, fetched, [reading.question], False)
    looks = await examine(run, model, context, reading.question, proposal, fetched)
    await run.step(generate_viz, proposal, [look.fetched for look in looks])
    return _answered(analysis.summary, context, [(look.proposal, look.fetched) for look in looks])


async def _explained(
    run: Run, reading: Reading, context: Context, ids: Iterator[str], proposal: Proposal, fetched: Fetched
) -> Ending:
    """Say what the rows mean; `investigate` looks closer, up to three times, with a question sharper each time."""
    rounds, asked = [(proposal, fetched)], [reading.question]
    looks = MOST_CLOSER_LOOKS if _investigates(run, reading) else 0
    asking = OneSource(run, context)
    analysis = await run.step(analyze_results, asking, proposal, fetched, asked, looks > 0)
    telling = [analysis.summary]
    while analysis.sharper and len(rounds) <= looks:
        asked.append(analysis.sharper)
        closer = await _closer(run, context, analysis.sharper, ids, [one for _, one in rounds])
        if closer is None:
            break
        rounds.append(closer)
        analysis = await run.step(analyze_results, asking, *closer, asked, len(rounds) <= looks)
        if closer[1].rows > 1:
            telling.append(analysis.summary)
    await run.step(generate_viz, proposal, [one for _, one in rounds])
    return _answered(" ".join(dict.fromkeys([telling[0], telling[-1]])), context, rounds)


def _investigates(run: Run, reading: Reading) -> bool:
    return reading.intent is Intent.INVESTIGATE or run.request.options.analyze == Analysis.ANALYSIS_DEEP


async def _closer(
    run: Run, context: Context, question: str, ids: Iterator[str], rounds: list[Fetched]
) -> tuple[Proposal, Fetched] | None:
    """Return a closer look's rows; one that fails takes nothing from the answer that is there."""
    left = run.services.limits.bytes_per_run - sum(fetched.bytes for fetched in rounds)
    try:
        fetched = await fetch(run, context, question, ids, left)
    except (ModelError, QueryRefused, SourceError):
        return None
    return None if isinstance(fetched, Ending) else fetched


def _rows_only(run: Run, context: Context, proposal: Proposal, fetched: Fetched) -> Ending:
    for spec in (ANALYZE_RESULTS, GENERATE_VIZ):
        run.skip(spec, "Only rows were asked for.")
    rows = f"{fetched.rows:,} row{'s' if fetched.rows != 1 else ''}."
    return _answered(f"{rows} {fetched.truncated}".strip(), context, [(proposal, fetched)])


def _answered(summary: str, context: Context, looks: Sequence[tuple[Proposal, Fetched]]) -> Answered:
    proposal, _ = looks[0]
    turn = Turn(question=proposal.question, sql=proposal.draft.sql, source=context.source)
    return Answered(OUTCOME_ANSWERED, summary, remembered=turn, source=context.source, looks=looks)


PIPELINE = Pipeline(
    name="query",
    title="Ask your data",
    description="Answers a question about one source: writes a query, checks that it only reads, runs it, and says "
    "what stands out in the rows.",
    steps=STEPS,
    run=answer,
    check=check,
    sample_questions=sample_questions,
)

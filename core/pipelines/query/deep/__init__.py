"""`analyze: deep` with a language model: it looks at the data in queries of its own, then reports with citations.

Rounds are steps, and so is every query with its checks: a crash costs the round that was under way, the conversation is
made anew from checkpoints.
"""

from core.errors import ModelError, SourceError
from core.models.language import LanguageModel
from core.pipeline import Ending, Run
from core.pipelines.answering.asking import language_of
from core.pipelines.answering.results import Context, Failure, Fetched, Proposal
from core.pipelines.query.deep.looks import Examination, Look, Round
from core.pipelines.query.deep.report import write_report
from core.pipelines.query.deep.turn import deep
from core.pipelines.query.rounds import attempt
from levada.v1.run_pb2 import Analysis

MOST_ROUNDS = 10


def examiner(run: Run) -> LanguageModel | None:
    """Return the model that is to look at the data in queries of its own, where that is asked for and there is one."""
    return language_of(run) if run.request.options.analyze == Analysis.ANALYSIS_DEEP else None


async def examine(
    run: Run, model: LanguageModel, context: Context, question: str, proposal: Proposal, fetched: Fetched
) -> list[Look]:
    """Look deeper than the first query and report on it; return what gave a result, the first query first."""
    examination = Examination(question, Look(proposal, fetched))
    for left in range(MOST_ROUNDS - 1, -1, -1):
        try:
            turned = await run.step(deep, model, context, examination, left)
        except ModelError as error:
            examination.cut = f"The examination ended after {_rounds(examination)}: {error.message}"
            break
        looks: list[Look] = []
        examination.rounds.append(Round(turned, looks))
        for wanted in turned.wanted:
            looks.append(await _look(run, context, wanted, examination))  # noqa: PERF401 - the next one sees them
        if turned.finished:
            break
    else:
        examination.cut = f"The examination ended after {MOST_ROUNDS} rounds, before the model had come to an end."
    await run.step(write_report, model, examination)
    return examination.held


async def _look(run: Run, context: Context, proposal: Proposal, examination: Examination) -> Look:
    """Run a query that the model wants, as any other is run; what goes wrong is told to it."""
    left = run.services.limits.bytes_per_run - sum(look.fetched.bytes for look in examination.looks)
    if left <= 0:
        return Look.failed(proposal, "The rows that a run may fetch are used up, so nothing was run. Finish.")
    try:
        outcome = await attempt(run, context, proposal, left, True)
    except SourceError as error:
        return Look.failed(proposal, error.message)
    match outcome:
        case Failure(rule=rule, message=message):
            return Look.failed(proposal, f"Refused by the rule “{rule}”: {message}" if rule else message)
        case Ending(summary=summary):
            return Look.failed(proposal, summary)
    return Look(*outcome)


def _rounds(examination: Examination) -> str:
    count = len(examination.rounds)
    return f"{count} round{'s' if count != 1 else ''}"

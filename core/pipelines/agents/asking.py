"""What agents ask other pipelines: told within the run, and kept with what it gave so that it can be cited."""

from pydantic import BaseModel

from core.models.base import Turn
from core.pipeline import Ending, Pipeline, Run, Step, one_of
from core.pipelines import auto, federated, research
from core.pipelines.agents.results import Evidence, passage_as
from core.pipelines.answering.answered import Answered
from core.pipelines.answering.clarify import UNAPPROVED
from core.pipelines.answering.passages import LANGUAGE
from core.pipelines.research.results import Researched
from core.pipelines.within import Within, asking, asking_step
from levada.v1.event_pb2 import INPUT_KIND_APPROVAL, OUTCOME_ANSWERED
from levada.v1.run_pb2 import Analysis

MOST_CITED = 12
QUERY, KNOWLEDGE = "query", "knowledge"
PIPELINES: dict[str, Pipeline] = {
    QUERY: auto.PIPELINE,
    federated.PIPELINE.name: federated.PIPELINE,
    research.PIPELINE.name: research.PIPELINE,
}
"""What a tool of that name asks; `query` finds out by itself which sources it takes."""

TOOLS = (KNOWLEDGE, *PIPELINES)


class Looked(BaseModel):
    """What asking a pipeline gave: its answer in a sentence or two, and by id what that rests on; what can be cited.

    *options* are readings, the likeliest first, of a question that has several; *reading* says which was taken.
    """

    summary: str
    answered: bool
    evidence: list[Evidence] = []
    rests_on: list[str] = []
    options: list[str] = []
    reading: str = ""
    remembered: Turn | None = None


def data_sources(run: Run) -> tuple[str, ...]:
    """Return the names of the sources that hold data rather than documents: those of the run, else all."""
    found = {name: source for name, source in run.services.sources(run.owner).items() if source.language != LANGUAGE}
    return tuple(name for name in found if not run.request.sources or name in run.request.sources)


async def ask(step: Step, tool: str, question: str, *, name: str, follows: bool = False) -> Looked:
    """Ask the pipeline behind *tool* the *question* in a step called *name*, unique in the run.

    With *follows* it may lean on the conversation. Raises what that pipeline raises.
    """
    result: Looked = await step.run.step(one_of(_ask, asking_step(name, question)), tool, question, name, follows)
    return result


async def _ask(step: Step, tool: str, question: str, name: str, follows: bool) -> Looked:
    request = asking(step.run.request, question, data_sources(step.run))
    if request.options.analyze == Analysis.ANALYSIS_DEEP:
        request.options.analyze = Analysis.ANALYSIS_STANDARD
    if follows:
        request.conversation_id = step.run.request.conversation_id
    within = Within(step, request, name=name)
    ending = await PIPELINES[tool].run(within)
    summary, options = ending.summary, list[str]()
    if ending.clarification is not None and ending.clarification.kind == INPUT_KIND_APPROVAL:
        summary = UNAPPROVED
    elif ending.clarification is not None:
        options = [option.value or option.label for option in ending.clarification.options]
        summary = f"{ending.clarification.prompt} {'; '.join(options)}".strip()
    step.summary(summary)
    evidence = _evidence(within, ending)
    ids = [one.id for one in evidence]
    return Looked(
        summary=summary,
        answered=ending.outcome == OUTCOME_ANSWERED,
        evidence=evidence,
        rests_on=[name for name in _rests_on(within, ending) if name in ids] or ids[:1],
        options=options,
        remembered=ending.remembered,
    )


def _rests_on(within: Within, ending: Ending) -> list[str]:
    return [within.called(name) for name in ending.rests_on] if isinstance(ending, Researched) else []


def _researched(within: Within, ending: Researched) -> list[Evidence]:
    """Return what a report cites, as much as others can take in."""
    queries = [
        Evidence(
            id=within.called(query.id),
            about=f"“{query.question}”" + (f" of {query.source}" if query.source else ""),
            text=" ".join(finding.text for finding in query.findings) or ending.summary,
            findings=query.findings,
            excerpt=query.excerpt,
            query=query.sql,
        )
        for query in ending.queries
    ]
    return [*queries, *(passage_as(within.called(name), one) for name, one in ending.passages.items())][:MOST_CITED]


def _evidence(within: Within, ending: Ending) -> list[Evidence]:
    if isinstance(ending, Researched):
        return _researched(within, ending)
    if not isinstance(ending, Answered):
        return []
    return [
        Evidence(
            id=within.called(fetched.query_id),
            about=f"“{proposal.question}”" + (f" of {ending.source}" if ending.source else ""),
            text=" ".join(finding.text for finding in fetched.digest.findings) or ending.summary,
            findings=fetched.digest.findings,
            excerpt=fetched.digest.excerpt,
            query=proposal.draft.sql,
        )
        for proposal, fetched in ending.looks
        if fetched.failure is None
    ]

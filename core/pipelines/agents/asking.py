"""What agents ask other pipelines: told within the run, and kept with what it gave so that it can be cited."""

from pydantic import BaseModel

from core.models.base import Turn
from core.pipeline import Ending, Pipeline, Run, Step, one_of
from core.pipelines import auto, federated, research
from core.pipelines.agents.results import Evidence
from core.pipelines.answering.answered import Answered
from core.pipelines.answering.passages import LANGUAGE
from core.pipelines.within import Within, asking, asking_step
from levada.v1.event_pb2 import OUTCOME_ANSWERED
from levada.v1.run_pb2 import Analysis

QUERY, KNOWLEDGE = "query", "knowledge"
PIPELINES: dict[str, Pipeline] = {
    QUERY: auto.PIPELINE,
    federated.PIPELINE.name: federated.PIPELINE,
    research.PIPELINE.name: research.PIPELINE,
}
"""What a tool of that name asks; `query` finds out by itself which sources it takes."""

TOOLS = (KNOWLEDGE, *PIPELINES)


class Looked(BaseModel):
    """What asking a pipeline gave: its answer in a sentence or two, what can be cited of it."""

    summary: str
    answered: bool
    evidence: list[Evidence] = []
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
    summary = ending.summary
    if ending.clarification is not None:
        options = "; ".join(option.label or option.value for option in ending.clarification.options)
        summary = f"{ending.clarification.prompt} {options}".strip()
    step.summary(summary)
    return Looked(
        summary=summary,
        answered=ending.outcome == OUTCOME_ANSWERED,
        evidence=_evidence(within, ending),
        remembered=ending.remembered,
    )


def _evidence(within: Within, ending: Ending) -> list[Evidence]:
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

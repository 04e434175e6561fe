"""The pipeline `agents`: a message of a conversation is answered by a team, whose parts can be seen at work.

A coordinator chooses who; the documents are read; specialists contribute, each as the mode says; one agent puts it
together. When its words break off, it is told as partial and the run fails: half an answer is no answer.
"""

from core.models.base import Turn
from core.pipeline import Ending, Pipeline, Run
from core.pipelines import federated
from core.pipelines.agents.contribute import contribute
from core.pipelines.agents.coordinate import coordinate
from core.pipelines.agents.request import check, choices, sample_questions
from core.pipelines.agents.results import Contributions, Said, Team
from core.pipelines.agents.retrieve import retrieve
from core.pipelines.agents.steps import CONTRIBUTE, RETRIEVE, STEPS
from core.pipelines.agents.synthesize import synthesize
from levada.v1.event_pb2 import OUTCOME_ANSWERED, OUTCOME_REPLIED


async def answer(run: Run) -> Ending:
    """Answer a message: choose a team, read the documents, have specialists contribute, put it together."""
    team = await run.step(coordinate)
    read: Said | None = None
    if team.unread:
        run.skip(RETRIEVE, team.unread)
    else:
        read = await run.step(retrieve, team)
    contributions = Contributions()
    if team.supporting:
        contributions = await run.step(contribute, team, read)
    else:
        run.skip(CONTRIBUTE, f"The {team.primary.role.title} needs nobody else for it.")
    answered = await run.step(synthesize, team, read, contributions)
    outcome = OUTCOME_ANSWERED if answered.rests_on else OUTCOME_REPLIED
    return Ending(outcome, answered.summary, remembered=_remembered(team, contributions))


def _remembered(team: Team, contributions: Contributions) -> Turn:
    """Return what the conversation goes on from: the question of data that was asked for it, else the message."""
    asked = next((one.remembered for one in contributions.usable if one.remembered is not None), None)
    return asked or Turn(question=team.question)


PIPELINE = Pipeline(
    name="agents",
    title="Ask a team",
    description="Specialists work on a message side by side, over data and documents, and one of them answers.",
    steps=STEPS,
    run=answer,
    check=check,
    sample_questions=sample_questions,
    ended=federated.PIPELINE.ended,
    choices=choices,
)

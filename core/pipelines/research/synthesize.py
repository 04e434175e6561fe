"""synthesize: what the findings come to together, as the outline of a report."""

from core.pipeline import Step, step
from core.pipelines.answering.analysis.words import plural
from core.pipelines.research.offline.outlining import outlined
from core.pipelines.research.results import Outline
from core.pipelines.research.steps import SYNTHESIZE
from core.pipelines.research.workflow import Workflow


@step(SYNTHESIZE)
async def synthesize(step: Step, workflow: Workflow) -> Outline:
    """Put together what *workflow* found."""
    step.progress(SYNTHESIZE.doing)
    outline = outlined(workflow)
    step.summary(
        f"{plural(sum(len(one.points) for one in outline.sections), 'point')} in {len(outline.sections)} areas"
    )
    return outline

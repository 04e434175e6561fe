"""synthesize: what the findings come to together, as the outline of a report."""

from core.errors import ModelError
from core.pipeline import Step, step
from core.pipelines.answering.analysis.words import plural
from core.pipelines.answering.asking import language_of
from core.pipelines.research.offline.outlining import outlined
from core.pipelines.research.prompted.planning import stood_in
from core.pipelines.research.prompted.writing import outline_with
from core.pipelines.research.results import Outline
from core.pipelines.research.steps import SYNTHESIZE
from core.pipelines.research.workflow import Workflow


@step(SYNTHESIZE)
async def synthesize(step: Step, workflow: Workflow) -> Outline:
    """Put together what *workflow* found."""
    step.progress(SYNTHESIZE.doing)
    outline = await _outline(step, workflow)
    step.summary(
        f"{plural(sum(len(one.points) for one in outline.sections), 'point')} in {len(outline.sections)} areas"
    )
    return outline


async def _outline(step: Step, workflow: Workflow) -> Outline:
    if (model := language_of(step.run)) is not None:
        try:
            return await outline_with(step, model, workflow)
        except ModelError as error:
            stood_in(step, error, "The findings are put together by rule.")
    return outlined(workflow)

"""The pipeline `assessment`: out of a topic, an exercise in which errors are to be found, made by models at odds.

A strong model sets traps, one that is strong enough and a weak one walk into them or not, the strong one judges: what
the weak one really got wrong becomes the exercise. Each step is a module of its own; `assess` tells them in order.
"""

from core.errors import LevadaError
from core.pipeline import Ending, Pipeline, Run
from core.pipelines.assessment.attempts import tell_apart
from core.pipelines.assessment.catalog import generate_error_catalog
from core.pipelines.assessment.conclude import conclude
from core.pipelines.assessment.exercise import write_exercise
from core.pipelines.assessment.request import attempts, check, choices, sample_questions
from core.pipelines.assessment.steps import STEPS
from core.pipelines.assessment.topic import generate_difficulty_categories
from core.pipelines.assessment.walk import Walk
from levada.v1.event_pb2 import OUTCOME_REPLIED


async def assess(run: Run) -> Ending:
    """Make an exercise. However that ends, what came of it is told; without an exercise the run fails.

    No model is asked more than is needed: not after the gate was passed in vain as often as it may, not after success.
    """
    walk, problem = Walk(run), None
    try:
        await _make(walk)
    except LevadaError as error:
        problem = error
    return Ending(OUTCOME_REPLIED, await run.step(conclude, walk, problem))


async def _make(walk: Walk) -> None:
    walk.topic = topic = await walk.step(generate_difficulty_categories)
    catalog = await walk.step(generate_error_catalog, topic)
    told_apart = await tell_apart(walk, topic, catalog, attempts(walk.run.request))
    if told_apart is not None and told_apart.challenge is not None:
        await write_exercise(walk, topic, told_apart.challenge, told_apart.judged, told_apart.weak)


PIPELINE = Pipeline(
    name="assessment",
    title="Make an exercise",
    description="Makes a “spot the errors” exercise about a topic: models of different strength play against each "
    "other, and what the weaker one gets wrong becomes the errors. Needs language models in three roles.",
    steps=STEPS,
    run=assess,
    check=check,
    sample_questions=sample_questions,
    needs_model=True,
    choices=choices,
)

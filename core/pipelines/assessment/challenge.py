"""generate_challenge: a task in which who knows less makes mistakes of the catalogue."""

from collections.abc import Sequence

from core.pipeline import Step, step
from core.pipelines.assessment import material, quality
from core.pipelines.assessment.asking import Attempt, filled, kept
from core.pipelines.assessment.forms import Challenge, ErrorCatalog
from core.pipelines.assessment.results import Feedback, Made, Topic
from core.pipelines.assessment.steps import CHALLENGE
from core.pipelines.assessment.topic import FREEDOM


@step(CHALLENGE)
async def generate_challenge(
    step: Step, topic: Topic, catalog: ErrorCatalog, earlier: Sequence[Feedback], attempt: Attempt
) -> Made[Challenge]:
    """Have a challenge written; *earlier* says what came of those before it."""
    step.progress(f"{attempt.words}: {CHALLENGE.doing}")
    values = {**material.about(topic), "mistakes": material.mistakes(catalog.errors)}
    writing = filled(
        step,
        "strong",
        "challenge",
        Challenge,
        shows="question_text",
        temperature=FREEDOM,
        feedback=material.feedback(earlier),
        **values,
    )
    made = await kept(step, writing, attempt)
    if made.value is not None:
        quality.tell(step, quality.of_challenge(made.value, catalog))
        step.summary(f"{made.value.title} ({made.value.artifact_type})")
    return made

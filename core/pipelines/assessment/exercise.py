"""create_assessment: the text with its errors, written until it keeps every rule, at most three times."""

from collections.abc import Sequence
from typing import Any

from core.errors import ModelOutputInvalid
from core.pipeline import Step, step
from core.pipelines.answering.analysis.words import plural
from core.pipelines.assessment import material, quality, validator
from core.pipelines.assessment.asking import Attempt, filled, kept
from core.pipelines.assessment.forms import Challenge, Exercise
from core.pipelines.assessment.results import Judged, Topic, Tried
from core.pipelines.assessment.steps import EXERCISE
from core.pipelines.assessment.walk import Walk
from core.prompts import Ours, quoted

TRIES = 3
TEMPERATURE = 0.3
SHOWN = 5
MOST_TOLD = 20


async def write_exercise(walk: Walk, topic: Topic, challenge: Challenge, judged: Judged, weak: str) -> None:
    """Have the exercise written until a try keeps the rules."""
    for number in range(1, TRIES + 1):
        before = walk.tries[-1] if walk.tries else Tried()
        attempt = Attempt(number, TRIES)
        walk.tries.append(await walk.step(create_assessment, topic, challenge, judged, weak, before, attempt))
        if not walk.tries[-1].problems:
            break


@step(EXERCISE)
async def create_assessment(
    step: Step, topic: Topic, challenge: Challenge, judged: Judged, weak: str, before: Tried, attempt: Attempt
) -> Tried:
    """Have the exercise written; what was wrong with the try *before* is told to the model."""
    step.progress(f"Try {attempt.number} of {attempt.most}: {EXERCISE.doing}")
    values = {
        **material.about(topic),
        **material.posed(challenge),
        "mistakes": material.mistakes(judged.failures),
        "weak": material.answer(weak),
        **_earlier(before),
    }
    made = await kept(step, filled(step, "strong", "assessment", Exercise, temperature=TEMPERATURE, **values), attempt)
    if made.value is None:
        return Tried(problems=[made.problem])
    exercise, problems = made.value, validator.problems(made.value)
    quality.tell(step, quality.of_exercise(exercise, topic.difficulty, challenge.artifact_type))
    if problems:
        said = ModelOutputInvalid(f"The exercise breaks its rules: {in_words(problems)}")
        step.failed(said, will_retry=not attempt.last)
    step.summary(f"{exercise.title[:200]}: {plural(len(exercise.errors), 'error')} in {len(exercise.content)} lines")
    return Tried(exercise=exercise, problems=problems)


def in_words(problems: Sequence[str]) -> str:
    """Return the first few of *problems*; those that follow are mostly of the same kind."""
    more = f" (and {len(problems) - SHOWN} more)" if len(problems) > SHOWN else ""
    return " ".join(problems[:SHOWN]) + more


def _earlier(tried: Tried) -> dict[str, Any]:
    """Return what the prompt shows of the try before; one that could not be read mends nothing."""
    if tried.exercise is None:
        return {"problems": [], "last_try": Ours()}
    return {
        "problems": material.lines(tried.problems[:MOST_TOLD]),
        "last_try": quoted(tried.exercise.model_dump_json(), material.EXERCISE),
    }

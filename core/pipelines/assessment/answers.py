"""answer_strong_enough, answer_weak: two models answer the very same challenge, side by side."""

import asyncio

from core.endings import cause_of
from core.pipeline import Step, step
from core.pipelines.assessment import material, quality
from core.pipelines.assessment.asking import Attempt, kept, written
from core.pipelines.assessment.forms import Challenge
from core.pipelines.assessment.results import Made
from core.pipelines.assessment.steps import STRONG, WEAK
from core.pipelines.assessment.walk import Walk

# As people use models when they want to get work done.
TEMPERATURE = 0.3


async def both_answers(walk: Walk, challenge: Challenge, attempt: Attempt) -> tuple[Made[str], Made[str]]:
    """Return the stronger and the weaker answer."""
    try:
        async with asyncio.TaskGroup() as group:
            strong = group.create_task(walk.step(answer_strong_enough, challenge, attempt))
            weak = group.create_task(walk.step(answer_weak, challenge, attempt))
    except ExceptionGroup as group_of:
        raise cause_of(group_of) from group_of
    return strong.result(), weak.result()


@step(STRONG)
async def answer_strong_enough(step: Step, challenge: Challenge, attempt: Attempt) -> Made[str]:
    """Have the mid model answer."""
    return await _answer(step, "mid", challenge, attempt)


@step(WEAK)
async def answer_weak(step: Step, challenge: Challenge, attempt: Attempt) -> Made[str]:
    """Have the weak model answer."""
    return await _answer(step, "weak", challenge, attempt)


async def _answer(step: Step, role: str, challenge: Challenge, attempt: Attempt) -> Made[str]:
    step.progress(f"{attempt.words}: the {role} model answers...")
    values = {**material.posed(challenge), "requirements": material.lines(challenge.requirements)}
    made = await kept(step, written(step, role, "challenge_answer", temperature=TEMPERATURE, **values), attempt)
    if made.value is not None:
        quality.tell(step, quality.of_answer(made.value, challenge))
        step.summary(f"{len(made.value.split()):,} words")
    return made

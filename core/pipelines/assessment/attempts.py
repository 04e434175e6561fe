"""Steps 3 to 6, until the answers to a challenge can be told apart; each attempt hears what came of those before."""

from core.pipelines.assessment.answers import both_answers
from core.pipelines.assessment.asking import Attempt
from core.pipelines.assessment.challenge import generate_challenge
from core.pipelines.assessment.forms import ErrorCatalog
from core.pipelines.assessment.judge import judge
from core.pipelines.assessment.results import Attempted, Feedback, Judged, Topic, Why
from core.pipelines.assessment.walk import Walk


async def tell_apart(walk: Walk, topic: Topic, catalog: ErrorCatalog, most: int) -> Attempted | None:
    """Return the attempt that passed the judge's gate; None when none of *most* did."""
    for number in range(1, most + 1):
        earlier = [one.feedback for one in walk.attempts if one.feedback is not None]
        attempted = await _attempt(walk, topic, catalog, earlier, Attempt(number, most))
        walk.attempts.append(attempted)
        if attempted.feedback is None:
            return attempted
    return None


async def _attempt(
    walk: Walk, topic: Topic, catalog: ErrorCatalog, earlier: list[Feedback], attempt: Attempt
) -> Attempted:
    made = await walk.step(generate_challenge, topic, catalog, earlier, attempt)
    if made.value is None:
        return _of_no_use(3, made.problem)
    challenge = made.value
    strong, weak = await both_answers(walk, challenge, attempt)
    for number, answer in ((4, strong), (5, weak)):
        if answer.value is None:
            return _of_no_use(number, answer.problem, challenge.title)
    judged = await walk.step(judge, challenge, catalog, strong.value, weak.value, attempt)
    return Attempted(step=6, challenge=challenge, weak=weak.value or "", judged=judged)


def _of_no_use(step: int, problem: str, title: str = "") -> Attempted:
    feedback = Feedback(why=Why.UNUSABLE, said=problem, title=title)
    return Attempted(step=step, judged=Judged(feedback=feedback))

"""judge: both answers are held against the catalogue; the gate is whether they can be told apart by it."""

from collections.abc import Sequence

from core.pipeline import Step, step
from core.pipelines.assessment import material, quality
from core.pipelines.assessment.asking import Attempt, filled, kept
from core.pipelines.assessment.forms import Challenge, ErrorCatalog, Judgement, Mistake, Verdict
from core.pipelines.assessment.results import Feedback, Judged, Why
from core.pipelines.assessment.steps import JUDGE
from core.pipelines.assessment.texts import plain

_WHY = {Verdict.BOTH_AVOIDED: Why.BOTH_AVOIDED, Verdict.NEITHER_SUCCEEDED: Why.NEITHER_SUCCEEDED}
_SAID = {
    Why.BOTH_AVOIDED: "Both answers avoid the mistakes",
    Why.NEITHER_SUCCEEDED: "Neither answer succeeds",
    Why.JUDGED: "Not told apart",
}


@step(JUDGE)
async def judge(
    step: Step, challenge: Challenge, catalog: ErrorCatalog, strong: str, weak: str, attempt: Attempt
) -> Judged:
    """Have the answers judged, and decide by the judgement whether an exercise can be made of it."""
    step.progress(f"{attempt.words}: {JUDGE.doing}")
    values = {
        **material.posed(challenge),
        "criteria": material.lines(challenge.success_criteria),
        "mistakes": material.lines([one.mistake for one in catalog.errors]),
        "strong": material.answer(strong),
        "weak": material.answer(weak),
    }
    made = await kept(step, filled(step, "strong", "judgement", Judgement, shows="reasoning", **values), attempt)
    if made.value is None:
        return Judged(feedback=Feedback(why=Why.UNUSABLE, said=made.problem, title=challenge.title))
    judged, unknown = weighed(made.value, catalog, challenge.title)
    quality.tell(step, quality.of_judgement(made.value, weak, unknown))
    step.summary(_summary(judged, made.value, len(catalog.errors)))
    return judged


def weighed(judgement: Judgement, catalog: ErrorCatalog, title: str) -> tuple[Judged, Sequence[str]]:
    """Return whether *judgement* passes the gate, and the failures that it names beyond the catalogue."""
    known = {plain(one.mistake): one for one in catalog.errors}
    named = dict.fromkeys(map(plain, judgement.failures_weaker))
    failures: list[Mistake] = [known[one] for one in named if one in known]
    unknown = [one for one in named if one not in known]
    if judgement.differentiation_achieved and failures and not unknown:
        return Judged(judgement=judgement, failures=failures), unknown
    why = _WHY.get(judgement.verdict, Why.JUDGED)
    said = judgement.reasoning
    if judgement.differentiation_achieved:
        # It says that they can be told apart, and not by what.
        why = Why.JUDGED
        said = f"{said} The failures named are not mistakes of the catalogue, or there are none."
    feedback = Feedback(why=why, said=said, title=title)
    return Judged(judgement=judgement, failures=failures, feedback=feedback), unknown


def _summary(judged: Judged, judgement: Judgement, known: int) -> str:
    score = f"quality {judgement.quality_score:g} of 10"
    if judged.feedback is None:
        return f"Told apart: the weaker answer makes {len(judged.failures)} of {known} mistakes, {score}"
    return f"{_SAID[judged.feedback.why]}, {score}"

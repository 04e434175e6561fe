"""conclude: says what came of it, whatever that is, and fails where there is no exercise."""

from core.errors import LevadaError, TriesExhausted
from core.pipeline import Step, step
from core.pipelines.answering.analysis.words import plural
from core.pipelines.assessment.exercise import in_words
from core.pipelines.assessment.forms import Exercise
from core.pipelines.assessment.results import Attempted, Tried, Why
from core.pipelines.assessment.steps import CONCLUDE
from core.pipelines.assessment.walk import Walk
from levada.v1.event_pb2 import Assessment, AssessmentEnded, AssessmentError

_CAME = {
    Why.BOTH_AVOIDED: "both models avoided every mistake",
    Why.NEITHER_SUCCEEDED: "neither model succeeded",
    Why.JUDGED: "the judge could not tell the answers apart by the mistakes of the catalogue",
}


@step(CONCLUDE)
async def conclude(step: Step, walk: Walk, error: LevadaError | None) -> str:
    """Return the run's summary. Raises *error*, or TriesExhausted, when there is no exercise.

    A failure is no checkpoint: when the run goes on, or is forked from before, it may come to another end.
    """
    exercise = walk.exercise
    if exercise is None:
        error = error or _exhausted(walk)
        step.emit(ended(walk, error.message))
        raise error
    step.emit(ended(walk))
    errors = plural(len(exercise.errors), "error")
    summary = f"“{exercise.title.strip()}”: {errors} to be found in {len(exercise.content)} lines."
    step.summary(summary)
    return summary


def ended(walk: Walk, message: str = "") -> AssessmentEnded:
    """Return what is told of the end; *message* says why there is no exercise."""
    judgements = [one.judged.judgement for one in walk.attempts if one.judged.judgement is not None]
    return AssessmentEnded(
        success=walk.exercise is not None,
        differentiation_achieved=bool(walk.attempts) and walk.attempts[-1].feedback is None,
        total_attempts=len(walk.attempts) + (walk.broke_at in range(3, 7)),
        stopped_at_step=walk.stopped_at,
        quality_score=judgements[-1].quality_score if judgements else 0,
        difficulty=walk.topic.difficulty if walk.topic else "",
        sub_topic=walk.topic.sub_topic if walk.topic else "",
        assessment=_told(walk.exercise) if walk.exercise else None,
        message=message,
    )


def _told(exercise: Exercise) -> Assessment:
    return Assessment(
        title=exercise.title.strip(),
        difficulty=exercise.difficulty,
        content_type=exercise.content_type,
        content=exercise.content,
        errors=[AssessmentError(id=error.id, description=error.description) for error in exercise.errors],
    )


def _exhausted(walk: Walk) -> TriesExhausted:
    """Return why there is no exercise although nothing went wrong."""
    return _never_kept_its_rules(walk.tries) if walk.tries else _never_told_apart(walk.attempts)


def _never_told_apart(attempts: list[Attempted]) -> TriesExhausted:
    count = len(attempts)
    tries = "The one attempt" if count == 1 else f"None of {count} attempts"
    found = "found no challenge" if count == 1 else "found a challenge"
    last = _came(attempts[-1])
    error = TriesExhausted(
        f"{tries} {found} that tells a strong model from a weak one, so there is no exercise; in the last attempt "
        f"{last}. Ask again, choose another sub-topic or difficulty, allow more attempts (max_attempts, 5 at most), "
        "or set a smaller model in the role “weak”.",
        details={"tries": str(count)},
    )
    error.tried = tuple(f"Attempt {number}: {_came(one)}." for number, one in enumerate(attempts, 1))
    return error


def _came(attempt: Attempted) -> str:
    feedback = attempt.feedback
    if feedback is None:
        return "the answers were told apart"
    return _CAME.get(feedback.why) or f"a model's answer could not be used: {feedback.said.rstrip('.')}"


def _never_kept_its_rules(tries: list[Tried]) -> TriesExhausted:
    error = TriesExhausted(
        f"The models were told apart, but the exercise was written {len(tries)} times and none kept its rules, so "
        "there is none. Ask again, or set a stronger model in the role “strong”.",
        details={"tries": str(len(tries))},
    )
    error.tried = tuple(f"Try {number}: {in_words(one.problems)}" for number, one in enumerate(tries, 1))
    return error

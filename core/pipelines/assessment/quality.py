"""How good what a step made is: named looks at that step's output alone, which stop nothing.

The same output always gives the same. Rates over all runs are kept as the counter `levada.quality_checks`.
"""

import re
from collections.abc import Iterable, Sequence

from core import measures
from core.pipeline import Step
from core.pipelines.assessment.forms import Categories, Challenge, ErrorCatalog, Exercise, Judgement
from core.pipelines.assessment.marks import Marked
from core.pipelines.assessment.texts import HEADINGS, plain, sections
from levada.v1.event_pb2 import QualityCheck, QualityChecked

_GIVEAWAY = re.compile(r"\b(bugs?|buggy|mistakes?|incorrect|wrong|fixme|todo)\b", re.IGNORECASE)


def tell(step: Step, checks: Sequence[QualityCheck]) -> None:
    """Say what was found, and count it by step and check."""
    step.emit(QualityChecked(checks=checks))
    kind = step.name.rpartition("/")[2].partition("#")[0]
    for check in checks:
        of = {"levada.pipeline": "assessment", "levada.step": kind, "levada.check": check.name}
        measures.quality_checks.add(1, {**of, "levada.passed": check.passed})


def of_categories(categories: Categories, topic: str) -> list[QualityCheck]:
    named = [plain(one) for level in categories.levels.values() for one in level]
    vague = [one for one in named if not 2 <= len(one.split()) <= 12 or one == plain(topic)]
    return [
        _alike("levels_differ", named, "sub-topics"),
        _check("concrete_sub_topics", not vague, f"{len(vague)} of {len(named)} sub-topics are too short or too long"),
    ]


def of_catalog(catalog: ErrorCatalog) -> list[QualityCheck]:
    errors = catalog.errors
    impacts = {one.impact for one in errors}
    telling = sum(one.likelihood_weak_makes > 1 - one.likelihood_strong_avoids for one in errors)
    long = sum(len(one.match_hint) > 100 for one in errors)
    return [
        _alike("six_distinct_errors", [plain(one.mistake) for one in errors], "errors"),
        _check("impacts_vary", len(impacts) > 1, f"{len(impacts)} of 3 degrees of impact occur"),
        _check("weak_likelier", telling == len(errors), f"a weak model is likelier to make {telling} of {len(errors)}"),
        _check("short_hints", not long, f"{long} of {len(errors)} hints are longer than 100 characters"),
    ]


def of_challenge(challenge: Challenge, catalog: ErrorCatalog) -> list[QualityCheck]:
    shown = plain(f"{challenge.title}\n{challenge.context}\n{challenge.question_text}")
    named = sum(plain(one.mistake) in shown or plain(one.match_hint) in shown for one in catalog.errors)
    words = len(challenge.context.split())
    return [
        _check("contains_no_error", not named, f"it shows {named} of {len(catalog.errors)} errors of the catalogue"),
        _alike("distinct_requirements", list(map(plain, challenge.requirements)), "requirements"),
        _check("gives_context", words >= 15, f"its context has {words} words"),
    ]


def of_answer(text: str, challenge: Challenge) -> list[QualityCheck]:
    found = sections(text)
    words = len(found.get(HEADINGS[1], "").split())
    copied = plain(challenge.question_text) in plain(text)
    present = [heading for heading in found if heading in HEADINGS]
    return [
        _check("three_sections", list(found) == list(HEADINGS), f"it has {len(present)} of {len(HEADINGS)} sections"),
        _check("answers_at_length", words >= 10, f"its answer has {words} words"),
        _check("not_the_task_again", not copied, f"it repeats the task: {'yes' if copied else 'no'}"),
    ]


def of_judgement(judgement: Judgement, weak: str, unknown: Sequence[str]) -> list[QualityCheck]:
    answer = plain(weak)
    quoted = sum(plain(one) in answer for one in judgement.evidence)
    cited = bool(judgement.evidence) or not judgement.failures_weaker
    score, achieved = judgement.quality_score, judgement.differentiation_achieved
    return [
        _check(
            "evidence_quoted",
            cited and quoted == len(judgement.evidence),
            f"{quoted} of {len(judgement.evidence)} quotes stand in the weaker answer",
        ),
        _check("only_catalogued_errors", not unknown, f"{len(unknown)} named failures are not in the catalogue"),
        _check("score_fits", achieved == (score > 5), f"told apart: {'yes' if achieved else 'no'}; score {score:g}"),
    ]


def of_exercise(exercise: Exercise, level: str, artifact: str) -> list[QualityCheck]:
    marked = Marked(exercise.content, [error.id for error in exercise.errors if error.id])
    lines = [marked.line(mark) for mark in marked.marks]
    hints = sum(bool(_GIVEAWAY.search(line)) for line in marked.bare.split("\n"))
    return [
        _check(
            "level_as_chosen", exercise.difficulty == level, f"it is {exercise.difficulty[:20]}, chosen was {level}"
        ),
        _check("kind_as_challenged", exercise.content_type == artifact, f"it is {exercise.content_type[:20]}"),
        _check("one_error_a_line", len(set(lines)) == len(lines), f"{len(lines)} marks in {len(set(lines))} lines"),
        _check("gives_nothing_away", not hints, f"{hints} lines speak of mistakes"),
        _alike("descriptions_differ", [plain(one.description) for one in exercise.errors], "descriptions"),
    ]


def _alike(name: str, texts: Iterable[str], what: str) -> QualityCheck:
    texts = list(texts)
    different = len(set(texts))
    return _check(name, different == len(texts), f"{different} of {len(texts)} {what} differ")


def _check(name: str, passed: bool, found: str) -> QualityCheck:
    return QualityCheck(name=name, passed=passed, message=f"{found[0].upper()}{found[1:]}.")

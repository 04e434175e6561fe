"""The rules of an exercise: whatever keeps them is taken, whatever breaks one is refused for that one."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.pipelines.assessment.forms import Exercise, MarkedError
from core.pipelines.assessment.validator import problems
from tests.pipelines.assessment import play
from tests.pipelines.assessment.exercises import exercises, instead, line_with

QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def changed(exercise: Exercise, **what: object) -> Exercise:
    return exercise.model_copy(update=what)


def first_error(exercise: Exercise, **what: str) -> list[MarkedError]:
    return [exercise.errors[0].model_copy(update=what), *exercise.errors[1:]]


def renamed(exercise: Exercise, new: str) -> Exercise:
    """Return *exercise* with its first error called *new*, there and in the text."""
    old = exercise.errors[0].id
    return changed(
        exercise, errors=first_error(exercise, id=new), content=instead(exercise, f"<<{old}>>", f"<<{new}>>")
    )


def appended(exercise: Exercise, text: str) -> Exercise:
    return changed(exercise, content=[*exercise.content[:-1], f"{exercise.content[-1]} {text}"])


def with_errors(exercise: Exercise, count: int) -> Exercise:
    """Return *exercise* with *count* errors, all marked."""
    bare = [line for line in exercise.content if "<<" not in line]
    ids = [f"{number}. a mistake of some length" for number in range(count)]
    lines = [*(f"<<{one}>>" for one in ids), *bare, *["filler"] * 24][: max(24, count)]
    return changed(exercise, content=lines, errors=[MarkedError(id=one, description="Wrong.") for one in ids])


@QUICK
@given(exercises())
def test_whatever_keeps_the_rules_is_taken(exercise: Exercise):
    assert problems(exercise) == []


BREAKS: dict[str, tuple[Callable[[Exercise], Exercise], str]] = {
    "no title": (lambda e: changed(e, title="  "), "title has to have 1 to 200 characters"),
    "a long title": (lambda e: changed(e, title="t" * 201), "it has 201"),
    "a title of two lines": (lambda e: changed(e, title="one\ntwo"), "title has to have"),
    "another difficulty": (lambda e: changed(e, difficulty="advanced"), "difficulty has to be one of Beginner,"),
    "another kind": (lambda e: changed(e, content_type="poem"), "content_type has to be one of code,"),
    "too few lines": (lambda e: changed(e, content=e.content[:23]), "24 to 60 lines; it has 23"),
    "too many lines": (lambda e: changed(e, content=(e.content + [""] * 61)[:61]), "24 to 60 lines; it has 61"),
    "a line of two": (lambda e: appended(e, "a\nb"), "holds a line break or a control character"),
    "an order to a terminal": (lambda e: appended(e, "\x1b[2J"), "holds a line break or a control character"),
    "a turn of writing": (lambda e: appended(e, "\u202e"), "holds a line break or a control character"),
    "no error": (lambda e: with_errors(e, 0), "errors has to have 1 to 5 items; it has 0"),
    "six errors": (lambda e: with_errors(e, 6), "errors has to have 1 to 5 items; it has 6"),
    "a short id": (
        lambda e: renamed(e, "x" * 19),
        "id of error 1 has to have 20 to 120 characters of one line; it has 19",
    ),
    "a long id": (lambda e: renamed(e, "x" * 121), "20 to 120 characters of one line; it has 121"),
    "a blank id": (lambda e: renamed(e, " " * 20), "20 to 120 characters"),
    "an id over two lines": (
        lambda e: renamed(changed(e, content=e.content), "first line of it\nsecond line"),
        "20 to 120 characters of one line",
    ),
    "no description": (lambda e: changed(e, errors=first_error(e, description=" ")), "description of error 1"),
    "a long description": (lambda e: changed(e, errors=first_error(e, description="d" * 181)), "it has 181"),
    "an id twice": (lambda e: changed(e, errors=[e.errors[0], *e.errors][:5]), "each needs one of its own"),
    "an unmarked error": (lambda e: changed(e, content=instead(e, f"<<{e.errors[0].id}>>", "")), "marked 0 times"),
    "bare words": (
        lambda e: changed(e, content=instead(e, f"<<{e.errors[0].id}>>", e.errors[0].id)),
        "exactly once, as <<, the same characters, >>, all in one line; it is marked 0 times",
    ),
    "another wording": (lambda e: changed(e, errors=first_error(e, id=f"{e.errors[0].id[:60]}~")), "marked 0 times"),
    "marked twice": (lambda e: appended(e, f"<<{e.errors[0].id}>>"), "it is marked 2 times"),
    "unmarked elsewhere": (lambda e: appended(e, e.errors[0].id), "stand in content once; they stand there 2 times"),
    "a mark of nothing": (lambda e: appended(e, "<<a mark of no error at all>>"), "marks something that is no error's"),
}


@QUICK
@given(exercise=exercises())
@pytest.mark.parametrize("rule", BREAKS)
def test_whatever_breaks_a_rule_is_refused_for_it(rule: str, exercise: Exercise):
    broken, message = BREAKS[rule]
    found = problems(broken(exercise))
    assert any(message in one for one in found), found


@QUICK
@given(exercises())
def test_marks_that_reach_into_each_other_are_refused(exercise: Exercise):
    one = exercise.errors[0].id
    outer = f"before <<{one}>> after"
    place = line_with(exercise, one)
    content = list(exercise.content)
    content[place] = content[place].replace(f"<<{one}>>", f"<<{outer}>>")
    errors = [*exercise.errors[:4], MarkedError(id=outer, description="Wrong.")]
    assert "Marks must not overlap." in problems(changed(exercise, content=content, errors=errors))


@QUICK
@example(["<<" * 4_000], ["<"], "", "")
@example([">>x<<", "<<<>>>"], ["", "<<>>", ">>x<<"], "", "")
@given(
    st.lists(st.text("<>a \n§", max_size=30), max_size=70),
    st.lists(st.text("<>a \n", max_size=30), max_size=7),
    st.text(max_size=5),
    st.text(max_size=5),
)
def test_nothing_that_a_model_may_write_is_too_much(content: list[str], ids: list[str], title: str, kind: str):
    errors = [MarkedError(id=one, description=title) for one in ids]
    assert problems(Exercise(title=title, difficulty=kind, content_type=kind, content=content, errors=errors))


def test_the_exercise_of_the_play_keeps_the_rules():
    assert problems(Exercise.model_validate(play.exercise().value)) == []

"""Whether an exercise keeps its rules: pure; each broken rule is said in words by which a model can mend it."""

import re
from collections.abc import Iterator, Sequence

from core.pipelines.assessment.forms import ARTIFACTS, EXERCISE_LEVELS, Exercise, MarkedError
from core.pipelines.assessment.marks import CLOSING, OPENING, Marked

LINES = range(24, 61)
ERRORS = range(1, 6)
ID_LENGTHS = range(20, 121)
LONGEST_DESCRIPTION = 180
LONGEST_TITLE = 200
_SHOWN = 60
# Line breaks, control characters but for the tab, and those that turn the direction of writing: whatever shows the
# text may take them for orders.
_UNPLAIN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def problems(exercise: Exercise) -> list[str]:
    """Return which rules *exercise* breaks, in order; none when it may be used."""
    return [*_head(exercise), *_lines(exercise.content), *_errors(exercise.errors), *_marks(exercise)]


def _head(exercise: Exercise) -> Iterator[str]:
    if not 0 < len(exercise.title.strip()) <= LONGEST_TITLE or _UNPLAIN.search(exercise.title):
        length = f"1 to {LONGEST_TITLE} characters of one line; it has {len(exercise.title.strip())}"
        yield f"title has to have {length}."
    if exercise.difficulty not in EXERCISE_LEVELS:
        yield f"difficulty has to be one of {', '.join(EXERCISE_LEVELS)}; it is {_shown(exercise.difficulty)}."
    if exercise.content_type not in ARTIFACTS:
        yield f"content_type has to be one of {', '.join(ARTIFACTS)}; it is {_shown(exercise.content_type)}."


def _lines(content: Sequence[str]) -> Iterator[str]:
    if len(content) not in LINES:
        yield f"content has to have {_span(LINES)} lines; it has {len(content)}."
    for number, line in enumerate(content, 1):
        if _UNPLAIN.search(line):
            yield f"Line {number} of content holds a line break or a control character; it has to be one plain line."


def _errors(errors: Sequence[MarkedError]) -> Iterator[str]:
    if len(errors) not in ERRORS:
        yield f"errors has to have {_span(ERRORS)} items; it has {len(errors)}."
    for number, error in enumerate(errors, 1):
        if len(error.id) not in ID_LENGTHS or error.id.isspace() or _UNPLAIN.search(error.id):
            length = f"{_span(ID_LENGTHS)} characters of one line; it has {len(error.id)}"
            yield f"The id of error {number} has to have {length}."
        if not error.description.strip() or len(error.description) > LONGEST_DESCRIPTION:
            length = f"1 to {LONGEST_DESCRIPTION} characters; it has {len(error.description)}"
            yield f"The description of error {number} has to have {length}."
    ids = [error.id for error in errors]
    for one in dict.fromkeys(ids):
        if ids.count(one) > 1:
            yield f"{ids.count(one)} errors have the id {_shown(one)}; each needs one of its own."


def _marks(exercise: Exercise) -> Iterator[str]:
    ids = [error.id for error in exercise.errors if error.id]
    marked = Marked(exercise.content, ids)
    for one in dict.fromkeys(ids):
        if (count := marked.count(one)) != 1:
            wanted = f"exactly once, as {OPENING}, the same characters, {CLOSING}, all in one line"
            yield f"The id {_shown(one)} has to be marked in content {wanted}; it is marked {count} times."
        elif not marked.overlap and (count := marked.occurrences(one)) != 1:
            yield f"The words {_shown(one)} have to stand in content once; they stand there {count} times."
    if marked.overlap:
        yield "Marks must not overlap."
    for number in marked.strays():
        yield f"Line {number} of content marks something that is no error's id; marks and errors have to be the same."


def _span(span: range) -> str:
    return f"{span.start} to {span.stop - 1}"


def _shown(text: str) -> str:
    return f"“{text[:_SHOWN]}{'…' if len(text) > _SHOWN else ''}”"

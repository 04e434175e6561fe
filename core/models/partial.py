"""Reads an object of a form out of text that arrives in pieces, and tells its top-level strings as they grow,
and the objects of its top-level lists as each is whole.

Each character is looked at once, however small the pieces: only what may be half an escape waits for more. Whether the
whole is right is left to pydantic, once, at its end.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import jiter
from pydantic import BaseModel, ValidationError

from core.models.problems import problem
from core.models.surrogates import Mender

F = TypeVar("F", bound=BaseModel)

THINKING, THOUGHT = "<think>", "</think>"  # what servers leave in the text that do not know a model's way of thinking
_START = re.compile(rf"\{{|{THINKING}")
_SPACE = re.compile(r"\s+")
_BETWEEN = re.compile(r'[^"{}\[\],:]+')
# A run of a string that can be read by itself: no half escape at its end, and a pair of surrogates in one piece.
_RUN = re.compile(
    r"""(?:[^"\\]+
        |\\["\\/bfnrt]
        |\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}
        |\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})+""",
    re.VERBOSE,
)
_LONGEST_ESCAPE = len(r"\ud83d\ude00")
_IN_LIST = 3  # how deep an object within a list of the object itself is
_CONTROL = re.compile(r"[\x00-\x1f]")


@dataclass(frozen=True, slots=True)
class Growth:
    """More of the string *field*. The growths of one *attempt* make the field; another attempt begins anew."""

    field: str
    text: str
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """A whole object of the list *field*, as JSON has it; whether it is right shows once the form is whole."""

    field: str
    value: dict[str, Any]
    attempt: int = 1


class Reading(Generic[F]):
    """Reads the first object of *form* in a text; prose, fences and thoughts around it are passed over.

    An object that is of another form is passed over too, as long as no field of it was told to grow. *value* is the
    object; *problem* says why there is none yet.
    """

    def __init__(self, form: type[F], attempt: int = 1) -> None:
        self.value: F | None = None
        self.problem = "there is no JSON object in it"
        self._form = form
        self._attempt = attempt
        self._fields = {field.alias or name: name for name, field in form.model_fields.items()}
        self._mender = Mender()
        self._state: Callable[[str, int], int | None] = self._prose
        self._rest = ""
        self._growths: list[Growth | Item] = []
        self._begin()

    def feed(self, text: str) -> Sequence[Growth | Item]:
        """Read on; return what grew, and what is whole."""
        self._growths = []
        text, at = self._rest + self._mender.mend(text), 0
        while at < len(text) and (then := self._state(text, at)) is not None:
            at = then
        self._rest = text[at:]
        return self._growths

    def end(self) -> None:
        """There is no more text: an object that is still open has a problem."""
        if self._depth:
            self._object.append(self._rest)
            self._check()

    def _begin(self) -> None:
        self._object: list[str] = []
        self._depth = 0
        self._key = ""
        self._naming = True  # the next string of the object itself is a key
        self._growing = ""  # the field whose string is open
        self._told = False
        self._listing = False  # whether what is open in the object itself is a list
        self._item = 0  # where in the object an object of one of its lists begins

    # Each state reads from *at* and returns where it got to, or None when it needs more text.

    def _prose(self, text: str, at: int) -> int | None:
        start = _START.search(text, at)
        if start is None:
            half = text.rfind("<", max(at, len(text) - len(THINKING)))
            return _kept(half, at) if half >= 0 and THINKING.startswith(text[half:]) else len(text)
        self._state = self._opened if start[0] == "{" else self._thinking
        return start.end()

    def _thinking(self, text: str, at: int) -> int | None:
        end = text.find(THOUGHT, at)
        if end >= 0:
            self._state = self._prose
            return end + len(THOUGHT)
        return _kept(len(text) - len(THOUGHT), at)

    def _opened(self, text: str, at: int) -> int | None:
        if space := _SPACE.match(text, at):
            return space.end()
        if text[at] not in '"}':
            self._state = self._prose
            return at
        self._begin()
        self._object.append("{")
        self._depth, self._state = 1, self._between
        return at

    def _between(self, text: str, at: int) -> int | None:
        if run := _BETWEEN.match(text, at):
            self._object.append(run[0])
            return run.end()
        mark = text[at]
        self._object.append(mark)
        if mark == '"':
            self._open_string()
        elif mark in "{[":
            self._depth += 1
            if self._depth == _IN_LIST - 1:
                self._listing = mark == "["
            elif mark == "{" and self._depth == _IN_LIST and self._listing:
                self._item = len(self._object) - 1
        elif mark in "}]":
            self._depth -= 1
            if self._item and self._depth == _IN_LIST - 1:
                self._take_item()
            if not self._depth:
                self._check()
        elif self._depth == 1:
            self._naming = mark == ","
        return at + 1

    def _open_string(self) -> None:
        self._state = self._in_string
        top = self._depth == 1
        self._growing = self._fields.get(self._key, "") if top and not self._naming else ""
        if top and self._naming:
            self._key = ""

    def _in_string(self, text: str, at: int) -> int | None:
        if run := _RUN.match(text, at):
            # Models write line breaks into SQL as they are, which JSON forbids; what is meant is plain.
            written = _CONTROL.sub(lambda c: f"\\u{ord(c[0]):04x}", run[0])
            self._object.append(written)
            self._take(run[0] if "\\" not in run[0] else jiter.from_json(f'"{written}"'.encode()))
            return run.end()
        if text[at] == '"':
            self._object.append('"')
            self._state = self._between
            return at + 1
        if len(text) - at < _LONGEST_ESCAPE:
            return None
        self._object.append(text[at:])
        self._check()
        return at + 1

    def _take(self, text: str) -> None:
        if self._growing:
            self._told = True
            self._growths.append(Growth(self._growing, text, self._attempt))
        elif self._naming and self._depth == 1:
            self._key += text

    def _take_item(self) -> None:
        text, self._item = "".join(self._object[self._item :]), 0
        field = self._fields.get(self._key, "")
        with suppress(ValueError):  # the whole will be looked at again
            value = jiter.from_json(text.encode())
            if field and isinstance(value, dict):
                self._told = True
                self._growths.append(Item(field, value, self._attempt))

    def _over(self, text: str, at: int) -> int | None:
        return len(text)

    def _check(self) -> None:
        """The object is at its end: take it when it is right, else look for another, unless it was told already."""
        text, self._depth = "".join(self._object), 0
        try:
            value = self._form.model_validate_json(text)
            jiter.from_json(text.encode(), catch_duplicate_keys=True)  # of which pydantic would take the last
        except ValidationError as error:
            self.problem = problem(error)
        except ValueError as error:
            self.problem = str(error)
        else:
            self.value = value
        self._state = self._over if self.value is not None or self._told else self._prose


def _kept(half: int, at: int) -> int | None:
    """Return where what may be the half of a tag begins; None when all that is left may be."""
    return half if half > at else None

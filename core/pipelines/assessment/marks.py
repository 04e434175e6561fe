"""Where the errors of an exercise are marked in its text, as `<<the exact words>>`; the words are an error's id.

A mark is found by its words, never by its brackets alone: `cout << x` and `vector<vector<int>>` are no marks.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

OPENING, CLOSING = "<<", ">>"
# What operators have around them, marks have not.
_OPENED = re.compile(rf"{OPENING}(?=\S)")
_CLOSED = re.compile(rf"(?<=\S){CLOSING}")


@dataclass(frozen=True, order=True)
class Mark:
    """A mark in the text, from *start* to *end*, brackets and all."""

    start: int
    end: int
    id: str


class Marked:
    """The lines of an exercise as one text. *marks* are those of *ids*, in order."""

    def __init__(self, lines: Sequence[str], ids: Collection[str]) -> None:
        self._text = "\n".join(lines)
        self.marks = sorted(mark for one in dict.fromkeys(ids) for mark in self._of(one))

    def _of(self, one: str) -> Iterator[Mark]:
        mark = f"{OPENING}{one}{CLOSING}"
        at = self._text.find(mark)
        while at >= 0:
            yield Mark(at, at + len(mark), one)
            at = self._text.find(mark, at + 1)

    def count(self, one: str) -> int:
        """Return how often *one* is marked."""
        return sum(mark.id == one for mark in self.marks)

    @property
    def overlap(self) -> bool:
        """Tell whether a mark reaches into another."""
        return any(one.end > other.start for one, other in zip(self.marks, self.marks[1:], strict=False))

    @property
    def bare(self) -> str:
        """Return the text as those see it who look for errors: without marks."""
        return self._put_in(lambda mark: mark.id)

    def line(self, mark: Mark) -> int:
        """Return the number, from 0, of the line that *mark* is in."""
        return self._text.count("\n", 0, mark.start)

    def occurrences(self, one: str) -> int:
        """Return how often *one* stands in the bare text."""
        bare, count, at = self.bare, 0, -1
        while (at := bare.find(one, at + 1)) >= 0:
            count += 1
        return count

    def strays(self) -> Iterator[int]:
        """Yield the numbers, from 1, of lines in which something is marked that is no error."""
        for number, line in enumerate(self._put_in(lambda mark: "\0").split("\n"), 1):
            opened = _OPENED.search(line)
            if opened and any(closed.start() > opened.end() for closed in _CLOSED.finditer(line)):
                yield number

    def _put_in(self, shown: Callable[[Mark], str]) -> str:
        pieces: list[str] = []
        at = 0
        for mark in self.marks:
            pieces += [self._text[at : mark.start], shown(mark)]
            at = max(at, mark.end)
        return "".join([*pieces, self._text[at:]])

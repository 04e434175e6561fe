"""What the readers of all formats give: paragraphs with the headings above them and where they stand."""

from dataclasses import dataclass


class Unreadable(Exception):
    """A document can't be read; the message says why, for people, without its name."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph under the headings *title*. Its lines begin at *first*; of pages, it is on page *first*."""

    text: str
    title: str
    first: int


class Headings:
    """The headings above the present place, each with its level."""

    def __init__(self, root: str = "") -> None:
        self._above: list[tuple[int, str]] = [(0, root)] if root else []

    def enter(self, level: int, text: str) -> None:
        """Take in a heading: those of its level and below end there."""
        self._above = [one for one in self._above if one[0] < level]
        if text.strip():
            self._above.append((level, " ".join(text.split())[:200]))

    @property
    def path(self) -> str:
        return " > ".join(dict.fromkeys(text for _, text in self._above))

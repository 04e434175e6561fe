"""What was computed, as figures and names to hold prose against."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from core.models.base import Excerpt
from core.pipelines.answering.prose.figures import PERCENT, Hedge, Quoted, Reading, figures
from levada.v1.event_pb2 import Finding

_DOLLARS = {"USD", "CAD", "AUD", "NZD", "SGD", "HKD"}
_SHARE = re.compile(r"(?:^|[_\W])(?:pct|percent|percentage|share)(?:$|[_\W])|%", re.IGNORECASE)
_WORD, _LETTER, _DIGIT = re.compile(r"[\w-]+"), re.compile(r"[^\W\d_]"), re.compile(r"\d")
# How far off a figure may be that is said to be about, above or below another.
_ABOUT, _ABOVE, _BELOW = 0.1, 1.25, 0.8
_DUST = 1e-9


@dataclass
class Facts:
    """Figures by unit, and names that hold digits ("q3", "x-200")."""

    figures: dict[str, set[float]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, findings: Iterable[Finding], excerpt: Excerpt, *texts: str) -> Self:
        """Gather what *findings*, the rows at hand and *texts* (for instance the query) say."""
        facts = cls()
        for finding in findings:
            facts.add_text(finding.text)
            for figure in finding.figures:
                facts.add(figure.value, figure.unit)
                facts.add_text(figure.label)
        facts.add(excerpt.total, "")
        facts._add_rows(excerpt)
        for text in texts:
            facts.add_text(text)
        return facts

    def add(self, value: float, unit: str) -> None:
        self.figures.setdefault(unit.upper(), set()).add(abs(value))

    def add_names(self, text: str) -> None:
        """Take the names that *text* uses, such as "Q3", as known; its figures may be wrong."""
        words = (word for word in _WORD.findall(text) if _LETTER.search(word) and _DIGIT.search(word))
        self.names.update(word.casefold() for word in words)

    def add_text(self, text: str) -> None:
        """Take the figures that *text* quotes as known."""
        self.add_names(text)
        for quoted in figures(text):
            for reading in quoted.readings:
                self.add(reading.value, reading.unit)

    def _add_rows(self, excerpt: Excerpt) -> None:
        for name in excerpt.columns:
            self.add_text(name)
        units = [
            unit or (PERCENT if _SHARE.search(name) else "")
            for name, unit in zip(excerpt.columns, excerpt.units, strict=True)
        ]
        for row in excerpt.rows:
            for cell, unit in zip(row, units, strict=True):
                if isinstance(cell, str):
                    self.add_text(cell)
                elif cell is not None:
                    self.add(cell, unit)

    def hold_all(self, text: str) -> bool:
        """Tell whether every figure of *text* is among what was computed."""
        return all(self.hold(quoted) for quoted in figures(text))

    def hold(self, quoted: Quoted) -> bool:
        """Tell whether *quoted* is among what was computed, however it is written."""
        if quoted.token and quoted.token in self.names:
            return True
        return any(
            _says(reading, quoted.hedge, value) for reading in quoted.readings for value in self._like(reading.unit)
        )

    def _like(self, unit: str) -> Iterable[float]:
        """Yield figures that may be meant where *unit* is said; a share is also said in percent."""
        for known, values in self.figures.items():
            if unit == PERCENT:
                if known == PERCENT:
                    yield from values
                elif not known:
                    yield from (value * 100 for value in values if value < 1)
            elif not unit or not known or known == unit or (unit == "$" and known in _DOLLARS):
                yield from values


def _says(reading: Reading, hedge: Hedge, value: float) -> bool:
    if abs(reading.value - value) <= reading.step / 2 * (1 + _DUST) + _DUST * value:
        return True
    match hedge:
        case Hedge.ABOUT:
            return abs(reading.value - value) <= _ABOUT * value
        case Hedge.ABOVE:
            return reading.value <= value <= reading.value * _ABOVE
        case Hedge.BELOW:
            return reading.value * _BELOW <= value <= reading.value
    return False

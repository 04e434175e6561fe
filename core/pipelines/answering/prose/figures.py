"""Figures as people write them, read out of a text: "1,234.50 EUR", "€1.2 million", "nearly 12.5 %", "twice"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.pipelines.answering.prose.numerals import FRACTION, SPELLED, fraction, readings, spelled

PERCENT = "%"
_LONGEST_NAME = 100  # characters looked at around a number, so that no text is looked at again and again


class Hedge(StrEnum):
    """How a figure is meant."""

    EXACT = ""
    ABOUT = "about"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True)
class Reading:
    """One way to read a figure: without its sign, with what its last digit stands for."""

    value: float
    step: float
    unit: str = ""


@dataclass(frozen=True)
class Quoted:
    """A figure in a text. *token* is the name that it is part of, for instance "q3", else empty."""

    text: str
    readings: tuple[Reading, ...]
    hedge: Hedge = Hedge.EXACT
    token: str = ""


# "$" is any dollar; other symbols are one currency.
_SYMBOLS = {"€": "EUR", "$": "$", "£": "GBP", "¥": "JPY", "₹": "INR", "dollars": "$", "euros": "EUR", "pounds": "GBP"}
_CURRENCY = r"€|\$|£|¥|₹|(?:EUR|USD|GBP|CHF|JPY|CNY|INR|CAD|AUD|SEK|NOK|DKK|PLN)\b"
_SCALES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "millions": 1e6, "b": 1e9, "bn": 1e9,
    "billion": 1e9, "billions": 1e9, "trillion": 1e12,
}  # fmt: skip
_ORDINAL = {"st", "nd", "rd", "th"}
_HEDGES = {
    Hedge.ABOUT: r"about|around|roughly|approximately|approx\.?|some|circa|ca\.|~|≈",
    Hedge.ABOVE: r"more than|over|above|at least|exceed(?:s|ed|ing)?|beyond|upwards of|>|≥",
    Hedge.BELOW: r"less than|under|below|at most|up to|nearly|almost|just short of|close to|<|≤",
}
_HEDGED = {hedge: re.compile(rf"(?:{words})\s*(?:a\s+)?$", re.IGNORECASE) for hedge, words in _HEDGES.items()}
_FIGURE = re.compile(
    rf"(?P<before>(?:{_CURRENCY})\s?)?"
    r"(?P<number>\d(?:[\d.,'’\u00a0\u202f\u2009]*\d)?|\.\d+)"
    rf"(?P<attached>[^\W\d_]*)"
    r"(?P<scale>[\s-]?(?:thousand|millions?|billions?|trillion|mn|bn)\b)?"
    rf"(?P<after>\s?(?:%|percent\b|per cent\b|percentage\b|pp\b|{_CURRENCY}|dollars\b|euros\b|pounds\b))?",
    re.IGNORECASE,
)
_WORDS = re.compile(
    rf"\b(?P<fraction>{FRACTION})|\b(?P<spelled>{SPELLED})\b"
    r"(?P<scale>[\s-](?:hundred|thousand|million|billion)\b)?(?P<after>\s?(?:percent\b|per cent\b|%))?",
    re.IGNORECASE,
)
# "1." before an item, "## 2." before a heading.
_NUMBERING = re.compile(r"^[ \t]*(?:#{1,6}[ \t]*|[-*][ \t]+)?\d{1,3}[.)](?=\s)", re.MULTILINE)


def figures(text: str) -> Iterator[Quoted]:
    """Yield the figures of *text*; numbers that count items or say an order ("3rd") are none."""
    text = _NUMBERING.sub(lambda match: " " * len(match[0]), text)
    for match in _FIGURE.finditer(text):
        yield from _written(match)
    for match in _WORDS.finditer(text):
        yield from _in_words(match)


def _written(match: re.Match[str]) -> Iterator[Quoted]:
    attached = match["attached"].casefold()
    if attached in _ORDINAL:
        return
    scale = _SCALES.get((match["scale"] or "").strip(" -").casefold(), _SCALES.get(attached, 1.0))
    unit = _unit(match["after"] or match["before"] or "")
    text, hedge, token = match[0].strip(), _hedge(match), _token(match)
    for alternatives in readings(match["number"]):
        read = tuple(Reading(value * scale, step * scale, unit) for value, step in alternatives)
        yield Quoted(text, read, hedge, token)


def _in_words(match: re.Match[str]) -> Iterator[Quoted]:
    if match["fraction"]:
        share = fraction(match["fraction"])
        read: tuple[Reading, ...] = (Reading(share * 100, 1, PERCENT), Reading(share, 0.01))
    else:
        value, step = spelled(match["spelled"])
        scale = {"hundred": 100.0, **_SCALES}.get((match["scale"] or "").strip(" -").casefold(), 1.0)
        unit = PERCENT if match["after"] else ""
        read = (Reading(value * scale, step * scale, unit),)
    yield Quoted(match[0].strip(), read, _hedge(match))


def _unit(written: str) -> str:
    written = written.strip().casefold()
    if written in ("%", "percent", "per cent", "percentage", "pp"):
        return PERCENT
    return _SYMBOLS.get(written, written.upper())


def _hedge(match: re.Match[str]) -> Hedge:
    before = match.string[max(0, match.start() - 24) : match.start()]
    return next((hedge for hedge, pattern in _HEDGED.items() if pattern.search(before)), Hedge.EXACT)


def _token(match: re.Match[str]) -> str:
    """Return the name that the number is part of: letters before it, or after it where they are no scale."""
    start, end = match.span("number")
    before = re.search(r"[^\W\d_][\w-]*$", match.string[max(0, start - _LONGEST_NAME) : start])
    attached = match["attached"].casefold()
    if before is None and (not attached or attached in _SCALES):
        return ""
    rest = re.match(r"[\w-]*", match.string[end : end + _LONGEST_NAME])
    return f"{before[0] if before else ''}{match['number']}{rest[0] if rest else ''}".casefold()

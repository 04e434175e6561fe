"""Stretches of months, as objectives and findings name them."""

import calendar
import re
from dataclasses import dataclass, field

MOVED = re.compile(
    r"(?:why|how|what|research|investigate|analy[sz]e|examine|explore|find|explain|understand|look|stand|out|drive|report"
    r"|cause|reason|drop|fall|fell|decline|decrease|sink|shrink|slump|collapse|rise|rose|grow|grew|increase|jump|spike"
    r"|change|develop|happen|perform)\w*$",
    re.IGNORECASE,
)
"""Words that tell what is to be done, or in which way a figure moved."""

_NAMES = {name.casefold(): number for number, name in enumerate(calendar.month_name) if name}
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11), "winter": (12, 14)}
_MONTH = rf"({'|'.join(calendar.month_name[1:])}) (\d{{4}})"
_BETWEEN = re.compile(rf"{_MONTH}\s*(?:to|and|until|–|-)\s*{_MONTH}", re.IGNORECASE)
_SINGLE = re.compile(_MONTH, re.IGNORECASE)
_SEASON = re.compile(rf"({'|'.join(_SEASONS)})(?: of)? (\d{{4}})", re.IGNORECASE)
_QUARTER = re.compile(r"(?:Q([1-4]) (\d{4}))|(?:(\d{4})[- ]Q([1-4]))", re.IGNORECASE)
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")


@dataclass(frozen=True)
class Span:
    """The months from *first* to *last*, counted from year 0; *said* is how it was written."""

    first: int
    last: int
    said: str = field(default="", compare=False)

    @property
    def label(self) -> str:
        first, last = _label(self.first), _label(self.last)
        return first if first == last else f"{first} to {last}"

    @property
    def phrase(self) -> str:
        """Return it as questions name it."""
        first, last = _label(self.first), _label(self.last)
        return f"in {first}" if first == last else f"between {first} and {last}"

    @property
    def before(self) -> "Span":
        """Return as many months right before it."""
        return Span(self.first - (self.last - self.first + 1), self.first - 1)

    def meets(self, other: "Span") -> bool:
        return self.first <= other.last and other.first <= self.last


def span_in(text: str) -> Span | None:
    """Return the first stretch of months that *text* names."""
    if match := _BETWEEN.search(text):
        return Span(_month(match[1], match[2]), _month(match[3], match[4]), match[0])
    if match := _SINGLE.search(text):
        return Span(_month(match[1], match[2]), _month(match[1], match[2]), match[0])
    if match := _SEASON.search(text):
        first, last = _SEASONS[match[1].casefold()]
        return Span(int(match[2]) * 12 + first - 1, int(match[2]) * 12 + last - 1, match[0])
    if match := _QUARTER.search(text):
        quarter, year = int(match[1] or match[4]), int(match[2] or match[3])
        return Span(year * 12 + quarter * 3 - 3, year * 12 + quarter * 3 - 1, match[0])
    if match := _YEAR.search(text):
        return Span(int(match[1]) * 12, int(match[1]) * 12 + 11, match[0])
    return None


def _month(name: str, year: str) -> int:
    return int(year) * 12 + _NAMES[name.casefold()] - 1


def _label(month: int) -> str:
    return f"{calendar.month_name[month % 12 + 1]} {month // 12}"

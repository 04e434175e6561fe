"""Time phrases: "last month", "in March 2025", "since 2024", "last 30 days", and what they mean from an anchor day."""

import calendar
import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.models.offline.words import Token

_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_UNITS = {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year", "days": "day",
          "weeks": "week", "months": "month", "quarters": "quarter", "years": "year"}  # fmt: skip
_BUCKETS = {"monthly": "month", "weekly": "week", "daily": "day", "yearly": "year", "annually": "year",
            "annual": "year", "quarterly": "quarter", "hourly": "hour"}  # fmt: skip
_AMBIGUOUS = {"may", "march", "mar", "sun", "jan"}
Date = datetime.date


@dataclass(frozen=True)
class Period:
    """A span of time. *unit* and *back* for a relative one (unit "month", back 1: last month), else *start*, *end*.

    *count* spans "last 3 months"; *to_date* cuts at the anchor; *bucket* asks to group by the unit instead.
    """

    words: str
    unit: str = ""
    back: int = 0
    count: int = 1
    start: Date | None = None
    end: Date | None = None
    bucket: str = ""
    rolling: bool = False

    @property
    def span(self) -> str:
        """The unit that it is one of: year, quarter, month or day; "" when it is several."""
        if self.unit:
            return self.unit if self.count == 1 and not self.rolling else ""
        days = (self.end - self.start).days if self.start and self.end else 0
        return {1: "day", 7: "week", 365: "year", 366: "year"}.get(
            days, "month" if 28 <= days <= 31 else "quarter" if 90 <= days <= 92 else ""
        )

    def resolve(self, anchor: Date) -> tuple[Date | None, Date | None]:
        """Return its first day and the day after its last, seen from *anchor*."""
        if not self.unit:
            return self.start, self.end
        if self.rolling:
            end = anchor + datetime.timedelta(days=1)
            return shift(end, self.unit, -self.count), end
        current = floor(anchor, self.unit)
        return shift(current, self.unit, -self.back), shift(current, self.unit, self.count - self.back)


def floor(day: Date, unit: str) -> Date:
    """Return the first day of the *unit* that *day* lies in."""
    if unit == "year":
        return day.replace(month=1, day=1)
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    if unit == "month":
        return day.replace(day=1)
    return day - datetime.timedelta(days=day.weekday()) if unit == "week" else day


def shift(day: Date, unit: str, by: int) -> Date:
    """Return *day* moved *by* units."""
    if unit in ("day", "week"):
        return day + datetime.timedelta(days=by * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + by * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(months, 12)
    year = min(max(year, 1), 9999)
    return Date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def of_year(year: int, words: str = "") -> Period:
    return Period(words or str(year), start=Date(year, 1, 1), end=Date(year + 1, 1, 1))


def day_of(text: str) -> Date | None:
    """Return the day that *text* writes in figures, year first or last."""
    if found := re.match(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", text):
        parts = (int(found[1]), int(found[2]), int(found[3]))
    elif found := re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        parts = (int(found[3]), int(found[1]), int(found[2]))
    else:
        return None
    try:
        return Date(*parts)
    except ValueError:
        return None


def find_periods(tokens: Sequence[Token]) -> Iterable[tuple[int, int, Period]]:
    """Yield the time phrases of *tokens* with where they stand."""
    for start in range(len(tokens)):
        for parse in (_relative, _calendar, _quarter, _bucket):
            if found := parse(tokens, start):
                yield found
                break


def _low(tokens: Sequence[Token], place: int) -> str:
    return tokens[place].lower if place < len(tokens) else ""


def _words(tokens: Sequence[Token], start: int, end: int) -> str:
    return " ".join(token.text for token in tokens[start:end])


def _relative(tokens: Sequence[Token], start: int) -> tuple[int, int, Period] | None:
    place = start + (_low(tokens, start) in ("in", "over", "during", "within", "for"))
    place += _low(tokens, place) == "the"
    first, second = _low(tokens, place), _low(tokens, place + 1)
    if first in ("today", "yesterday"):
        back = int(first == "yesterday")
        return start, place + 1, Period(first, "day", back)
    if first in ("last", "past", "previous", "this", "current"):
        if unit := _UNITS.get(second):
            back = 0 if first in ("this", "current") else 1
            return start, place + 2, Period(_words(tokens, place, place + 2), unit, back)
        count = tokens[place + 1].number if place + 1 < len(tokens) else None
        if count and first in ("last", "past", "previous") and (unit := _UNITS.get(_low(tokens, place + 2))):
            words = _words(tokens, place, place + 3)
            return start, place + 3, Period(words, unit, count=int(count), rolling=True)
    if first == "year" and second == "to" and _low(tokens, place + 2) == "date":
        return start, place + 3, Period("year to date", "year")
    return (start, place + 1, Period("year to date", "year")) if first == "ytd" else None


def _year(tokens: Sequence[Token], place: int) -> int | None:
    if place < len(tokens) and re.fullmatch(r"(19|20)\d\d", tokens[place].text):
        return int(tokens[place].text)
    return None


def _calendar(tokens: Sequence[Token], start: int) -> tuple[int, int, Period] | None:
    """Read "March 2025", "5 March 2025", "March 5, 2025", "March 5th, 2025" and figures with dashes."""
    if tokens[start].kind == "date" and (day := day_of(tokens[start].text)):
        return start, start + 1, Period(tokens[start].text, start=day, end=day + datetime.timedelta(days=1))
    place, day_number = start, None
    if (day_number := _day(tokens, place)) is not None:
        place += 1 + (_low(tokens, place + 1) == "of")
    month = _MONTHS.get(_low(tokens, place).rstrip("."))
    if not month:
        return None
    place += 1
    if day_number is None and (day_number := _day(tokens, place)) is not None:
        place += 1
    place += _low(tokens, place) in (",", "of", "in")
    year = _year(tokens, place)
    if year is None:
        return None
    words = _words(tokens, start, place + 1)
    if day_number is None:
        first = Date(year, month, 1)
        return start, place + 1, Period(words, start=first, end=shift(first, "month", 1))
    if day_number > calendar.monthrange(year, month)[1]:
        return None
    day = Date(year, month, day_number)
    return start, place + 1, Period(words, start=day, end=day + datetime.timedelta(days=1))


def _day(tokens: Sequence[Token], place: int) -> int | None:
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", _low(tokens, place))
    return int(found[1]) if found and 1 <= int(found[1]) <= 31 else None


def _quarter(tokens: Sequence[Token], start: int) -> tuple[int, int, Period] | None:
    low = _low(tokens, start)
    names = {"first": 1, "second": 2, "third": 3, "fourth": 4}
    number, place = 0, start + 1
    if found := re.fullmatch(r"q([1-4])", low):
        number = int(found[1])
    elif low in names and _low(tokens, start + 1) == "quarter":
        number, place = names[low], start + 2
    if not number:
        return None
    place += _low(tokens, place) in ("of", "in", ",")
    year = _year(tokens, place)
    if year is None:
        return None
    first = Date(year, number * 3 - 2, 1)
    return start, place + 1, Period(_words(tokens, start, place + 1), start=first, end=shift(first, "quarter", 1))


def _bucket(tokens: Sequence[Token], start: int) -> tuple[int, int, Period] | None:
    low = _low(tokens, start)
    if unit := _BUCKETS.get(low):
        return start, start + 1, Period(low, bucket=unit)
    return None

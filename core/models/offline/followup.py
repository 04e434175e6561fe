"""Makes a whole question out of "and last year?", "only in Germany", "by month instead", given the question before."""

import re
from collections.abc import Sequence

from core.models.base import Lookup, Turn
from core.models.offline.periods import find_periods
from core.models.offline.words import tokenize

_OPENINGS = re.compile(
    r"^\W*(and|but|or|also|then|ok|okay|now|so|what about|how about|what if|instead|only|just|same|the same)\b",
    re.IGNORECASE,
)
_LEADS = re.compile(
    r"^\W*((and|but|or|also|then|ok|okay|now|so|please|what about|how about|what if|only|just|the same|same|show|make it|do it"
    r"|split (it|that|them)|break (it|that|them) down|group (it|that|them)|filter (it|that|them)|but only|that|it|them|those|"
    r"the one|the ones)\b[\s,]*)+",
    re.IGNORECASE,
)
_INSTEAD = re.compile(r"\b(instead|rather|this time|then|as well|too|please)\b|[?!.]+\s*$", re.IGNORECASE)
_GROUP = re.compile(r"\b(by|per|for each|each|every|grouped by|broken down by)\s+(?!the\s+end)[\w ]+$", re.IGNORECASE)
_WHOLE = re.compile(
    r"^\W*(how|what|which|who|when|where|why|show|list|find|give|return|display|count|compare|total|average|top)\b",
    re.IGNORECASE,
)
_TOP = re.compile(r"\b(top|first|bottom|last|best|worst)\s+(\d+)\b", re.IGNORECASE)
_PLACE = re.compile(r"^(in|from|for|of|with|at|on|to)\b", re.IGNORECASE)
_SHORT = 7


def whole_question(question: str, turns: Sequence[Turn], lookup: Lookup) -> str | None:
    """Return *question* made whole from the last of *turns*; None when it stands by itself."""
    if not turns or not _leans(question):
        return None
    before = turns[-1].question.strip().rstrip("?.! ")
    rest = _INSTEAD.sub("", _LEADS.sub("", question)).strip(" ,?.!")
    if not rest:
        return None
    for change in (_other_top, _other_period, _other_group, _other_value):
        if changed := change(before, rest, lookup):
            return " ".join(changed.split()) + "?"
    return f"{before} {rest}?"


def _leans(question: str) -> bool:
    words = question.split()
    if _OPENINGS.match(question) and len(words) <= 2 * _SHORT:
        return True
    return (
        len(words) <= _SHORT and not _WHOLE.match(question) and bool(_PLACE.match(question) or _GROUP.match(question))
    )


def _other_top(before: str, rest: str, lookup: Lookup) -> str | None:
    new, old = _TOP.search(rest), _TOP.search(before)
    return before[: old.start()] + new.group() + before[old.end() :] if new and old and len(rest.split()) <= 3 else None


def _other_period(before: str, rest: str, lookup: Lookup) -> str | None:
    """Exchange the time: "in 2024", "last month". The rest of what was said, if any, is dealt with after."""
    new = _period(rest)
    if not new or new[1] - new[0] < len(rest) - 4:
        return None
    said = (
        rest
        if re.match(r"(in|since|before|after|during|between|from)\b", rest, re.IGNORECASE) or not rest[:1].isdigit()
        else f"in {rest}"
    )
    said = f"in {said}" if re.match(r"(q\d|[a-z]+ \d{4})", said, re.IGNORECASE) and not _period_led(said) else said
    old = _period(before)
    if not old:
        return f"{before} {said}"
    return f"{before[: old[0]]} {said} {before[old[1] :]}"


def _period_led(text: str) -> bool:
    return bool(re.match(r"(in|since|before|after|during|between|from|last|this|past|the)\b", text, re.IGNORECASE))


def _period(text: str) -> tuple[int, int] | None:
    """Return where the time phrase of *text* stands, its preposition with it."""
    tokens = tokenize(text)
    found = [
        (tokens[start].start, tokens[end - 1].end) for start, end, period in find_periods(tokens) if not period.bucket
    ]
    if not found:
        found = [(t.start, t.end) for t in tokens if re.fullmatch(r"(19|20)\d\d", t.text)]
    if not found:
        return None
    start, end = found[0]
    if led := re.search(r"\b(in|since|before|after|during|from|for)\s+(the\s+)?$", text[:start], re.IGNORECASE):
        start = led.start()
    return start, end


def _other_group(before: str, rest: str, lookup: Lookup) -> str | None:
    new = _GROUP.match(rest)
    if not new:
        return None
    old = _GROUP.search(before)
    return (
        f"{before[: old.start()]} {rest}"
        if old and not re.search(r"\btop\b", before, re.IGNORECASE)
        else f"{before} {rest}"
    )


def _other_value(before: str, rest: str, lookup: Lookup) -> str | None:
    """Exchange a value for another of the same column: "and France?" after a question about Germany."""
    name = _PLACE.sub("", rest).strip()
    places = {(match.table, match.column) for match in lookup.find(name, 10)}
    if not places:
        return None
    tokens = tokenize(before)
    for size in (4, 3, 2, 1):
        for start in range(len(tokens) - size + 1):
            first, last = tokens[start], tokens[start + size - 1]
            said = before[first.start : last.end]
            if (
                any((match.table, match.column) in places for match in lookup.find(said, 10))
                and said.lower() != name.lower()
            ):
                return before[: first.start] + name + before[last.end :]
    return f"{before} {rest if _PLACE.match(rest) else f'in {rest}'}"

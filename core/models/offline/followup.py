"""Follow-ups made whole: "and last year?" takes the rest of its words from the question before."""

import re
from collections.abc import Sequence

from core.models.base import Ask, ValueMatch
from core.models.offline.periods import Period, find_periods
from core.models.offline.rewording import dated
from core.models.offline.words import Token, tokenize

_OPENING = re.compile(
    r"^\s*((ok(ay)?|now|and|but|so|also|then|instead)[\s,]+)*"
    r"((what|how) about|the same( thing| question)?( but)?( for)?|same( but)?( for)?|and|but|only|just|now|make it|"
    r"show (it|that|them|this)|break (it|that|them|this) down|split (it|that|them|this)|do (it|that)|for|in|by|per|top|"
    r"without|excluding|instead of)\b[\s,]*",
    re.IGNORECASE,
)
_POINTING = re.compile(r"\b(it|that|this|them|those|these|they|there|their|its)\b", re.IGNORECASE)
_CLOSING = re.compile(r"[\s,]*\b(instead|then|too|as well|please|only)?[\s?.!]*$", re.IGNORECASE)
_GROUPING = re.compile(
    r"\b(by|per|for each)\s+([a-z][\w ]*?)(?=$|[?.,;]|\s+(?:in|for|over|during|since|where|with)\b)", re.IGNORECASE
)
_RANK = re.compile(r"\b(top|bottom|first|last|best|worst)\s+(\d+)\b", re.IGNORECASE)
_BARE_YEAR = re.compile(r"\b(in|for|of|during)\s+(?P<year>(19|20)\d\d)\b(?!-)", re.IGNORECASE)
_ENDS = re.compile(r"(and |the )*(?P<end>best|top|worst|bottom|lowest|weakest)( ones?)?", re.IGNORECASE)
_ONES = re.compile(r"^(?:the\s+)?(\S.*?)\s+ones?$", re.IGNORECASE)
_ASKING = re.compile(
    r"\b(what|which|who|whose|whom|where|when|how (many|much|often|long|old)|list|show|give|find|count|tell|display|"
    r"return|name|are there|is there|do|does|did)\b",
    re.IGNORECASE,
)
_LONGEST_FRAGMENT = 7
_SAME = 0.9


def whole(ask: Ask) -> str:
    """Return the question as it stands, or, when it only makes sense after *ask.turns*, made whole."""
    said = ask.question.strip()
    if not ask.turns or not is_fragment(said):
        return said
    before = dated(ask.turns[-1].question.strip())
    fragment = _bare(said)
    return _end(_merged(before, fragment, ask)) if fragment else said


def is_fragment(question: str) -> bool:
    """Tell whether *question* leans on one before it: it opens like one, points back, or asks nothing by itself."""
    words = [token for token in tokenize(question) if token.kind != "mark"]
    if len(words) > _LONGEST_FRAGMENT + 4:
        return False
    opening = _OPENING.match(question)
    rest = question[opening.end() :] if opening else question
    asks = bool(_ASKING.search(rest))
    if opening and opening.group().strip():
        return not asks or len(words) <= 3
    return (not asks and len(words) <= _LONGEST_FRAGMENT) and bool(words) and _leans(question)


def _leans(question: str) -> bool:
    tokens = tokenize(question)
    return bool(_POINTING.search(question)) or any(True for _ in find_periods(tokens)) or len(tokens) <= 2


def _bare(question: str) -> str:
    """Return *question* without what only ties it to the one before; "by" and "in" stay, they say how."""
    opening = _OPENING.match(question)
    rest = question
    if opening:
        kept = re.search(r"\b(by|per|in|for|top|without|excluding)[\s,]*$", opening.group(), re.IGNORECASE)
        rest = (kept.group() if kept else "") + question[opening.end() :]
    return _CLOSING.sub("", rest).strip(" ,?.!")


def _merged(before: str, fragment: str, ask: Ask) -> str:
    """Put each thing that *fragment* says in the place of its like in *before*, else behind it."""
    for exchange in (_figure, _year, _period, _rank, _end_of_rank, _grouping, _value):
        changed = exchange(before, fragment, ask)
        if changed is not None:
            return changed
    return f"{before} {fragment}"


def _year(before: str, fragment: str, _: Ask) -> str | None:
    new = _BARE_YEAR.fullmatch(fragment)
    years = list(_BARE_YEAR.finditer(before)) if new else []
    if new is None or len(years) != 1:
        return None
    return f"{before[: years[0].start()]}in {new['year']}{before[years[0].end() :]}"


def _period(before: str, fragment: str, _: Ask) -> str | None:
    new = _span(fragment)
    if new is None or new[2].bucket:
        return None
    told = fragment[new[0] : new[1]]
    old = _span(before)
    rest = f"{fragment[: new[0]]} {fragment[new[1] :]}".strip(" ,")
    rest = re.sub(r"^(in|for|and)$", "", rest, flags=re.IGNORECASE)
    merged = f"{before} {told}" if old is None or old[2].bucket else f"{before[: old[0]]}{told}{before[old[1] :]}"
    return f"{merged} {rest}".strip()


def _span(text: str) -> tuple[int, int, Period] | None:
    """Return where the longest time phrase of *text* begins and ends, and what it means."""
    tokens: Sequence[Token] = tokenize(text)
    spans = sorted(find_periods(tokens), key=lambda span: (span[2].bucket != "", span[0] - span[1]))
    if not spans:
        return None
    start, end, period = spans[0]
    return tokens[start].start, tokens[end - 1].end, period


def _rank(before: str, fragment: str, _: Ask) -> str | None:
    new = _RANK.search(fragment)
    return _RANK.sub(new.group(), before, count=1) if new and _RANK.search(before) else None


def _end_of_rank(before: str, fragment: str, _: Ask) -> str | None:
    """ "And the worst?" turns "top 5 products by revenue" round."""
    new = _ENDS.fullmatch(fragment)
    if new is None:
        return None
    turned = "top" if new["end"].lower() in ("best", "top") else "bottom"
    return re.sub(r"\b(top|bottom)\b", turned, before, count=1, flags=re.IGNORECASE)


def _figure(before: str, fragment: str, ask: Ask) -> str | None:
    """Exchange what is measured: "and orders?" after "revenue by country" asks for their number."""
    told = re.sub(r"^(the|about|for)\s+", "", fragment, flags=re.IGNORECASE).lower()
    figures = [said.lower() for d in ask.schema.definitions if d.expression for said in (d.name, *d.synonyms)]
    rows = [table.name.lower().replace("_", " ") for table in ask.schema.tables]
    if told not in (*figures, *rows):
        return None
    new = told if told in figures else f"number of {told}"
    counted = [rf"(number of |how many )?{re.escape(name)}" for name in rows]
    for old in [re.escape(name) for name in sorted(figures, key=len, reverse=True)] + counted:
        start = r"\b" if old not in counted else r"^"
        if found := re.search(rf"{start}{old}\b", before, re.IGNORECASE):
            return f"{before[: found.start()]}{new}{before[found.end() :]}"
    return fragment


def _grouping(before: str, fragment: str, _: Ask) -> str | None:
    new = _GROUPING.search(fragment)
    if new is None or _span(fragment[: new.start()]):
        return None
    if _GROUPING.search(before):
        return _GROUPING.sub(new.group(), before, count=1)
    return f"{before} {new.group()}"


def _value(before: str, fragment: str, ask: Ask) -> str | None:
    """Exchange a value for another of the same column: "in France" after "… in Germany"."""
    fragment = _ONES.sub(r"\1", fragment)
    words = re.sub(r"^(in|for|only|from|of|with|the|by)\s+", "", fragment, flags=re.IGNORECASE)
    for new in ask.lookup.find(words):
        if new.score < _SAME:
            continue
        for old in _values(before, ask):
            if (old.table, old.column) == (new.table, new.column):
                return re.sub(rf"\b{re.escape(old.words)}\b", lambda _: words, before, count=1)
    return None if fragment != words or not list(ask.lookup.find(words, 1)) else f"{before} for {words}"


def _values(text: str, ask: Ask) -> list[ValueMatch]:
    tokens = [token for token in tokenize(text) if token.kind != "mark"]
    found = []
    for size in (3, 2, 1):
        for start in range(len(tokens) - size + 1):
            words = text[tokens[start].start : tokens[start + size - 1].end]
            found += [match for match in ask.lookup.find(words) if match.score >= _SAME]
    return found


def _end(question: str) -> str:
    return (
        question + "?"
        if re.match(r"(?i)\s*(what|which|who|where|when|how|are|is|do|does|did)\b", question)
        else question
    )

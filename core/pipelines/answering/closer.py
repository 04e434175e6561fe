"""Sharper questions for `investigate`: what was asked, split by something else, within the time that stands out."""

import re
from collections.abc import Collection, Iterator, Sequence

from core.pipelines.answering.analysis import premise
from core.pipelines.answering.relevance.words import words
from core.pipelines.answering.results import Digest
from levada.v1.event_pb2 import FINDING_KIND_CHANGE, FINDING_KIND_OUTLIER

_WHY = re.compile(r"^\s*(?:why|how come|what (?:caused|explains|is behind|led to))\b\s*", re.IGNORECASE)
_AUXILIARY = re.compile(r"^(?:did|do|does|is|are|was|were|has|have)\s+(?:the\s+)?|^the\s+", re.IGNORECASE)
_MOVED = re.compile(
    r"\s+(?:so\s+)?(?:drop|fall|fell|declin|decreas|sink|shrink|slump|collaps|rise|rose|grow|grew|increas|jump|spik|chang"
    r"|lower|higher|low|high|go (?:up|down))(?:e|es|ed|ing|s|ped|ping)?\b(?:\s+(?:so\s+much|sharply|suddenly))?",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s+by\s+(?P<by>[\w ]+?)(?=\s+in\s|\s*$)", re.IGNORECASE)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_PERIOD = re.compile(rf"(?:(?:{_MONTHS})\s+)?\d{{4}}$")
_TIMED = re.compile(
    rf"\b(?:{_MONTHS}|\d{{4}}|yesterday|today|(?:last|this|previous)\s+(?:\w+\s+)?(?:day|week|month|quarter|year))s?\b",
    re.IGNORECASE,
)
# "Top 10 products by revenue" splits nothing by revenue.
_RANKING = re.compile(r"(?:top|bottom)\b", re.IGNORECASE)
_TIMES = {"month", "week", "day", "quarter", "year"}


def closer(question: str, digest: Digest, asked: Sequence[str] = (), fixed: Collection[str] = ()) -> Iterator[str]:
    """Yield questions that may explain what *question*'s result shows, the most telling first.

    What an earlier question (*asked*) split by already, and tables that *fixed* values choose from, are left out.
    """
    stem = _stem(question)
    period = _period(digest)
    if before := _held_against(digest):
        # Both times, side by side: what changed between them is what is asked.
        period = f"{before} and {period}"
    when = f" in {period}" if period and not _TIMED.search(stem) else ""
    done = {split["by"].strip().casefold() for split in map(_SPLIT.search, [question, *asked]) if split}
    settled = {word for table in fixed for word in words(table)}
    for dimension in _dimensions(digest):
        if dimension not in done | _TIMES and not settled.intersection(words(dimension)):
            yield f"{stem} by {dimension}{when}"
    # What else could be asked looks closer only where it is about something that stood out.
    labels = [figure.label for finding in digest.findings for figure in finding.figures if figure.label]
    yield from (one for one in digest.questions if any(f" {label} " in one for label in labels))


def is_why(question: str) -> bool:
    return bool(_WHY.match(question))


def _stem(question: str) -> str:
    """Return what was asked about, as a figure: "why did sales in Spain drop?" is "Sales in Spain"."""
    stem = _SPLIT.sub("", question.strip().rstrip("?!. "))
    if _WHY.match(stem):
        stem = _MOVED.sub("", _AUXILIARY.sub("", _WHY.sub("", stem)), count=1)
    return stem[:1].upper() + stem[1:]


def _period(digest: Digest) -> str:
    """Return the time that stands out most, when one does."""
    for finding in digest.findings:
        if finding.kind in (FINDING_KIND_OUTLIER, FINDING_KIND_CHANGE) and finding.figures:
            label: str = finding.figures[0].label
            if _PERIOD.match(label):
                return label
    return ""


def _held_against(digest: Digest) -> str:
    """Return the time before the one that a "why" names."""
    for finding in digest.findings[:1]:
        if premise.is_from(finding):
            label: str = finding.figures[1].label
            return label if _PERIOD.match(label) else ""
    return ""


def _dimensions(digest: Digest) -> list[str]:
    """Return what the figure can be split by."""
    splits = (_SPLIT.search(candidate) for candidate in digest.questions if not _RANKING.match(candidate))
    return list(dict.fromkeys(split["by"].strip().casefold() for split in splits if split))

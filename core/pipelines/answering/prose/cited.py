"""What a report cites, held against what there is: a figure stands only with the query that gave it."""

import re
from collections.abc import Mapping

from core.pipelines.answering.prose.facts import Facts
from core.pipelines.answering.prose.figures import figures

# A query's id, or a passage's, behind the name of the part of the run that it belongs to, if any: q3, t1.q2, t4.p1.
_NAME = r"(?:[\w-]{1,80}\.)?[qp]\d+(?:-\d+)?|[\w-]{1,80}\.combine(?:-\d+)?"
_CITED = re.compile(
    rf"\s{{0,9}}\[\s{{0,9}}((?:{_NAME})(?:\s{{0,9}}[,;]\s{{0,9}}(?:{_NAME}))*)\s{{0,9}}\]", re.IGNORECASE
)
_ID = re.compile(_NAME, re.IGNORECASE)
NO_SUCH_QUERY = "no such query"
_MARKUP = " \t\r\n\u00a0.|*_)"


class Citations:
    """Admits sentences of a report. *cited* are queries that were cited, *unknown* ids that no query has."""

    def __init__(self, facts: Mapping[str, Facts]) -> None:
        self._facts = facts
        self._ids = {name.casefold(): name for name in facts}
        self.cited: dict[str, None] = {}
        self.unknown: dict[str, None] = {}

    def admit(self, sentence: str) -> str | None:
        """Return *sentence* with citations that exist, those of its figures where it had none; None if one is false."""
        claim = _CITED.sub("", sentence)
        ids = (one for match in _CITED.finditer(sentence) for one in _ID.findall(match[1]))
        named = dict.fromkeys(self._ids.get(one.casefold(), one) for one in ids)
        known = [one for one in named if one in self._facts]
        self.unknown.update(dict.fromkeys(one for one in named if one not in self._facts))
        resting = self._rests_on(claim, known)
        if resting is None:
            return None
        self.cited.update(dict.fromkeys(resting))
        if known and len(known) == len(named):
            return sentence
        # A claim that rests on nothing but what does not exist is marked, for nothing else can be said of it.
        citation = ", ".join(resting) or (NO_SUCH_QUERY if named else "")
        added = "" if not citation or claim.lstrip().startswith("#") else f" [{citation}]"
        return _inserted(claim, added)

    def _rests_on(self, claim: str, known: list[str]) -> list[str] | None:
        """Return the queries that *claim* rests on: those it cites, else what gave its figures; None if nothing did."""
        quoted = list(figures(claim))
        if known:
            held = all(any(self._facts[one].hold(figure) for one in known) for figure in quoted)
            return known if held else None
        whole = [one for one, facts in self._facts.items() if all(map(facts.hold, quoted))]
        if not quoted or whole:
            return whole[:1] if quoted else []
        givers = [next((one for one, facts in self._facts.items() if facts.hold(figure)), "") for figure in quoted]
        return list(dict.fromkeys(givers)) if all(givers) else None


def _inserted(claim: str, citation: str) -> str:
    """Put *citation* behind the last word of *claim*: before its full stop, within its last cell."""
    at = len(claim.rstrip(_MARKUP))
    return f"{claim[:at]}{citation}{claim[at:]}"

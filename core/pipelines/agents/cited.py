"""What agents cite, held against what was looked up: ids that exist, figures that were found."""

import re
from collections.abc import Iterable, Mapping, Sequence

from core.pipelines.agents.results import Evidence
from core.pipelines.answering.prose import Facts
from core.pipelines.answering.prose.figures import figures
from levada.v1.event_pb2 import QualityCheck, QualityChecked

# One of a passage (d1, analyst-1.t1.p1) or of a query (analyst-1.q1), in brackets, perhaps with others.
_ONE = r"(?:[a-z0-9-]{1,80}\.){0,3}[dpq]\d{1,4}(?:-\d{1,3})?"
_CITED = re.compile(rf"\[\s?({_ONE}(?:\s?[,;]\s?{_ONE}){{0,20}})\s?\]")
_MARKS = re.compile(rf" ?{_CITED.pattern}")
_BULLET = re.compile(r"^[-*] ", re.MULTILINE)
_ID = re.compile(_ONE)
SHOWN = 5


def cited(text: str) -> list[str]:
    """Return the ids that *text* cites, in order, each once."""
    return list(dict.fromkeys(one for match in _CITED.finditer(text) for one in _ID.findall(match[1])))


def bare(text: str) -> str:
    """Return *text* without its citations."""
    return _CITED.sub("", text)


def spoken(text: str) -> str:
    """Return *text* as it reads where it is neither laid out nor cited: in lists of runs, aloud."""
    return _BULLET.sub("", _MARKS.sub("", text))


def sources(text: str, known: Mapping[str, Evidence]) -> list[str]:
    """Return what *text* cites as people cite it, a line each."""
    return [f"[{one}] {known[one].about}" for one in cited(text) if one in known]


def facts(found: Iterable[Evidence], *texts: str) -> Facts:
    """Return all figures that may be named: those of what was found and of *texts*."""
    known = Facts()
    for one in found:
        for unit, values in one.facts.figures.items():
            known.figures.setdefault(unit, set()).update(values)
        known.names |= one.facts.names
    for text in texts:
        known.add_text(text)
    return known


def checked(text: str, known: Mapping[str, Evidence], given: Facts) -> QualityChecked:
    """Say whether what *text* cites exists, and whether each figure that it names was *given*."""
    unknown = [one for one in cited(text) if one not in known]
    strange = list(dict.fromkeys(quoted.text for quoted in figures(bare(text)) if not given.hold(quoted)))
    return QualityChecked(
        checks=[
            _check("citations_exist", unknown, "Everything that is cited was found.", "Cited, but never found: {}."),
            _check(
                "figures_found",
                strange,
                "Every figure stands in what was found or said.",
                "These figures stand in nothing that was found or said: {}.",
            ),
        ]
    )


def _check(name: str, wrong: Sequence[str], well: str, badly: str) -> QualityCheck:
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    message = badly.format(", ".join(wrong[:SHOWN]) + more) if wrong else well
    return QualityCheck(name=name, passed=not wrong, message=message)


class Held:
    """Admits sentences about passages: those whose citations exist and whose figures they hold."""

    def __init__(self, found: Sequence[Evidence]) -> None:
        self._known = {one.id for one in found}
        self._facts = facts(found)

    def admit(self, sentence: str) -> str | None:
        """Return *sentence* without citations of what is not there; None if it names a figure that is not."""
        if not self._facts.hold_all(bare(sentence)):
            return None
        return _CITED.sub(lambda match: _kept(match[0], self._known), sentence)


def _kept(citation: str, known: set[str]) -> str:
    there = [one for one in _ID.findall(citation) if one in known]
    return f"[{', '.join(there)}]" if there else ""

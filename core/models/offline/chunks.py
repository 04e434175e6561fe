"""A question cut into chunks: each a run of words with everything it may mean, chosen so that most is explained."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from core.models.base import Lookup, ValueMatch
from core.models.offline.catalog import Column, Table
from core.models.offline.cues import STOP, UNITS, Cue, cues
from core.models.offline.ir import Metric
from core.models.offline.names import Link, Names
from core.models.offline.periods import Period, find_periods
from core.models.offline.words import Token, split_name

_LONGEST_VALUE = 6
_MALE, _FEMALE = ("M", "male"), ("F", "female")
_CODED = dict.fromkeys(("male", "men", "man", "boys"), _MALE) | dict.fromkeys(
    ("female", "women", "woman", "girls"), _FEMALE
)
_FIRM = ("super", "frequent", "compare", "order", "negate", "each")


@dataclass
class Chunk:
    """Words start..end of the question and what they may mean; *weight* is how much that explains."""

    start: int
    end: int
    text: str
    cues: tuple[Cue, ...] = ()
    tables: list[Link[Table]] = field(default_factory=list)
    columns: list[Link[Column]] = field(default_factory=list)
    values: list[ValueMatch] = field(default_factory=list)
    metric: Metric | None = None
    number: float | int | None = None
    literal: str | None = None
    period: Period | None = None
    possessive: bool = False
    filler: bool = False
    weight: float = 0.0
    chosen: str = ""

    def cue(self, *kinds: str) -> Cue | None:
        """Return its meaning as one of the cue *kinds*."""
        return next((cue for kind in kinds for cue in self.cues if cue.kind == kind), None)

    @property
    def named(self) -> bool:
        return bool(self.tables or self.columns)

    @property
    def table(self) -> Table | None:
        return self.tables[0].element if self.tables else None

    @property
    def column(self) -> Column | None:
        return self.columns[0].element if self.columns else None

    @property
    def table_score(self) -> float:
        return self.tables[0].score if self.tables else 0.0

    @property
    def column_score(self) -> float:
        return self.columns[0].score if self.columns else 0.0


def cut(question: str, tokens: Sequence[Token], names: Names, lookup: Lookup, metrics: dict[tuple[str, ...], Metric],
        aliases: dict[tuple[str, ...], Table | Column]) -> list[Chunk]:  # fmt: skip
    """Cut *tokens* into the chunks that explain most of the question."""
    spans: dict[tuple[int, int], Chunk] = {}

    def at(start: int, end: int) -> Chunk:
        if (start, end) not in spans:
            text = question[tokens[start].start : tokens[end - 1].end]
            spans[start, end] = Chunk(start, end, text, possessive=tokens[end - 1].possessive)
        return spans[start, end]

    _add_cues(tokens, at)
    for (start, end), links in names.find(tokens).items():
        chunk = at(start, end)
        chunk.tables = [link for link in links if isinstance(link.element, Table)]
        chunk.columns = [link for link in links if isinstance(link.element, Column)]
    _add_configured(tokens, at, metrics, aliases)
    _add_literals(tokens, at)
    for start, end, period in find_periods(tokens):
        at(start, end).period = period
    _add_values(tokens, at, lookup)
    for chunk in spans.values():
        chunk.weight = _weigh(chunk, tokens)
    return _cover(tokens, spans, question)


def _add_cues(tokens: Sequence[Token], at) -> None:
    known = cues()
    lowers = [token.lower if token.kind == "word" else token.text for token in tokens]
    for start in range(len(tokens)):
        for end in range(start + 1, min(len(tokens), start + 7) + 1):
            if found := known.get(tuple(lowers[start:end])):
                at(start, end).cues = found


def _add_configured(tokens, at, metrics, aliases) -> None:
    lemmas = [token.lemma for token in tokens]
    for start in range(len(tokens)):
        for end in range(start + 1, min(len(tokens), start + 5) + 1):
            phrase = tuple(lemmas[start:end])
            if phrase in metrics:
                at(start, end).metric = metrics[phrase]
            if phrase in aliases:
                element = aliases[phrase]
                chunk = at(start, end)
                links = chunk.tables if isinstance(element, Table) else chunk.columns
                links[:] = [Link(element, 0.97), *(link for link in links if link.element != element)]


def _add_literals(tokens: Sequence[Token], at) -> None:
    for place, token in enumerate(tokens):
        if token.kind in ("quoted", "date"):
            at(place, place + 1).literal = token.text
        elif (number := token.number) is not None:
            at(place, place + 1).number = number


def _add_values(tokens: Sequence[Token], at, lookup: Lookup) -> None:
    for start, first in enumerate(tokens):
        if first.kind == "mark":
            continue
        for end in range(start + 1, min(len(tokens), start + _LONGEST_VALUE) + 1):
            run = tokens[start:end]
            if run[-1].kind == "mark" or (end - start > 1 and any(token.kind == "quoted" for token in run)):
                break
            if all(token.lower in STOP and token.text[0].islower() for token in run):
                continue
            if any(token.kind == "mark" and token.text not in ",.&" for token in run):
                break
            if first.kind == "number" and end - start == 1:
                continue
            chunk = at(start, end)
            if end - start == 1 and (coded := _CODED.get(first.lower)):
                chunk.values = [
                    replace(m, words=first.text) for word in coded for m in lookup.find(word, 30) if _sexed(m)
                ]
                continue
            found = lookup.find(chunk.text if first.kind != "quoted" else first.text, 12)
            chunk.values = [match for match in found if _likely(match, run)]


def _likely(match: ValueMatch, run: Sequence[Token]) -> bool:
    """Verbs and short words in lower case are values only when the data spells them so."""
    first = run[0]
    if len(run) > 1 or first.kind != "word" or not first.text.islower():
        return True
    if first.text.endswith(("ed", "ing")) or len(first.text) <= 3:
        return match.value == first.text or (match.score == 1.0 and len(first.text) > 3)
    return True


def _sexed(match: ValueMatch) -> bool:
    return bool({"sex", "gender"} & set(split_name(match.column)))


def _weigh(chunk: Chunk, tokens: Sequence[Token]) -> float:
    run = tokens[chunk.start : chunk.end]
    size = len(run)
    weight, chunk.chosen = 0.0, ""
    if chunk.cues:
        firm = 0.95 if chunk.cue(*_FIRM) else 0.8
        if chunk.cue("aggregate") and size == 1:
            firm = 1.02
        if chunk.cue("count") and size > 1 and _several(tokens[chunk.end : chunk.end + 3]):
            firm = 1.1  # a flight's number has a column of its own; the number of flights is a count
        if chunk.start == 0 and chunk.cue("lead") and chunk.text.lower() != "name":
            firm = 1.2
        weight, chunk.chosen = firm * size + 0.08 * (size - 1), "cue"
    if chunk.metric and 1.05 * size + 0.2 > weight:
        weight, chunk.chosen = 1.05 * size + 0.2, "metric"
    schema = max(chunk.table_score, chunk.column_score)
    if schema and schema * (size + 0.2 * (size - 1)) > weight:
        weight, chunk.chosen = schema * (size + 0.2 * (size - 1)), "name"
    if chunk.values:
        value = _value_weight(chunk, run)
        if value > weight:
            weight, chunk.chosen = value, "value"
    if chunk.period and 1.1 * size + 0.3 > weight:
        weight, chunk.chosen = 1.1 * size + 0.3, "period"
    if chunk.literal is not None:
        weight, chunk.chosen = 3.0, "literal"
    if chunk.number is not None and (run[0].kind == "number" or weight < 0.9):
        weight, chunk.chosen = 0.9, "number"
    return weight


def _several(after: Sequence[Token]) -> bool:
    """Say whether these words begin with a noun in the plural, adjectives before it or not."""
    nouns = takewhile(lambda token: token.kind == "word" and token.lower not in STOP, after)
    return any(token.lower.endswith("s") and token.lemma != token.lower for token in nouns)


def _value_weight(chunk: Chunk, run: Sequence[Token]) -> float:
    size = len(run)
    best = chunk.values[0].score
    raised = sum(token.text[0].isupper() or token.kind == "number" for token in run)
    if size == 1:
        exact_case = any(match.value == chunk.text for match in chunk.values)
        if raised and run[0].start > 0:
            return best * (1.15 if exact_case else 1.02)
        return best * (0.75 if len(chunk.text) > 2 else 0.3)
    worth = size + 0.25 * (size - 1) if raised else 0.95 * size
    return best * worth


def _cover(tokens: Sequence[Token], spans: dict[tuple[int, int], Chunk], question: str) -> list[Chunk]:
    """Choose chunks side by side that together weigh most."""
    best: list[tuple[float, list[Chunk]]] = [(0.0, [])]
    ending: dict[int, list[Chunk]] = {}
    for chunk in spans.values():
        if chunk.weight > 0:
            ending.setdefault(chunk.end, []).append(chunk)
    for end in range(1, len(tokens) + 1):
        weight, chain = best[end - 1]
        token = tokens[end - 1]
        filler = token.kind == "mark" or token.lower in STOP
        if token.lower in UNITS and end > 1 and tokens[end - 2].number is not None:
            filler = True
        alone = Chunk(end - 1, end, question[token.start : token.end], filler=filler)
        choice = (weight, [*chain, alone])
        for chunk in ending.get(end, ()):
            before, chain = best[chunk.start]
            if before + chunk.weight > choice[0]:
                choice = (before + chunk.weight, [*chain, chunk])
        best.append(choice)
    return best[-1][1]

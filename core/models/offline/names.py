"""Which tables and columns a run of words may name: every word must mean something in the name, and the name must be
mostly said."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process

from core.models.offline.catalog import Catalog, Column, Table
from core.models.offline.cues import SOFT, STOP, cues
from core.models.offline.thesaurus import directed_synonyms, synonyms, word_synonyms
from core.models.offline.words import Token, lemma, stem

_LINKERS = {"of", "the", "'s", "for", "in", "to", "by", "per", "a", "from", "at"}
_NAME_LINKERS = {"of", "in", "for", "to", "by", "per", "from", "at"}
_GENERIC = {"id": 0.2, "code": 0.15, "name": 0.1, "detail": 0.15, "description": 0.18, "number": 0.2, "type": 0.25,
            "date": 0.15, "title": 0.15, "of": 0.0, "in": 0.0, "the": 0.0, "total": 0.1, "value": 0.15, "at": 0.0,
            "on": 0.0, "time": 0.2, "text": 0.15, "for": 0.0, "is": 0.0, "to": 0.0, "by": 0.0}  # fmt: skip
_MISSING = 0.32
_FLOOR = 0.5
_LONGEST = 7


Named_co = TypeVar("Named_co", bound=Table | Column, covariant=True)


@dataclass(frozen=True)
class Link(Generic[Named_co]):
    """Words that may name *element*: *score* is 1.0 when all of the name was said in its own words, *base* the score
    by the words alone."""

    element: Named_co
    score: float
    base: float = 1.0


class Names:
    """The names of a catalog, indexed by their words."""

    def __init__(self, catalog: Catalog) -> None:
        self._elements: list[tuple[Table | Column, tuple[str, ...], frozenset[str]]] = []
        self._by_word: dict[str, set[int]] = defaultdict(set)
        self._exact: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._table_words = {table.words for table in catalog.tables.values()}
        for table in catalog.tables.values():
            self._add(table, table.words, frozenset())
            for column in table.columns:
                if column.kind == "other" and column.words in self._table_words:
                    continue  # a document within a row ("company" with "company.code") tells less than that table
                self._add(column, column.words, frozenset({*table.words, *column.within, *_remarks(column)}))
        self._by_stem: dict[str, set[str]] = defaultdict(set)
        for word in self._by_word:
            self._by_stem[stem(word)].add(word)
        self._meanings: dict[str, dict[str, float]] = {}

    def _add(self, element: Table | Column, words: tuple[str, ...], owner: frozenset[str]) -> None:
        number = len(self._elements)
        self._elements.append((element, words, owner))
        for word in {*words, *owner}:
            self._by_word[word].add(number)
        self._exact[words].append(number)
        if isinstance(element, Column) and element.core and element.core != words:
            self._exact[element.core].append(number)

    def find(self, tokens: Sequence[Token]) -> dict[tuple[int, int], list[Link]]:
        """Return for spans of *tokens* what they may name, best first."""
        found: dict[tuple[int, int], dict[Table | Column, float]] = defaultdict(dict)
        for start, token in enumerate(tokens):
            if token.kind != "word" or (
                token.lower in STOP and token.lower not in _GENERIC and token.lower not in SOFT
            ):
                continue
            if token.lower in _LINKERS:
                continue
            self._grow(tokens, start, found)
        self._phrases(tokens, found)
        return {
            span: sorted((Link(e, s, min(s, 1.0)) for e, s in links.items()), key=lambda link: -link.score)[:40]
            for span, links in found.items()
        }

    def _grow(self, tokens: Sequence[Token], start: int, found: dict) -> None:
        alive: dict[int, dict[str, float]] | None = None
        for end in range(start, min(len(tokens), start + _LONGEST)):
            token = tokens[end]
            if token.kind not in ("word", "number"):
                return
            if token.lower in _LINKERS and end > start:
                continue
            meanings = self.meanings(token)
            grown: dict[int, dict[str, float]] = {}
            numbers = {number for word in meanings for number in self._by_word.get(word, ())}
            for number in numbers if alive is None else numbers & alive.keys():
                said = {} if alive is None else alive[number]
                words = {*self._elements[number][1], *self._elements[number][2]}
                best = max(((q, w) for w, q in meanings.items() if w in words and w not in said), default=None)
                if best:
                    grown[number] = {**said, best[1]: best[0]}
            alive = grown
            if not alive:
                return
            linked = any(token.lower in _LINKERS for token in tokens[start : end + 1])
            for number, said in alive.items():
                element, own, _ = self._elements[number]
                if linked and not set(said) <= set(element.core if isinstance(element, Column) else own):
                    continue
                score = self._score(number, said)
                if score >= _FLOOR:
                    place = found[(start, end + 1)]
                    place[element] = max(score, place.get(element, 0.0))

    def _score(self, number: int, said: dict[str, float]) -> float:
        element, words, owner = self._elements[number]
        quality = sum(said.values()) / len(said) if said else 0.0
        if isinstance(element, Table):
            cost = sum(
                0.0 if word in _NAME_LINKERS or word in ("with", "and") else _MISSING
                for word in words
                if word not in said
            )
            if words and words[-1] not in said:
                cost += 0.2
            return quality * (1 - cost)
        core = element.core or words
        if not any(word in said for word in core):
            return 0.0
        missing = [word for word in core if word not in said]
        cost = sum(_GENERIC.get(word, _MISSING) for word in missing)
        if len(core) > 1 and core[-1] in missing and core[-1] not in _GENERIC:
            cost += 0.1
        if "id" in missing and (
            element.foreign or element.key or tuple(w for w in core if w != "id") in self._table_words
        ):
            cost += 0.25
        whole = 0.03 if owner and owner <= said.keys() else 0.0
        return quality * (1 - cost) + whole

    def _phrases(self, tokens: Sequence[Token], found: dict) -> None:
        """Add what phrases stand for by the thesaurus: "surname" and "family name" for a column last_name."""
        lemmas = [token.lemma for token in tokens]
        for size in (1, 2, 3):
            for start in range(len(tokens) - size + 1):
                phrase = tuple(lemmas[start : start + size])
                for other in synonyms().get(phrase, ()):
                    if size == 1 and len(other) == 1:
                        continue
                    for number in self._exact.get(other, ()):
                        place = found[(start, start + size)]
                        element = self._elements[number][0]
                        place[element] = max(0.92, place.get(element, 0.0))

    def meanings(self, token: Token) -> dict[str, float]:
        """Return the words of names that *token* may mean, each with how sure that is."""
        low = token.lower
        if low not in self._meanings:
            self._meanings[low] = self._look_up(low)
        return self._meanings[low]

    def _look_up(self, low: str) -> dict[str, float]:
        base = lemma(low)
        if low in SOFT:
            return {word: 1.0 for word in (low, base) if word in self._by_word}
        if any(cue.kind == "super" and cue.hints for cue in cues().get((low,), ())):
            return {word: 1.0 for word in (low, base) if word in self._by_word}
        meant: dict[str, float] = {}
        known = (
            directed_synonyms(base) if low.endswith("ed") and low != base else word_synonyms(base) | word_synonyms(low)
        )
        for word in known:
            if word in self._by_word:
                meant[word] = 0.84
        for word in self._by_stem.get(stem(low), ()):
            meant[word] = 0.93
        for word in (low, base):
            if word in self._by_word:
                meant[word] = 1.0
        if not meant and len(base) >= 5 and low not in STOP and low.isalpha():
            close = process.extract(base, self._by_word.keys(), scorer=fuzz.ratio, score_cutoff=86, limit=2)
            meant = {word: 0.8 for word, _, _ in close if abs(len(word) - len(base)) <= 2 and word[0] == base[0]}
        return meant

    def hinted(self, hints: Iterable[str], tables: Iterable[str] = ()) -> list[Link[Column]]:
        """Return columns with the words *hints*, the first hint best; "-" before a hint is left out."""
        allowed = set(tables)
        links = []
        for rank, hint in enumerate(hint.lstrip("-") for hint in hints):
            for number in self._by_word.get(lemma(hint), ()):
                element, words, _ = self._elements[number]
                if isinstance(element, Column) and hint in words and (not allowed or element.table in allowed):
                    ends = 0.0 if words[-1] == hint or element.core == (hint,) else 0.08
                    usable = 0.0 if element.kind in ("number", "date") or hint not in _MEASURING else 0.3
                    links.append(Link(element, 0.86 - 0.04 * rank - ends - usable))
        best: dict[Column, Link[Column]] = {}
        for link in links:
            if link.element not in best or best[link.element].score < link.score:
                best[link.element] = link
        return sorted(best.values(), key=lambda link: -link.score)


def _remarks(column: Column) -> list[str]:
    """Return the words of a yes-or-no column's comment: "whether they subscribed to the newsletter"."""
    words = re.findall(r"[a-z]{4,}", column.comment.lower()) if column.kind == "boolean" else []
    return [lemma(word) for word in words if word not in STOP and word != "whether"]


_MEASURING = {"age", "weight", "height", "price", "cost", "size", "population", "capacity", "length", "distance"}

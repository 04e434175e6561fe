"""What passages say about a question, held to what they hold: citations that exist, figures that stand there."""

import re
from collections.abc import Iterator, Sequence

from core.models.base import Excerpt
from core.pipelines.answering.passages import Passage
from core.pipelines.answering.prose import Facts
from core.pipelines.answering.relevance.words import telling
from core.sources.embedding.hashing import words

MISSING = "The documents don't say"
"""What a sentence begins with that says what is not there: it needs no citation."""

MOST_QUOTED = 3
WORSE = 3
"""How many times less a passage may be about the question than the first one."""

_ASKING = frozenset({"long", "take", "doe", "happen", "say", "mean", "tell", "know"})
"""Stems of words by which a question asks, whatever it is about: how long does it take, what happens."""

LONGEST = 400
_CITED = re.compile(r"\s?\[\s?(\d{1,3}(?:\s?[,;]\s?\d{1,3}){0,20})\s?\]")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_MARKS = re.compile(r"([\\`*_\[\]<>#|~!])")
_BULLET = re.compile(r"^(?:[-*+]|\d{1,3}[.)])\s+")


def passages_of(source: str, excerpt: Excerpt) -> list[Passage]:
    """Return the passages that rows of *source* are."""
    rows = (dict(zip(excerpt.columns, row, strict=True)) for row in excerpt.rows)
    return [Passage.model_validate({"source": source} | row) for row in rows]


class Cited:
    """Admits sentences about *passages*; *numbers* are those that were cited, as they were."""

    def __init__(self, question: str, passages: Sequence[Passage]) -> None:
        self._facts = {number: _facts(question, one) for number, one in enumerate(passages, start=1)}
        self.numbers: dict[int, None] = {}
        self.missing = False

    def admit(self, sentence: str) -> str | None:
        """Return *sentence* with the citations that exist; None if it rests on none or names another figure."""
        plain = _BULLET.sub("", sentence.strip()).strip("*_ ")
        if plain.casefold().startswith(MISSING.casefold()):
            self.missing = True
            return sentence
        named = [int(one) for match in _CITED.finditer(sentence) for one in re.findall(r"\d+", match[1])]
        known = [one for one in named if one in self._facts]
        claim = _CITED.sub("", sentence)
        facts = Facts()
        for one in known:
            facts.names |= self._facts[one].names
            for unit, values in self._facts[one].figures.items():
                facts.figures.setdefault(unit, set()).update(values)
        if not known or not facts.hold_all(claim):
            return None
        self.numbers.update(dict.fromkeys(known))
        return _CITED.sub(lambda match: _there(match, self._facts), sentence)


def _facts(question: str, passage: Passage) -> Facts:
    facts = Facts()
    for text in (passage.title, passage.text, passage.place):
        facts.add_text(text)
    facts.add_names(question)
    return facts


def _there(match: re.Match[str], known: dict[int, Facts]) -> str:
    kept = [one for one in re.findall(r"\d+", match[1]) if int(one) in known]
    return f" [{', '.join(kept)}]" if kept else ""


def best(question: str, passages: Sequence[Passage]) -> list[int]:
    """Return the numbers of those that answer *question*: not much less about it than the first, and none twice."""
    found: dict[str, int] = {}
    for number, one in enumerate(passages, start=1):
        if (one.score * WORSE >= passages[0].score or one.source != passages[0].source) and about(question, one):
            found.setdefault(one.text, number)
    return list(found.values())[:MOST_QUOTED]


def about(question: str, passage: Passage) -> bool:
    """Tell whether *passage* has two words of *question* that tell something, or all: a single one may be chance."""
    text = f"{passage.title} {passage.text} {passage.file}"
    said, asked = {*telling(text), *words(text)}, set(telling(question)) - _ASKING
    return sum(bool(said & {word, *words(word)}) for word in asked) >= min(len(asked), 2)


def quotations(question: str, passages: Sequence[Passage]) -> Iterator[str]:
    """Yield, in markdown, what the best passages say in their own words, and which words none of them has."""
    yield "No language model is set to put it into other words, so this is what your documents say:\n\n"
    for number in best(question, passages):
        one = passages[number - 1]
        title = f"**{plain(one.title)}**: " if one.title else ""
        yield f"- {title}“{plain(extract(question, one.text))}” [{number}]\n"
    said = {word for one in passages for word in telling(f"{one.title} {one.text} {one.file}")}
    absent = [word for word in re.findall(r"\w+", question) if (told := telling(word)) and not said & set(told)]
    if absent:
        yield f"\nNone of the passages found has: {plain(', '.join(dict.fromkeys(absent)))}.\n"


def sources(passages: Sequence[Passage], numbers: Sequence[int]) -> str:
    """Return where the cited passages stand, a line each, in markdown."""
    lines = [f"- [{number}] {plain(passages[number - 1].cited)}" for number in sorted(numbers)]
    return "\n".join(lines)


def extract(question: str, text: str) -> str:
    """Return the sentences of *text* that share most words with *question*, as far as they fit."""
    asked = set(telling(question))
    sentences = [" ".join(one.split()) for one in _SENTENCE.split(text) if one.strip()]
    shared = [len(asked & set(telling(one))) for one in sentences]
    best = max(range(len(sentences)), key=shared.__getitem__, default=0)
    kept = ""
    for one in sentences[best:]:
        if kept and len(kept) + len(one) >= LONGEST:
            break
        kept = f"{kept} {one}".strip()
    return kept if len(kept) <= LONGEST else f"{kept[: LONGEST - 1].rstrip()}…"


def opening(answer: str) -> str:
    """Return the first sentence of *answer* without its marks and citations."""
    said = " ".join(_CITED.sub("", _BULLET.sub("", answer.strip())).replace("**", "").split())
    return _SENTENCE.split(said)[0]


def plain(text: str) -> str:
    """Return *text* so that markdown shows it as it is: a document makes no links, pictures or headings here."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))

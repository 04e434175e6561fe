"""What passages say about a question in their own words: the sentences that share most with it, cited."""

import re
from collections.abc import Sequence

from core.pipelines.agents.results import Evidence
from core.pipelines.answering.relevance.words import telling

LONGEST = 320
MOST = 3
_END = re.compile(r"(?<=[.!?])\s+|\n+")


def extracts(question: str, found: Sequence[Evidence]) -> str:
    """Return a quotation from each of the best passages, as a list."""
    return "\n".join(f"- “{extract(question, one.text)}” [{one.id}]" for one in found[:MOST])


def extract(question: str, text: str) -> str:
    """Return the part of *text* that shares most words with *question*, whole sentences as far as these fit."""
    asked = set(telling(question))
    sentences = [" ".join(sentence.split()) for sentence in _END.split(text) if sentence.strip()]
    if not sentences:
        return ""
    best = max(range(len(sentences)), key=lambda place: len(asked & set(telling(sentences[place]))))
    kept = sentences[best]
    for sentence in sentences[best + 1 :]:
        if len(kept) + len(sentence) >= LONGEST:
            break
        kept = f"{kept} {sentence}"
    return kept if len(kept) <= LONGEST else _cut(kept, LONGEST)


def opening(text: str, longest: int) -> str:
    """Return how *text* begins: whole paragraphs, else sentences, as far as they fit."""
    if len(text) <= longest:
        return text.strip()
    cut = text[:longest]
    ends = [match.start() for match in _END.finditer(cut)]
    return f"{cut[: ends[-1]]}…" if ends else _cut(text, longest)


def _cut(text: str, longest: int) -> str:
    """Return how *text* begins, up to the end of a word: half a figure is another figure."""
    cut = text[: longest - 1]
    whole = cut if text[len(cut)].isspace() else (cut.rsplit(maxsplit=1) or [cut])[0]
    return f"{whole.rstrip()}…"

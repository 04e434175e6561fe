"""What passages say about a question in their own words: the sentences that share most with it, cited."""

import re
from collections.abc import Sequence

from core.pipelines.agents.results import Evidence
from core.pipelines.answering.relevance.words import telling

LONGEST = 320
ALIKE = 4
"""Letters that two words begin with which are of one stem: returned, returns."""
MOST = 3
_AND = re.compile(r",\s+and\s+(?=(?:how|what|which|who|whose|when|where|why)\b)", re.IGNORECASE)
_END = re.compile(r"(?<=[.!?])\s+|\n+")


def extracts(question: str, found: Sequence[Evidence]) -> str:
    """Return a quotation from each of the best passages, as a list."""
    return "\n".join(f"- “{extract(question, one.text)}” [{one.id}]" for one in found[:MOST])


def parts(message: str) -> list[str]:
    """Return the questions that *message* is made of; none where it is one."""
    found = [part.strip() for part in _AND.split(message)]
    return found if len(found) > 1 else []


def clearly_about(question: str, text: str) -> bool:
    """Tell whether *text*, quoted beside what data says of *question*, adds to it: a single word may be chance.

    Data is asked first: of the questions that follow it in a message a third of the words will do.
    """
    said = set(telling(text))
    first, *others = parts(question) or [question]
    asked, found = _shared(first, said)
    if found >= min(asked, 2) and 2 * found >= asked:
        return True
    return any(found and 3 * found >= asked for asked, found in (_shared(other, said) for other in others))


def _shared(question: str, said: set[str]) -> tuple[int, int]:
    """Return how many words *question* has, and how many of them are among those *said*."""
    asked = set(telling(question))
    return len(asked), sum(word in said or any(_of_one_stem(word, other) for other in said) for word in asked)


def _of_one_stem(one: str, other: str) -> bool:
    # Endings are short: what two words begin with has nearly all of the shorter one.
    short, long = sorted((one, other), key=len)
    return len(short) >= ALIKE and long.startswith(short) and len(long) - len(short) <= 3


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

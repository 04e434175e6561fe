"""What of a question its query leaves out: words without a meaning, and columns that were named and nothing uses."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass

from core.models.offline import ir
from core.models.offline.catalog import Column
from core.models.offline.chunks import Chunk
from core.models.offline.cues import STOP
from core.models.offline.reader import Reader
from core.models.offline.words import Token, lemma

_OWN_WORDS = 0.9
_TYING = ("lead", "preposition", "and", "relative", "with", "distinct", "direction")


def unread(reader: Reader, tokens: Sequence[Token]) -> list[str]:
    """Return the words that no part of the grammar took."""
    words: list[str] = []
    for place, chunk in enumerate(reader.chunks):
        if place in reader.used or chunk.filler or (chunk.chosen == "cue" and chunk.cue(*_TYING)):
            continue
        run = [token for token in tokens[chunk.start : chunk.end] if token.kind != "mark"]
        words.extend(token.text for token in run if token.lower not in STOP or chunk.chosen == "cue")
    return words


def dropped(reader: Reader, query: ir.Query) -> list[str]:
    """Return the words of columns that were named beside what is shown, and that *query* does not use after all."""
    used = set(_columns(query))
    beside = {pending.place for pending in reader.pending if not pending.projected}
    return [
        chunk.text
        for place, chunk in enumerate(reader.chunks)
        if place in beside and chunk.chosen == "name:column" and _named(chunk) and chunk.column not in used
    ]


def _named(chunk: Chunk) -> bool:
    """Say whether the column was named in its own words, not only met by a verb: "earn" paid_at, "wrote" written_on."""
    if not chunk.columns or chunk.columns[0].base < _OWN_WORDS:
        return False
    low = chunk.text.lower()
    past = lemma(low) != low and not low.endswith("s")
    return not (past and chunk.columns[0].element.kind == "date")


def _columns(of: object) -> Iterable[Column]:
    """Yield the columns anywhere within *of*."""
    if isinstance(of, Column):
        yield of
    elif is_dataclass(of):
        for field in fields(of):
            yield from _columns(getattr(of, field.name))
    elif isinstance(of, list | tuple):
        for part in of:
            yield from _columns(part)

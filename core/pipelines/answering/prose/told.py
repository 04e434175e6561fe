"""Prose on its way out, sentence by sentence: what does not check out is held back and counted."""

import re
from collections.abc import Callable, Iterator

# What is cited after a sentence's end still belongs to it.
_END = re.compile(r"[.!?…][)\"'”’*_]*(?:\s*\[[\w,. -]+\]\.?)*\s+(?=[^\sa-z\[])|[。！？]|\n")
_ABBREVIATIONS = {
    "no", "nr", "st", "dr", "mr", "ms", "mrs", "vs", "inc", "ltd", "co", "ca", "approx", "fig", "e.g", "i.e",
}  # fmt: skip
_LONGEST = 2_000  # characters; what has no end by then is none
_LONGEST_WORD = 40
_LAST_WORD = re.compile(r"([\w.]+?)\.\s*$")


class Prose:
    """Takes a text piece by piece and gives it back in sentences (lines, where it has none) that *admit* lets pass.

    *admit* returns the sentence, mended perhaps, or None; *left_out* counts the Nones.
    """

    def __init__(self, admit: Callable[[str], str | None]) -> None:
        self.left_out = 0
        self._admit = admit
        self._held = ""
        self._seen = 0
        self._line_begins = True

    def add(self, piece: str) -> Iterator[str]:
        """Yield what is whole and checked now that *piece* has come."""
        self._held += piece
        while (end := self._end()) is not None:
            sentence, self._held, self._seen = self._held[:end], self._held[end:], 0
            yield from self._told(sentence)

    def rest(self) -> Iterator[str]:
        """Yield what is left when nothing more comes."""
        sentence, self._held = self._held, ""
        yield from self._told(sentence)

    def _end(self) -> int | None:
        for match in _END.finditer(self._held, self._seen):
            if match[0] == "\n" or self._is_end(self._held[: match.end()]):
                return match.end()
            self._seen = match.end()
        # A sentence's end is only known by what follows it: look at the last words again.
        self._seen = max(self._seen, len(self._held) - 80)
        return None

    def _is_end(self, sentence: str) -> bool:
        if len(sentence) > _LONGEST:
            return True
        last = _LAST_WORD.search(sentence.rstrip()[-_LONGEST_WORD:])
        abbreviated = last is not None and (last[1].casefold() in _ABBREVIATIONS or re.fullmatch(r"[^\W\d]", last[1]))
        # Emphasis is told or held back whole.
        return not abbreviated and sentence.count("**") % 2 == 0

    def _told(self, sentence: str) -> Iterator[str]:
        begins, self._line_begins = self._line_begins, sentence.endswith("\n") or not sentence
        if not sentence.strip():
            admitted: str | None = sentence
        else:
            admitted = self._admit(sentence)
            if admitted is None:
                self.left_out += 1
                # What ends a paragraph still ends it.
                admitted = "" if begins else "".join(sentence[len(sentence.rstrip()) :].partition("\n")[1:])
        if admitted:
            yield admitted


def left_out(count: int) -> str:
    """Say that *count* sentences were held back."""
    if count == 1:
        return "*One sentence of the model's is left out: it named a figure that was not computed.*"
    return f"*{count} sentences of the model's are left out: they named figures that were not computed.*"

"""Paragraphs put together to passages, or cut: long enough to be understood, short enough to be quoted."""

import re
from collections.abc import Iterable, Iterator

from core.sources.knowledge.passage import Piece
from core.sources.knowledge.reading.blocks import Block, Unreadable

ENOUGH = 800
"""Characters from which a passage takes no further paragraph."""

LONGEST = 1_600
MOST = 20_000
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+")


def pieces(blocks: Iterable[Block], unit: str) -> list[Piece]:
    """Return the passages of *blocks*, whose places are counted in *unit* ("line" or "page"). Raises Unreadable."""
    found: list[Piece] = []
    held: list[Block] = []
    for block in (part for whole in blocks for part in _cut(whole, unit)):
        if held and (block.title != held[0].title or _size(held) >= ENOUGH or _size(held) + len(block.text) > LONGEST):
            found.append(_piece(held, unit))
            held = []
        held.append(block)
        if len(found) > MOST:
            raise Unreadable(f"it has more than {MOST:,} passages. Split it into several documents")
    return [*found, _piece(held, unit)] if held else found


def _size(blocks: list[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _piece(blocks: list[Block], unit: str) -> Piece:
    first, last = blocks[0].first, _last(blocks[-1], unit)
    place = f"{unit} {first}" if first == last else f"{unit}s {first}-{last}"
    return Piece(place, blocks[0].title, "\n\n".join(block.text for block in blocks))


def _last(block: Block, unit: str) -> int:
    return block.first + (block.text.count("\n") if unit == "line" else 0)


def _cut(block: Block, unit: str) -> Iterator[Block]:
    """Yield *block* in parts that are not too long: at the ends of lines, else of sentences, else of words."""
    if len(block.text) <= LONGEST:
        yield block
        return
    held, first = "", block.first
    for number, line in enumerate(block.text.split("\n")):
        at = block.first + (number if unit == "line" else 0)
        for part in _short(line):
            if held and len(held) + len(part) > LONGEST:
                yield Block(held, block.title, first)
                held, first = part, at
            else:
                held, first = (f"{held}\n{part}", first) if held else (part, at)
    if held.strip():
        yield Block(held, block.title, first)


def _short(line: str) -> Iterator[str]:
    if len(line) <= LONGEST:
        yield line
        return
    for sentence in _SENTENCE.split(line):
        rest = sentence
        while len(rest) > LONGEST:
            end = rest.rfind(" ", 0, LONGEST)
            end = end if end > 0 else LONGEST
            yield rest[:end]
            rest = rest[end:].lstrip()
        if rest:
            yield rest

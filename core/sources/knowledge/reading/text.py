"""Plain text: its paragraphs, divided by empty lines."""

from collections.abc import Iterator

from core.sources.knowledge.reading.blocks import Block
from core.sources.knowledge.reading.decoding import text_of

UNIT = "line"


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the paragraphs of *data*. Raises Unreadable."""
    yield from paragraphs(text_of(data).split("\n"))


def paragraphs(lines: list[str]) -> Iterator[Block]:
    """Yield the paragraphs of *lines*."""
    held: list[str] = []
    for number, line in enumerate([*lines, ""], start=1):
        if line.strip():
            held.append(line.rstrip())
        elif held:
            yield Block("\n".join(held), "", number - len(held))
            held = []

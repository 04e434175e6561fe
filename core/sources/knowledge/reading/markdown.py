"""Markdown (CommonMark with tables): its blocks as they are written, under their headings."""

from collections.abc import Iterator

from markdown_it import MarkdownIt

from core.sources.knowledge.reading.blocks import Block, Headings
from core.sources.knowledge.reading.decoding import text_of
from core.sources.knowledge.reading.text import paragraphs

UNIT = "line"
_LONGEST_FRONT_MATTER = 100
# What stands in line but is not read: rules, and remarks for whoever edits the page.
_SILENT = ("hr", "heading_close")


def blocks(data: bytes) -> Iterator[Block]:
    """Yield what stands under the headings of *data*; the headings themselves where that is all. Raises Unreadable."""
    lines = _without_front_matter(text_of(data).split("\n"))
    found = list(_blocks(lines))
    yield from found or paragraphs(lines)


def _blocks(lines: list[str]) -> Iterator[Block]:
    headings = Headings()
    tokens = MarkdownIt("commonmark").enable("table").parse("\n".join(lines))
    for token, following in zip(tokens, [*tokens[1:], None], strict=False):
        if token.level or not token.map or token.type in _SILENT:
            continue
        if token.type == "heading_open" and following is not None:
            headings.enter(int(token.tag[1:]), following.content)
            continue
        first, end = token.map
        text = "\n".join(lines[first:end]).rstrip()
        if text.strip() and not text.lstrip().startswith("<!--"):
            yield Block(text, headings.path, first + 1)


def _without_front_matter(lines: list[str]) -> list[str]:
    """Return *lines* with what is written above for programs left empty, so that all others keep their numbers."""
    if lines[0].strip() == "---":
        for end, line in enumerate(lines[1:_LONGEST_FRONT_MATTER], start=1):
            if line.strip() in ("---", "..."):
                return [*[""] * (end + 1), *lines[end + 1 :]]
    return lines

"""HTML, through lxml: what its pages say, without what is for programs; tag by tag, however deep they nest.

libxml2 takes time in proportion to a page, also to a hostile one; Python's own parser takes the square of it.
"""

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from core.sources.knowledge.reading.blocks import Block, Headings
from core.sources.knowledge.reading.decoding import page_of, storable

UNIT = "line"
_SILENT = frozenset({"script", "style", "template", "noscript", "svg", "math", "iframe", "object", "select"})
# Of items and cells, written here; alone they say nothing.
_MARKS = " \n\t\r\f-|"
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_INLINE = frozenset(
    re.findall(
        r"\w+",
        "a abbr b bdi bdo cite code data dfn em i img ins del kbd label mark q s samp small span strong sub sup time u "
        "var wbr font input button",
    )
)


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the paragraphs of *data* under their headings. Raises Unreadable."""
    page = _Page()
    parser = etree.HTMLParser(target=page, huge_tree=True, collect_ids=False)
    for number, line in enumerate(page_of(data).split("\n"), start=1):
        page.line = number
        # A break belongs to the line that it begins: what the parser tells of then ends in this line, never after it.
        parser.feed(line if number == 1 else f"\n{line}")
    yield from parser.close()


class _Page:
    """One page, as lxml tells of it; a paragraph begins and ends wherever a browser would begin a new line.

    *line* is the one that is being read: what is told of ends there.
    """

    def __init__(self) -> None:
        self.line = 1
        self._found: list[Block] = []
        self._headings = Headings()
        self._run: list[str] = []
        self._run_ends = 1
        self._text: list[str] = []
        self._said = False
        self._first = 1
        self._silent, self._depth = "", 0
        self._named = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._take()
        if self._silent:
            self._depth += tag == self._silent
        elif tag in _SILENT:
            self._silent, self._depth = tag, 1
        elif tag in ("td", "th"):
            self._text.append(" | " if self._said else " ")
        elif tag not in _INLINE:
            self._end()
            if tag in _HEADINGS or tag == "title":
                self._named = tag
            elif tag == "li":
                self._text.append("- ")

    def end(self, tag: str) -> None:
        self._take()
        if self._silent:
            self._depth -= tag == self._silent
            self._silent = self._silent if self._depth else ""
        elif tag not in _INLINE and tag not in ("td", "th"):
            self._end()

    def data(self, data: str) -> None:
        if self._silent:
            return
        if self._run_ends != self.line:
            self._take()
        self._run.append(data)
        self._run_ends = self.line

    def comment(self, text: str) -> None:
        self._take()

    def close(self) -> list[Block]:
        self._take()
        self._end()
        return self._found

    def _take(self) -> None:
        """Take in what was said without a break: only when all of it is known, so is the line where it begins."""
        data, self._run = "".join(self._run), []
        if data and not self._said:
            before = data[: len(data) - len(data.lstrip())]
            self._first = self._run_ends - data.count("\n") + before.count("\n")
            self._said = bool(data.strip(_MARKS))
        self._text.append(data)

    def _end(self) -> None:
        """Take in what was said since the last end."""
        text, self._text, self._said = " ".join(storable("".join(self._text)).split()), [], False
        if not text.strip(_MARKS):
            return
        if self._named:
            self._headings.enter(0 if self._named == "title" else int(self._named[1:]), text)
            self._named = ""
        else:
            self._found.append(Block(text, self._headings.path, self._first))

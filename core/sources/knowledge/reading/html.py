"""HTML: what its pages say, without what is for programs; read tag by tag, however deep they nest."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from core.sources.knowledge.reading.blocks import Block, Headings
from core.sources.knowledge.reading.decoding import text_of

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
    page.feed(text_of(data))
    page.close()
    page.ended()
    yield from page.found


class _Page(HTMLParser):
    """One page: *found* are its paragraphs; one begins and ends wherever a browser would begin a new line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Block] = []
        self._headings = Headings()
        self._text: list[str] = []
        self._said = False
        self._first = 1
        self._silent, self._depth = "", 0
        self._named = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent:
            self._depth += tag == self._silent
        elif tag in _SILENT:
            self._silent, self._depth = tag, 1
        elif tag in ("td", "th"):
            self._text.append(" | " if self._text else "")
        elif tag not in _INLINE:
            self.ended()
            if tag in _HEADINGS or tag == "title":
                self._named = tag
            elif tag == "li":
                self._text.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            self._depth -= tag == self._silent
            self._silent = self._silent if self._depth else ""
        elif tag not in _INLINE and tag not in ("td", "th"):
            self.ended()

    def handle_data(self, data: str) -> None:
        if self._silent or not data:
            return
        if not self._said:
            self._first = self.getpos()[0] + data[: len(data) - len(data.lstrip())].count("\n")
            self._said = bool(data.strip(_MARKS))
        self._text.append(data)

    def ended(self) -> None:
        """Take in what was said since the last end."""
        text, self._text, self._said = " ".join("".join(self._text).split()), [], False
        if not text.strip(_MARKS):
            return
        if self._named:
            self._headings.enter(0 if self._named == "title" else int(self._named[1:]), text)
            self._named = ""
        else:
            self.found.append(Block(text, self._headings.path, self._first))

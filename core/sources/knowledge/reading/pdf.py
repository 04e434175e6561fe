"""PDF, through pypdf: the text of each page under what its outline calls it."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, PyPdfError

from core.sources.knowledge.reading.blocks import Block, Unreadable
from core.sources.knowledge.reading.decoding import storable
from core.sources.knowledge.reading.text import paragraphs

UNIT = "page"
MOST_PAGES = 3_000
_MOST_ENTRIES = 2_000
_DEEPEST = 6


def blocks(data: bytes) -> Iterator[Block]:
    """Yield the paragraphs of *data*'s pages. Raises Unreadable."""
    reader = _opened(data)
    titles = _titles(reader)
    title = ""
    for number, page in enumerate(reader.pages, start=1):
        title = titles.get(number, title)
        for block in paragraphs(_text(page, number).split("\n")):
            yield Block(block.text, title, number)


def _text(page: PageObject, number: int) -> str:
    try:
        return storable(page.extract_text())
    except PyPdfError as error:
        raise Unreadable(f"its page {number:,} is damaged ({str(error).rstrip('.')})") from None


def _opened(data: bytes) -> PdfReader:
    try:
        reader = PdfReader(BytesIO(data))
        # Many are encrypted only so that they can't be changed; those open without a password.
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("it is locked with a password. Save it without one")
        pages = len(reader.pages)
    except DependencyError:
        raise Unreadable("it is encrypted. Save it without encryption") from None
    except PyPdfError as error:
        raise Unreadable(f"it is damaged ({str(error).rstrip('.') or 'its structure is broken'})") from None
    if pages > MOST_PAGES:
        raise Unreadable(f"it has {pages:,} pages; at most {MOST_PAGES:,} are read. Split it")
    return reader


def _titles(reader: PdfReader) -> Mapping[int, str]:
    """Return what the outline calls the pages at which its entries begin: the last entry of a page names it."""
    try:
        return dict(_entries(reader, reader.outline, (), [_MOST_ENTRIES]))
    except PyPdfError:
        return {}  # the text is worth having without its headings


def _entries(reader: PdfReader, outline: Any, above: tuple[str, ...], left: list[int]) -> Iterator[tuple[int, str]]:
    name = ""
    for entry in outline:
        left[0] -= 1
        if left[0] < 0 or len(above) > _DEEPEST:
            return
        if isinstance(entry, list):
            yield from _entries(reader, entry, (*above, name), left)
            continue
        name = " ".join(storable(str(entry.title)).split())[:200]
        page = reader.get_destination_page_number(entry)
        if page is not None and page >= 0:
            yield page + 1, " > ".join(part for part in (*above, name) if part)

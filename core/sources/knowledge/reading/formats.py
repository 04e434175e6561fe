"""Which documents can be read, told by their names' endings, and how: each by a module of its own."""

import importlib
from pathlib import PurePosixPath
from types import ModuleType

from core.sources.knowledge.passage import Piece
from core.sources.knowledge.reading.blocks import Unreadable
from core.sources.knowledge.reading.pieces import pieces

KINDS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
    ".rst": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
}


def kind_of(name: str) -> str:
    """Return what the document *name* is. Raises Unreadable."""
    ending = PurePosixPath(name).suffix.lower()
    if ending not in KINDS:
        raise Unreadable(f"documents ending in {ending or 'nothing'} can't be read; {', '.join(KINDS)} can")
    return KINDS[ending]


def read(name: str, data: bytes) -> tuple[str, list[Piece]]:
    """Return what the document is and its passages. Raises Unreadable; of a hostile one anything, or never returns."""
    kind = "pdf" if data.startswith(b"%PDF-") else kind_of(name)
    module = _module(kind)
    found = pieces(module.blocks(data), module.UNIT)
    if not found:
        scanned = ". Pages that are pictures have to be recognised (OCR) first" if kind == "pdf" else ""
        raise Unreadable(f"there is no text in it{scanned}")
    return kind, found


def _module(kind: str) -> ModuleType:
    try:
        return importlib.import_module(f"core.sources.knowledge.reading.{kind}")
    except ModuleNotFoundError as missing:
        how = 'pip install "levada-service[knowledge]"'
        raise Unreadable(f"reading {kind.upper()} needs {missing.name}, which is not installed here: {how}") from None

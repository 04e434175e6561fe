"""Bytes to text: UTF-8, or what a byte order mark or a page itself says; anything else is refused, not guessed.

A wrong guess would be quoted as what the document says. Text that a library decoded is freed of what can be neither
shown nor stored.
"""

import codecs
import re

from core.sources.knowledge.reading.blocks import Unreadable

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # begins like that of UTF-16
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MOST_CONTROL = 0.01

# As far as browsers look (HTML Standard, "prescan a byte stream to determine its encoding").
_DECLARED_WITHIN = 1024
_COMMENT = re.compile(rb"<!--.*?(?:-->|$)", re.DOTALL)
# As an attribute, or after the kind of content; elsewhere in a content it is prose.
_DECLARED = re.compile(
    rb"""<meta(?:\b[^>]*?[;"'])?\s*\bcharset\s*=\s*["']?\s*([\w.:-]+)"""
    rb"""|^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([\w.:-]+)""",
    re.IGNORECASE,
)
# Of names and of programs; text in them can hold halves of characters, which nothing can store.
_OF_NO_PAGE = frozenset({"utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
# What pages are written in that declare something else, by the names of Python's codecs (Encoding Standard, "labels").
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}


def text_of(data: bytes) -> str:
    """Return *data* as text with plain line breaks. Raises Unreadable."""
    return _decoded(data, _marked(data) or "utf-8")


def page_of(data: bytes) -> str:
    """Return *data*, a page of HTML, as text_of does, in the encoding that it says it has. Raises Unreadable."""
    return _decoded(data, _marked(data) or _declared(data) or "utf-8")


def _marked(data: bytes) -> str:
    return next((name for mark, name in _MARKS.items() if data.startswith(mark)), "")


def _declared(data: bytes) -> str:
    found = _DECLARED.search(_COMMENT.sub(b"", data[:_DECLARED_WITHIN]))
    if not found:
        return ""
    name = (found[1] or found[2]).decode("ascii", "replace")
    try:
        codec = codecs.lookup(name)
        if codec.name in _OF_NO_PAGE:
            raise LookupError
        "".encode(codec.name)  # not all codecs are of text
    except LookupError:
        raise Unreadable(
            f"it says that it is written in {name}, which is no encoding known here. Save it as UTF-8"
        ) from None
    return _MEANT.get(codec.name, codec.name)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        said = encoding.removesuffix("-sig").upper()
        raise Unreadable(
            f"it is not text in {said} (byte {error.start + 1:,}). Save it as UTF-8, or give its right ending"
        ) from None
    if "\x00" in text or len(_CONTROL.findall(text)) > _MOST_CONTROL * len(text):
        raise Unreadable(
            "it holds no text but binary data, or text in UTF-16 that doesn't begin with a byte order mark. Save it as"
            " UTF-8; documents of text, markdown, HTML and PDF can be read"
        )
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n"))


def storable(text: str) -> str:
    """Return *text* without control characters, and with pairs of surrogates as what they mean; single ones go."""
    return _CONTROL.sub("", text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore"))

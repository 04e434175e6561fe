"""Bytes to text: UTF-8, or what a byte order mark says; anything else is refused rather than guessed.

Text that a library decoded is freed of what can be neither shown nor stored.
"""

import codecs
import re

from core.sources.knowledge.reading.blocks import Unreadable

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MOST_CONTROL = 0.01


def text_of(data: bytes) -> str:
    """Return *data* as text with plain line breaks. Raises Unreadable."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"it is not text in UTF-8 (byte {error.start + 1:,}). Save it as UTF-8, or give its right ending"
        ) from None
    if "\x00" in text or len(_CONTROL.findall(text)) > _MOST_CONTROL * len(text):
        raise Unreadable("it holds no text but binary data. Give documents of text, markdown, HTML or PDF")
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n"))


def storable(text: str) -> str:
    """Return *text* without control characters, and with pairs of surrogates as what they mean; single ones go."""
    return _CONTROL.sub("", text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore"))

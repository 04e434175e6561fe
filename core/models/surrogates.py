"""Text whose characters beyond the basic plane were cut in half between two pieces, as JavaScript's servers may do."""

import re

_HALF = re.compile("[\ud800-\udfff]")
_HIGH = re.compile("[\ud800-\udbff]$")


class Mender:
    """Joins halves again over pieces; a half that stays alone becomes U+FFFD, since no UTF-8 can carry it."""

    def __init__(self) -> None:
        self._held = ""

    def mend(self, text: str) -> str:
        """Return what is whole now of what came so far."""
        if text.isascii() and not self._held:
            return text
        text, self._held = self._held + text, ""
        if _HIGH.search(text):
            text, self._held = text[:-1], text[-1]
        return whole(text)

    def rest(self) -> str:
        """Return what is left when nothing more comes."""
        held, self._held = self._held, ""
        return whole(held)


def whole(text: str) -> str:
    """Return *text* with its halves joined, or replaced where they stay alone."""
    if not _HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

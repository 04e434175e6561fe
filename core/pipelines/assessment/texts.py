"""Texts as they are compared: what models write twice is never quite the same."""

import re

HEADINGS = ("approach", "answer", "checks")
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#:]*$", re.MULTILINE)
_AROUND = " \t\n\"'“”‘’.,;:!`*"


def plain(text: str) -> str:
    """Return *text* without what does not matter when it is repeated: case, white space, quotes, a full stop."""
    return " ".join(text.casefold().split()).strip(_AROUND)


def sections(text: str) -> dict[str, str]:
    """Return by heading, in plain, what stands below each of HEADINGS in markdown."""
    pieces = _HEADING.split(text)
    found: dict[str, str] = {}
    for heading, below in zip(pieces[1::2], pieces[2::2], strict=True):
        if plain(heading) in HEADINGS:
            found[plain(heading)] = found.get(plain(heading), "") + below.strip()
    return found

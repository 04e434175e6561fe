"""Patterns of LIKE, as regular expressions and as plain words."""

import re

from core.models.offline.native.faults import CannotSay


def anchored(pattern: str) -> str:
    """Return a regular expression that finds what LIKE *pattern* matches."""
    start, end = "" if pattern.startswith("%") else "^", "" if pattern.endswith("%") else "$"
    inner = pattern.strip("%")
    middle = "".join(".*" if char == "%" else "." if char == "_" else re.escape(char) for char in inner)
    return f"{start}{middle}{end}"


def words_in(pattern: str) -> str:
    """Return the words that a text with LIKE *pattern* has in it. Raises CannotSay where it says more than that."""
    inner = pattern.strip("%")
    if pattern != f"%{inner}%" or {"%", "_"} & set(inner) or not inner.strip():
        raise CannotSay("it can only look for texts that have words in them")
    return inner

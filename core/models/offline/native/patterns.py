"""Patterns of LIKE, as regular expressions."""

import re


def anchored(pattern: str) -> str:
    """Return a regular expression that finds what LIKE *pattern* matches."""
    start, end = "" if pattern.startswith("%") else "^", "" if pattern.endswith("%") else "$"
    inner = pattern.strip("%")
    middle = "".join(".*" if char == "%" else "." if char == "_" else re.escape(char) for char in inner)
    return f"{start}{middle}{end}"

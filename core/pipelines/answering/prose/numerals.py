"""Numbers as they are written: with separators of either habit, or in English words."""

import re

_ENGLISH = re.compile(r"(?:\d{1,3}(?:[,'’\u00a0\u202f\u2009]\d{2,3})+|\d+)(?:\.\d+)?|\.\d+")
_CONTINENTAL = re.compile(r"(?:\d{1,3}(?:[.'’\u00a0\u202f\u2009]\d{3})+|\d+)(?:,\d+)?")
_SEPARATORS = re.compile(r"['’\u00a0\u202f\u2009]")

_UNITS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19, "dozen": 12,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
# What is said of a ratio is never said to the last digit.
_RATIOS = {"twice": 2, "double": 2, "doubled": 2, "triple": 3, "tripled": 3, "threefold": 3, "twofold": 2}
_PARTS = {"third": 3, "quarter": 4, "fifth": 5, "tenth": 10}

_TENS_AND_UNITS = rf"(?:{'|'.join(_TENS)})(?:-(?:one|{'|'.join(_UNITS)}))?"
SPELLED = rf"{_TENS_AND_UNITS}|{'|'.join([*_UNITS, *_RATIOS])}"
"""Expression for a number in words. "One" is left out: mostly it counts nothing."""
FRACTION = (
    rf"(?<!first )(?<!second )(?<!last )(?<!other )(?:half(?= (?:of|the|a|as)\b)|halved\b)"
    rf"|(?:a|one|two|three)[- ](?:{'|'.join(_PARTS)})s?(?= of\b)"
)
"""Expression for a part of a whole in words; halves of a year are spans of time."""


def readings(number: str) -> list[list[tuple[float, float]]]:
    """Return what *number* may mean, as (value, what its last digit stands for); of "1.2.3" for each of its parts."""
    found = []
    if _ENGLISH.fullmatch(number):
        found.append(_read(number.replace(",", "")))
    # Three decimals are rare, so that "1,234" is thousands; "1.234" may be either.
    if _CONTINENTAL.fullmatch(number) and not (found and "," in number):
        found.append(_read(number.replace(".", "").replace(",", ".")))
    return [list(dict.fromkeys(found))] if found else [[(float(part), 1.0)] for part in re.findall(r"\d+", number)]


def _read(plain: str) -> tuple[float, float]:
    plain = _SEPARATORS.sub("", plain)
    return float(plain), 10.0 ** -len(plain.partition(".")[2])


def spelled(words: str) -> tuple[float, float]:
    """Return the number that *words* (see SPELLED) stand for, and what its last digit stands for."""
    words = words.casefold()
    if words in _RATIOS:
        return float(_RATIOS[words]), 0.2
    tens, _, units = words.partition("-")
    return float(_TENS.get(tens, 0) + {"one": 1, **_UNITS}.get(units or words, 0)), 1.0


def fraction(words: str) -> float:
    """Return the share that *words* (see FRACTION) stand for."""
    words = words.casefold()
    if words.startswith("hal"):
        return 0.5
    count, _, part = words.replace("-", " ").partition(" ")
    return {"two": 2, "three": 3}.get(count, 1) / _PARTS[part.removesuffix("s")]

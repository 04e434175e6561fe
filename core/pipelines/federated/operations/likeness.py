"""Which values a database may take for the same, whatever the type and collation of the column they are looked for in.

Values that are told apart for nothing cost nothing; two that are the same in one of the databases must not be missed.
"""

import datetime
import math
import unicodedata
from contextlib import suppress
from typing import Any
from uuid import UUID

# Letters that collations which know no accents take for others, and that Unicode does not take apart.
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "þ": "th"})
_FLAGS = {"true": 1.0, "false": 0.0}


def likeness(value: Any) -> Any:
    """Return what *value* has in common with all that may be found to be equal to it: "017" and 17, "Zoë" and "ZOE"."""
    match value:
        case bytes():
            return value
        case datetime.date():
            return _moment(value)
        case str():
            return _of_text(value)
    return _number(value)


def _of_text(text: str) -> Any:
    folded = unicodedata.normalize("NFKD", text.strip().casefold()).translate(_LETTERS)
    if folded in _FLAGS:
        return _FLAGS[folded]
    if 32 <= len(folded) <= 45:
        with suppress(ValueError):
            return UUID(folded).hex
    with suppress(ValueError):
        return _number(float(folded))
    with suppress(ValueError):
        return _moment(datetime.datetime.fromisoformat(text.strip()))
    return "".join(letter for letter in folded if letter.isalnum())


def _number(value: Any) -> Any:
    """As a double, in which exact numbers may meet."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return _of_text(str(value))
    except OverflowError:
        return math.inf
    return "nan" if math.isnan(number) else number


def _moment(value: datetime.date) -> Any:
    """A day is also written as a number: 20260131."""
    if isinstance(value, datetime.datetime):
        with suppress(OverflowError):
            value = value.astimezone(datetime.UTC).replace(tzinfo=None) if value.tzinfo else value
        if value.time() != datetime.time():
            return value.replace(tzinfo=None)
    return float(f"{value:%Y%m%d}")

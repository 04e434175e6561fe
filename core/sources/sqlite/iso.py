"""Days and moments stored as ISO 8601, most often in the one form that the wire carries too: then it is kept.

Parsing is quick, and needed to know that there is such a day; writing moments again takes several times as long.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import repeat
from typing import Any

from core.sources.base import Written

_DAY = "0000-00-00"
_MOMENT = "0000-00-00 00:00:00"


def dates(values: Sequence[Any]) -> Sequence[date]:
    """Return *values* as dates. Raises ValueError or TypeError when one is none."""
    parsed = map(date.fromisoformat, values)
    return Written(parsed, values) if _alike(values, _DAY) else list(parsed)


def moments(values: Sequence[Any], otherwise: Callable[[Any], datetime]) -> Sequence[datetime]:
    """Return *values* as moments; those of another form than the usual one are *otherwise*'s to parse.

    Raises ValueError or TypeError when one is none.
    """
    if not _alike(values, _MOMENT):
        return list(map(otherwise, values))
    return Written(map(datetime.fromisoformat, values), list(map(str.replace, values, repeat(" "), repeat("T"))))


def _alike(values: Sequence[Any], form: str) -> bool:
    """Tell whether all *values* have the length of *form* and its marks at its places; "T" may stand for a blank."""
    if set(map(type, values)) != {str} or set(map(len, values)) != {len(form)}:
        return False
    joined = "".join(values)
    marks = [(place, mark) for place, mark in enumerate(form) if mark != "0"]
    return not any(joined[place :: len(form)].strip("T " if mark == " " else mark) for place, mark in marks)

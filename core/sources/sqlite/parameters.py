"""Values that are bound to a query, in the few types that SQLite has."""

import datetime
import re
from decimal import Decimal
from typing import Any
from uuid import UUID

_LARGEST = 2**63
# The guard writes names and texts in these quotes, and a question mark anywhere else is a value's place.
_PLACE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|(?P<place>\?)""")


def plain(value: Any) -> Any:
    """Return *value* as SQLite keeps such values: times and UUIDs as texts, decimals as floating point."""
    match value:
        case datetime.datetime():
            return value.isoformat(sep=" ")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case UUID():
            return str(value)
        case Decimal():
            return float(value)
        case int() if not isinstance(value, bool) and not -_LARGEST <= value < _LARGEST:
            return float(value)
    return value


def without_values(sql: str) -> str:
    """Return *sql* with NULL for its values, for where SQLite takes none: the types of its columns are the same."""
    return _PLACE.sub(lambda found: "NULL" if found["place"] else found[0], sql)

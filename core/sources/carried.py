"""Text that UTF-8 can carry. JSON may hold half of a surrogate pair, as where somebody cut a text within an emoji."""

import re
from typing import Any

import orjson

HALF = re.compile("[\ud800-\udfff]")
_MARK = "\ufffd"


def carried(value: Any) -> Any:
    """Return *value*, as it was read from JSON, with a mark in the place of each half."""
    try:
        orjson.dumps(value)
    except TypeError:  # that is how it says so, and far sooner than looking at each text would
        return _marked(value)
    return value


def _marked(value: Any) -> Any:
    match value:
        case str():
            return HALF.sub(_MARK, value)
        case list():
            return [_marked(item) for item in value]
        case dict():
            return {_marked(key): _marked(item) for key, item in value.items()}
    return value

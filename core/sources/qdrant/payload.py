"""A point's payload as columns: nested fields have dotted names, those within lists of objects `items[].name`.

These names are Qdrant's own paths, so that filters and what is to be returned can name them; but a payload's own `id`
and `score` are told as `payload.id` and `payload.score`, since a point has an id and a hit a score besides.
"""

from collections.abc import Mapping
from typing import Any

ID, SCORE = "id", "score"
_APART = "payload."
_DEPTH = 8


def column_of(path: str) -> str:
    """Return the column's name of what lies at *path* in the payload."""
    return _APART + path if path in (ID, SCORE) else path


def path_of(column: str) -> str:
    """Return where in the payload a column's values lie."""
    path = column.removeprefix(_APART)
    return path if path in (ID, SCORE) else column


def leaves(payload: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """Return what *payload* holds, by path. Of a list of objects each field is a list, one value for every object.

    What lies deeper than eight levels stays JSON; a key that no path can name, since it has a quote, is left out.
    """
    found: dict[str, Any] = {}
    for key, value in payload.items():
        if '"' in key or not key:
            continue
        name = key if key.replace("_", "").replace("-", "").isalnum() else f'"{key}"'
        if isinstance(value, dict) and value and depth < _DEPTH:
            found |= {f"{name}.{path}": leaf for path, leaf in leaves(value, depth + 1).items()}
        elif _objects(value) and depth < _DEPTH:
            found |= _of_each(name, [leaves(element, depth + 1) for element in value])
        else:
            found[name] = value
    return found


def _objects(value: Any) -> bool:
    return isinstance(value, list) and any(value) and all(isinstance(element, dict) for element in value)


def _of_each(name: str, elements: list[dict[str, Any]]) -> dict[str, Any]:
    paths = dict.fromkeys(path for element in elements for path in element)
    return {f"{name}[].{path}": [element.get(path) for element in elements] for path in paths}

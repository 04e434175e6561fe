"""Variables in expressions: MongoDB's own, and those of a query."""

from collections.abc import Iterator
from typing import Any

from core.errors import QueryRefused
from core.sources.mongodb.guard import operators
from core.sources.mongodb.guard.shape import Shape


def require_known_variable(text: str, shape: Shape) -> None:
    """Raise QueryRefused unless *text*, what follows $$, is a variable that tells of the documents only."""
    name, _, path = text.partition(".")
    if name[:1].isupper():
        if name not in operators.VARIABLES:
            raise QueryRefused("session-information", f"$${name} can't be used here: only the documents can be read.")
        if name in ("ROOT", "CURRENT"):
            shape.touched.add("$$ROOT")
            if path:
                shape.require(path)
    elif not name.isidentifier():
        raise QueryRefused("syntax", f"$${text} is no variable.")


def require_single_use(given: Any) -> None:
    """Raise QueryRefused when a $reduce takes what it has so far more than once: it would double with every item."""
    step = given.get("in") if isinstance(given, dict) else None
    texts = list(_texts(step))
    if sum(text.startswith("$$value") for text in texts) > 1 or "$let" in texts:
        raise QueryRefused("size", "A $reduce may take $$value once only, and not by another name.")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        yield from value
        yield from _texts(list(value.values()))

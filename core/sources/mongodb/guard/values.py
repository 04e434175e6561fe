"""Values in a pipeline: those bound from elsewhere, and text that takes the type of the field it is compared with."""

import datetime
import re
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bson.decimal128 import Decimal128
from bson.errors import BSONError
from bson.objectid import ObjectId

from core.errors import QueryRefused
from core.sources.base import Parameters
from core.sources.mongodb.query import LARGEST, moment

_NUMBERS = ("int", "long", "double", "decimal")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")


def is_bound(value: Any) -> bool:
    """Whether *value* stands for values from elsewhere."""
    return isinstance(value, dict) and "$value" in value


def bound(value: dict[str, Any], parameters: Parameters, kind: str) -> list[Any]:
    """Return the values that {"$value": name} stands for, as a field of type *kind* would hold them."""
    name = value["$value"]
    if len(value) != 1 or not isinstance(name, str):
        raise QueryRefused("parameter", '{"$value": "name"} holds one name and nothing else.')
    if name not in parameters:
        known = ", ".join(parameters) or "none"
        raise QueryRefused("parameter", f"There are no values named {name}; there are {known}.")
    return [fitted(_stored(one), kind) for one in parameters[name]]


def bound_one(value: dict[str, Any], parameters: Parameters, kind: str) -> Any:
    """Return the one value that {"$value": name} stands for."""
    found = bound(value, parameters, kind)
    if len(found) != 1:
        raise QueryRefused(
            "parameter", f"{value['$value']} holds {len(found)} values where one is wanted. Use $in with it."
        )
    return found[0]


def fitted(value: Any, kind: str) -> Any:
    """Return *value* as a field of type *kind* holds it, where both mean the same; else as it is.

    Results show an ObjectId, a date or a UUID as text, so that is how they come back.
    """
    if kind == "string" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return value
    try:
        if kind == "objectId":
            return ObjectId(value)
        if kind == "date":
            return moment(value)
        if kind == "uuid":
            return uuid.UUID(value)
        if kind in _NUMBERS and _NUMBER.fullmatch(value):
            return int(value) if value.lstrip("-").isdigit() else _stored(Decimal(value))
    except (BSONError, ValueError):
        return value
    return value


def literal(value: Any) -> Any:
    """Return *value*, which is to be taken as it is. Raises QueryRefused when MongoDB could read an operator in it."""
    if isinstance(value, dict):
        for key in value:
            if key.startswith("$") or "\0" in key:
                raise QueryRefused("unknown-operator", f"{key} can't be used here: a plain value is wanted.")
        return {key: literal(item) for key, item in value.items()}
    return list(map(literal, value)) if isinstance(value, list) else value


def _stored(value: Any) -> Any:
    match value:
        case Decimal():
            return _decimal(value)
        case int() if not -LARGEST <= value < LARGEST:
            return _decimal(Decimal(value))
        case datetime.datetime():
            return value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        case datetime.date():
            return datetime.datetime.combine(value, datetime.time(), datetime.UTC)
        case datetime.time() | datetime.timedelta():
            return str(value)
        case str() if "\0" in value:
            raise QueryRefused("parameter", "A value that is handed on holds a null character.")
        case list() | tuple() | dict():
            raise QueryRefused("parameter", "Only single values can be handed on from one operation to another.")
        case _:
            return value


def _decimal(value: Decimal) -> Any:
    try:
        return Decimal128(value)
    except (ArithmeticError, ValueError):
        return float(value)


def numbers(value: Any, name: str, smallest: int = 0) -> int:
    """Return *value* when it is a whole number from *smallest* on."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < smallest:
        raise QueryRefused("syntax", f"{name} takes a whole number from {smallest} on.")
    return value


def one_key(value: Any, what: str) -> tuple[str, Any]:
    """Return the one key of *value*, and what belongs to it."""
    if not isinstance(value, dict) or len(value) != 1:
        raise QueryRefused("syntax", f"{what} is an object with one operator in it.")
    return next(iter(value.items()))


def named(value: Any, what: str) -> dict[str, Any]:
    """Return *value* when it is an object."""
    if not isinstance(value, dict) or not value:
        raise QueryRefused("syntax", f"{what} takes an object.")
    return value


def field_name(value: Any, what: str) -> str:
    """Return *value* when it can be the path of a new field."""
    if not isinstance(value, str) or not all(value.split(".")) or "$" in value or "\0" in value:
        raise QueryRefused("syntax", f"{what} needs a plain field name, not {value!r}.")
    return value


def only_keys(value: dict[str, Any], known: Sequence[str], what: str) -> None:
    """Raise QueryRefused when *value* has a key that is not among the *known* ones."""
    if odd := [key for key in value if key not in known]:
        raise QueryRefused("unknown-operator", f"{what} takes {', '.join(known)}, not {', '.join(odd)}.")

"""Conditions: what $match looks for. Text and bound values take the type of the field that they are looked for in."""

from typing import Any

from core.errors import QueryRefused
from core.sources.mongodb.guard.expressions import expression
from core.sources.mongodb.guard.scope import Scope
from core.sources.mongodb.guard.values import bound, bound_one, fitted, is_bound, literal, numbers

_COMPARING = ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte")
_LISTS = ("$in", "$nin", "$all")
_LONGEST_PATTERN = 500


def condition(given: Any, scope: Scope) -> dict[str, Any]:
    """Return the condition *given* as it may be tried on documents of the scope's shape. Raises QueryRefused."""
    if not isinstance(given, dict):
        raise QueryRefused("syntax", "$match takes an object of fields and what is looked for in them.")
    return {key: _part(key, value, scope) for key, value in given.items()}


def _part(key: str, value: Any, scope: Scope) -> Any:
    if key in ("$and", "$or", "$nor"):
        if not isinstance(value, list) or not value:
            raise QueryRefused("syntax", f"{key} takes a list of conditions.")
        return [condition(item, scope) for item in value]
    if key == "$expr":
        return expression(value, scope)
    if key.startswith("$"):
        raise QueryRefused("unknown-operator", f"{key} is not among the conditions that can be used here.")
    return _predicate(key, scope.shape.require(key), value, scope)


def _predicate(path: str, kind: str, value: Any, scope: Scope) -> Any:
    if is_bound(value):
        return bound_one(value, scope.parameters, kind)
    if not isinstance(value, dict) or not any(key.startswith("$") for key in value):
        return _operand(value, kind, scope)
    return {operator: _test(path, operator, kind, given, scope) for operator, given in value.items()}


def _test(path: str, operator: str, kind: str, given: Any, scope: Scope) -> Any:
    match operator:
        case "$not":
            if not isinstance(given, dict):
                raise QueryRefused("syntax", "$not takes an object with an operator in it.")
            return _predicate(path, kind, given, scope)
        case "$elemMatch":
            return _element(path, kind, given, scope)
        case "$regex" | "$options":
            return _pattern(operator, given)
        case "$exists":
            return bool(given)
        case "$size":
            return numbers(given, "$size")
        case "$type" | "$mod":
            return literal(given)
    if operator in _COMPARING:
        return _operand(given, kind, scope)
    if operator in _LISTS:
        return _list(operator, given, kind, scope)
    raise QueryRefused("unknown-operator", f"{operator} is not among the conditions that can be used here.")


def _list(operator: str, given: Any, kind: str, scope: Scope) -> list[Any]:
    if is_bound(given):
        return bound(given, scope.parameters, kind)
    if not isinstance(given, list):
        raise QueryRefused("syntax", f"{operator} takes a list.")
    return [_operand(item, kind, scope) for item in given]


def _operand(value: Any, kind: str, scope: Scope) -> Any:
    if is_bound(value):
        return bound_one(value, scope.parameters, kind)
    return literal(fitted(value, kind))


def _element(path: str, kind: str, given: Any, scope: Scope) -> Any:
    if not isinstance(given, dict):
        raise QueryRefused("syntax", "$elemMatch takes an object.")
    if any(key.startswith("$") and key not in ("$and", "$or", "$nor") for key in given):
        return _predicate(path, kind, given, scope)
    return condition(given, scope.over(scope.shape.at(path)))


def _pattern(operator: str, given: Any) -> str:
    if not isinstance(given, str) or "\0" in given:
        raise QueryRefused("syntax", f"{operator} takes text.")
    if len(given) > _LONGEST_PATTERN:
        raise QueryRefused("pattern", f"The pattern has {len(given)} characters; at most {_LONGEST_PATTERN} are run.")
    return given

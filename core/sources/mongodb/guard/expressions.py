"""Expressions: what computes a value from a document."""

from typing import Any

from core.errors import QueryRefused
from core.sources.mongodb.guard import operators
from core.sources.mongodb.guard.scope import Scope
from core.sources.mongodb.guard.values import bound, bound_one, field_name, fitted, is_bound
from core.sources.mongodb.guard.variables import require_known_variable, require_single_use


def expression(value: Any, scope: Scope) -> Any:
    """Return *value* as it may be computed over documents of the scope's shape. Raises QueryRefused."""
    if isinstance(value, str):
        _require_readable(value, scope)
        return value
    if isinstance(value, list):
        return [expression(item, scope) for item in value]
    if not isinstance(value, dict):
        return value
    if any(key.startswith("$") for key in value):
        return _operation(value, scope)
    return {_plain(key): expression(item, scope) for key, item in value.items()}


def _plain(key: str) -> str:
    if "." in key:
        raise QueryRefused("syntax", f'The name "{key}" of a computed part can\'t hold a dot. Nest objects instead.')
    return field_name(key, "A computed object")


def _require_readable(text: str, scope: Scope) -> None:
    if text.startswith("$$"):
        require_known_variable(text[2:], scope.shape)
    elif text.startswith("$"):
        scope.shape.require(text[1:])


def _operation(value: dict[str, Any], scope: Scope) -> Any:
    if is_bound(value):
        return {"$literal": bound_one(value, scope.parameters, "")}
    if len(value) != 1:
        raise QueryRefused("syntax", f"{', '.join(value)} stand side by side; an expression has one operator.")
    (operator, given), *_ = value.items()
    if operator not in operators.EXPRESSIONS:
        raise QueryRefused(
            "unknown-operator", f"{operator} is not among what can be computed here. Write it another way."
        )
    if operator == "$literal":
        return value
    if operator == "$getField":
        scope.shape.touched.add("$$ROOT")  # its field may be computed
    if operator in operators.GROWING:
        scope.budget.growth(_parts(given))
    if operator in operators.LOOPING:
        scope.budget.loop()
    if operator == "$reduce":
        require_single_use(given)
    if operator in operators.COMPARISONS or operator == "$in":
        return {operator: _compared(operator, given, scope)}
    return {operator: expression(given, scope)}


def _parts(given: Any) -> int:
    inputs = given.get("inputs") if isinstance(given, dict) else given
    return len(inputs) if isinstance(inputs, list) else 1


def _compared(operator: str, given: Any, scope: Scope) -> Any:
    """Text that is compared with a field takes the field's type; what is bound after $in is a list."""
    if not isinstance(given, list) or len(given) != 2:
        raise QueryRefused("syntax", f"{operator} takes a list of two.")
    kinds = [result_type(item, scope) for item in given]
    return [
        _side(item, other, operator == "$in" and at == 1, scope)
        for at, (item, other) in enumerate(zip(given, reversed(kinds), strict=True))
    ]


def _side(item: Any, kind: str, many: bool, scope: Scope) -> Any:
    if is_bound(item):
        found = bound(item, scope.parameters, kind) if many else bound_one(item, scope.parameters, kind)
        return {"$literal": found}
    if many and isinstance(item, list):
        return [_side(one, kind, False, scope) for one in item]
    if isinstance(item, str) and not item.startswith("$"):
        return fitted(item, kind)
    return expression(item, scope)


def result_type(value: Any, scope: Scope) -> str:
    """Return the type of what an expression gives in MongoDB's words, "" where it can't be told."""
    if isinstance(value, str) and value.startswith("$") and not value.startswith("$$"):
        return scope.shape.require(value[1:])
    if not isinstance(value, dict) or len(value) != 1:
        return ""
    (operator, given), *_ = value.items()
    if operator in operators.RESULTS:
        return operators.RESULTS[operator]
    if operator in operators.SAME:
        given = given.get("input") if isinstance(given, dict) else given
        return result_type(given[0] if isinstance(given, list) and given else given, scope)
    return ""


def computed(path: str, value: Any, scope: Scope) -> tuple[Any, dict[str, str], list[str]]:
    """Return an expression that becomes field *path*, the paths that it makes, and the columns to show them by.

    The parts of an object that the query spells out are columns, "path.part"; whatever else is nested is not.
    """
    done = expression(value, scope)
    if not isinstance(value, dict) or not value or any(key.startswith("$") for key in value):
        return done, _copied(path, value, scope), [path]
    paths, columns = {path: "object"}, []
    for key, item in value.items():
        _, inner, shown = computed(f"{path}.{key}", item, scope.uncounted())
        paths |= inner
        columns += shown
    return done, paths, columns


def _copied(path: str, value: Any, scope: Scope) -> dict[str, str]:
    """A field that is handed on keeps what is known beneath it."""
    kind = result_type(value, scope)
    if isinstance(value, str) and value.startswith("$") and not value.startswith("$$") and scope.shape.paths:
        beneath = scope.shape.only(value[1:])
        return {path + key.removeprefix(value[1:]): one for key, one in beneath.items()} | {path: kind}
    return {path: kind}

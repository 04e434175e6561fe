"""Stages that choose, compute and remove fields."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import QueryRefused
from core.sources.mongodb.guard.expressions import computed, expression
from core.sources.mongodb.guard.scope import Scope
from core.sources.mongodb.guard.shape import Shape
from core.sources.mongodb.guard.values import field_name, is_bound, named, only_keys

Checked = tuple[Any, Shape]


def project(given: Any, scope: Scope) -> Checked:
    """$project: keep what is named, or all but what is named."""
    fields = dict(_flat(named(given, "$project"), "$project"))
    if all(_removes(value) for value in fields.values()):
        return _removed(fields, scope)
    if odd := [path for path, value in fields.items() if _removes(value) and path != "_id"]:
        raise QueryRefused("syntax", f"$project either names what it keeps or what it removes; {odd[0]} does both.")
    return _kept(fields, scope)


def _flat(given: Mapping[str, Any], stage: str, start: str = "") -> Iterator[tuple[str, Any]]:
    """Yield paths: {a: {b: 1}} is another way to write {"a.b": 1}."""
    for key, value in given.items():
        path = field_name(start + key, stage)
        nested = isinstance(value, dict) and value and not any(inner.startswith("$") for inner in value)
        if nested and not is_bound(value):
            yield from _flat(value, stage, path + ".")
        else:
            yield path, value


def _flag(value: Any) -> bool:
    return isinstance(value, bool | int | float)


def _removes(value: Any) -> bool:
    return _flag(value) and not value


def _removed(fields: Mapping[str, Any], scope: Scope) -> Checked:
    for path in fields:
        scope.shape.require(path)
    return dict.fromkeys(fields, 0), scope.shape.without(fields)


def _kept(fields: Mapping[str, Any], scope: Scope) -> Checked:
    done: dict[str, Any] = {}
    paths: dict[str, str] = {}
    columns: list[str] = []
    if "_id" not in fields and (scope.shape.paths is None or "_id" in scope.shape.paths):
        paths, columns = scope.shape.only("_id"), scope.shape.shown("_id")
    for path, value in fields.items():
        if _removes(value):
            done[path] = 0
            continue
        if _flag(value):
            done[path], added, shown = 1, scope.shape.only(path), scope.shape.shown(path) or [path]
        else:
            done[path], added, shown = computed(path, value, scope)
        paths |= added
        columns += shown
    return done, Shape(paths, columns)


def add_fields(given: Any, scope: Scope) -> Checked:
    """$addFields and $set."""
    done, shape = {}, scope.shape
    for path, value in _flat(named(given, "$set"), "$set"):
        done[path], added, columns = computed(path, value, scope)
        shape = shape.plus(added, columns)
    return done, shape


def unset(given: Any, scope: Scope) -> Checked:
    """$unset."""
    paths = [given] if isinstance(given, str) else given
    if not isinstance(paths, list) or not paths:
        raise QueryRefused("syntax", "$unset takes a field or a list of fields.")
    for path in paths:
        scope.shape.require(field_name(path, "$unset"))
    return paths, scope.shape.without(paths)


def replace_root(given: Any, scope: Scope) -> Checked:
    """$replaceRoot."""
    only_keys(named(given, "$replaceRoot"), ("newRoot",), "$replaceRoot")
    done, shape = replace_with(given["newRoot"], scope)
    return {"newRoot": done}, shape


def replace_with(given: Any, scope: Scope) -> Checked:
    """$replaceWith."""
    done = expression(given, scope)
    if isinstance(given, str) and given.startswith("$") and not given.startswith("$$"):
        return done, scope.shape.at(given[1:])
    if given == "$$ROOT":
        return done, scope.shape
    if not isinstance(given, dict) or not given or any(key.startswith("$") for key in given):
        return done, Shape(None)
    paths: dict[str, str] = {}
    columns: list[str] = []
    for key, value in given.items():
        _, added, shown = computed(key, value, scope.uncounted())
        paths |= added
        columns += shown
    return done, Shape(paths, columns)


def unwind(given: Any, scope: Scope) -> Checked:
    """$unwind."""
    options = {"path": given} if isinstance(given, str) else named(given, "$unwind")
    only_keys(options, ("path", "includeArrayIndex", "preserveNullAndEmptyArrays"), "$unwind")
    if not isinstance(options.get("preserveNullAndEmptyArrays", False), bool):
        raise QueryRefused("syntax", "$unwind takes true or false for preserveNullAndEmptyArrays.")
    path = options.get("path")
    if not isinstance(path, str) or not path.startswith("$"):
        raise QueryRefused("syntax", '$unwind takes the path of an array, with a $ before it: "$items".')
    kind = scope.shape.require(path[1:])
    shape = scope.shape
    if kind == "array" and shape.paths is not None:
        shape = Shape({**shape.paths, path[1:]: ""}, shape.columns)
    if index := options.get("includeArrayIndex"):
        name = field_name(index, "includeArrayIndex")
        shape = shape.plus({name: "int"}, [name])
    return given, shape

"""Stages that bring documents together, and those that look along them."""

from typing import Any

from core.errors import QueryRefused
from core.sources.mongodb.guard import operators
from core.sources.mongodb.guard.expressions import computed, expression, result_type
from core.sources.mongodb.guard.projections import Checked
from core.sources.mongodb.guard.scope import Scope
from core.sources.mongodb.guard.shape import Shape
from core.sources.mongodb.guard.values import field_name, named, numbers, one_key, only_keys


def group(given: Any, scope: Scope) -> Checked:
    """$group."""
    fields = dict(named(given, "$group"))
    if "_id" not in fields:
        raise QueryRefused("syntax", "$group needs an _id: what to group by, or null for all together.")
    key = fields.pop("_id")
    done, paths, columns = computed("_id", key, scope)
    totals, kinds = _accumulated(fields, scope)
    return {"_id": done, **totals}, Shape(paths | kinds, [*(columns if key is not None else ()), *kinds])


def _accumulated(fields: dict[str, Any], scope: Scope) -> tuple[dict[str, Any], dict[str, str]]:
    done, kinds = {}, {}
    for key, value in fields.items():
        name = field_name(key, "$group")
        if "." in name:
            raise QueryRefused("syntax", f'The name "{name}" in a $group can\'t hold a dot.')
        operator, what = one_key(value, f"{name} in $group")
        if operator not in operators.ACCUMULATORS:
            raise QueryRefused("unknown-operator", f"{operator} is not among what can be gathered here.")
        done[name] = {operator: expression(what, scope)}
        kinds[name] = result_type(value, scope)
    return done, kinds


def sort_by_count(given: Any, scope: Scope) -> Checked:
    """$sortByCount."""
    done, paths, columns = computed("_id", given, scope)
    return done, Shape(paths | {"count": "int"}, [*columns, "count"])


def count(given: Any, scope: Scope) -> Checked:
    """$count."""
    name = field_name(given, "$count")
    return name, Shape({name: "int"}, [name])


def bucket(given: Any, scope: Scope) -> Checked:
    """$bucket."""
    only_keys(named(given, "$bucket"), ("groupBy", "boundaries", "default", "output"), "$bucket")
    return _bucketed(given, scope, {"_id": result_type(given.get("groupBy"), scope)}, ["_id"])


def bucket_auto(given: Any, scope: Scope) -> Checked:
    """$bucketAuto."""
    only_keys(named(given, "$bucketAuto"), ("groupBy", "buckets", "output", "granularity"), "$bucketAuto")
    kind = result_type(given.get("groupBy"), scope)
    paths = {"_id": "object", "_id.min": kind, "_id.max": kind}
    return _bucketed(given, scope, paths, ["_id.min", "_id.max"])


def _bucketed(given: dict[str, Any], scope: Scope, paths: dict[str, str], columns: list[str]) -> Checked:
    done = {key: expression(value, scope) for key, value in given.items() if key != "output"}
    kinds = {"count": "int"}
    if "output" in given:
        done["output"], kinds = _accumulated(named(given["output"], "output"), scope)
    return done, Shape(paths | kinds, [*columns, *kinds])


def window(given: Any, scope: Scope) -> Checked:
    """$setWindowFields."""
    only_keys(named(given, "$setWindowFields"), ("partitionBy", "sortBy", "output"), "$setWindowFields")
    done, shape = {}, scope.shape
    if "partitionBy" in given:
        done["partitionBy"] = expression(given["partitionBy"], scope)
    if "sortBy" in given:
        done["sortBy"] = sort(given["sortBy"], scope)[0]
    output = done["output"] = {}
    for key, value in named(given.get("output"), "output").items():
        name = field_name(key, "$setWindowFields")
        output[name] = _windowed(name, value, scope)
        shape = shape.plus({name: ""}, [name])
    return done, shape


def _windowed(name: str, value: Any, scope: Scope) -> dict[str, Any]:
    done = {}
    for key, what in named(value, name).items():
        if key != "window" and key not in operators.WINDOW:
            raise QueryRefused("unknown-operator", f"{key} is not among what can be computed along documents.")
        done[key] = expression(what, scope)
    return done


def sort(given: Any, scope: Scope) -> Checked:
    """$sort."""
    for path, order in named(given, "$sort").items():
        scope.shape.require(path)
        if isinstance(order, bool) or order not in (1, -1):
            raise QueryRefused("syntax", f"$sort takes 1 or -1 for {path}.")
    return {path: int(order) for path, order in given.items()}, scope.shape


def limit(given: Any, scope: Scope) -> Checked:
    """$limit."""
    return numbers(given, "$limit", 1), scope.shape


def skip(given: Any, scope: Scope) -> Checked:
    """$skip."""
    return numbers(given, "$skip"), scope.shape


def sample(given: Any, scope: Scope) -> Checked:
    """$sample."""
    only_keys(named(given, "$sample"), ("size",), "$sample")
    return {"size": numbers(given.get("size"), "$sample", 1)}, scope.shape

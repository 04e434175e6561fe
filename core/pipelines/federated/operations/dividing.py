"""Whether a query gives the same rows when its values are given in portions, one query each."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from core.models.plans import Operation
from core.sources.base import SQL
from levada.v1.catalog_pb2 import Column, Schema

# Stages that look at one document at a time; the order of rows is combine's business.
_PLAIN_STAGES = frozenset({
    "$match", "$project", "$addFields", "$set", "$unset", "$unwind", "$lookup", "$replaceRoot", "$sort",
})  # fmt: skip


def divisible(operation: Operation, dialect: str, schema: Schema) -> bool:
    """Tell whether the rows for some values and those for others are together the rows for all of them."""
    names = list(operation.params.get("values") or {})
    if not names:
        return True
    if operation.kind == SQL:
        return all(_divisible_sql(operation.params["query"], name, dialect) for name in names)
    arrays = {column.name.replace("[]", "") for table in schema.tables for column in table.columns if _many(column)}
    if operation.kind == "vector":
        return all(_divisible_search(operation.params, name, arrays) for name in names)
    if operation.kind == "mongodb":
        return all(_divisible_pipeline(operation.params.get("pipeline"), name, arrays) for name in names)
    return False


def _many(column: Column) -> bool:
    return "[]" in column.name or column.native_type.startswith("array") or column.native_type.endswith("[]")


def _divisible_search(params: Mapping[str, Any], name: str, arrays: Collection[str]) -> bool:
    """The most alike are those of all points; every one that is alike enough is so by itself."""
    best = ("text" in params or "vector" in params) and not params.get("every")
    if best or "limit" in params or _count(params, name) != 1:
        return False
    must = (params.get("filter") or {}).get("must") or []
    any_of = {"match": {"any": {"$value": name}}}
    return any(part == {"key": part.get("key"), **any_of} and part["key"] not in arrays for part in must)


def _divisible_sql(sql: str, name: str, dialect: str) -> bool:
    try:
        tree = parse_one(sql, dialect=dialect)
    except SqlglotError:
        return False
    places = [one for one in tree.find_all(exp.Placeholder) if one.name == name]
    if not isinstance(tree, exp.Select) or len(places) != 1:
        return False
    column = _filtered(tree, places[0])
    whole = any(tree.args.get(part) for part in ("distinct", "limit", "offset", "fetch", "qualify"))
    if column is None or whole or tree.find(exp.Window) or places[0].find_ancestor(exp.Select) is not tree:
        return False
    groups = tree.args.get("group")
    if groups is not None:
        return any(one.sql() == column.sql() for one in groups.expressions)
    return not any(select.find(exp.AggFunc) for select in tree.selects)


def _filtered(tree: exp.Select, place: exp.Placeholder) -> exp.Expr | None:
    """Return the column that the values filter, where that is a condition that every row has to meet."""
    condition = place.parent
    where = tree.args.get("where")
    if not isinstance(condition, exp.In | exp.EQ) or where is None or not isinstance(condition.this, exp.Column):
        return None
    conditions = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    return condition.this if any(one is condition for one in conditions) else None


def _divisible_pipeline(pipeline: Any, name: str, arrays: Collection[str]) -> bool:
    if not isinstance(pipeline, list) or not pipeline or not all(isinstance(stage, Mapping) for stage in pipeline):
        return False
    matched = pipeline[0].get("$match")
    if not isinstance(matched, Mapping) or _count(pipeline, name) != 1:
        return False
    marker = {"$in": {"$value": name}}
    field = next((field for field, condition in matched.items() if condition == marker), None)
    # A document whose array has several of the values would come several times.
    if field is None or field in arrays:
        return False
    rest = pipeline[2:] if _groups_by(pipeline[1:2], field) else pipeline[1:]
    return all(stage.keys() <= _PLAIN_STAGES for stage in rest)


def _groups_by(stages: Sequence[Mapping[str, Any]], field: str) -> bool:
    group = stages[0].get("$group") if stages else None
    by = group.get("_id") if isinstance(group, Mapping) else None
    return by == f"${field}" or (isinstance(by, Mapping) and f"${field}" in by.values())


def _count(node: Any, name: str) -> int:
    if isinstance(node, Mapping):
        return int(node.get("$value") == name) + sum(_count(value, name) for value in node.values())
    return sum(_count(value, name) for value in node) if isinstance(node, list) else 0

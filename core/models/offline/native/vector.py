"""The planner's SQL as searches in collections of vectors: by meaning, by filter, both or neither."""

from typing import Any

from sqlglot import exp

from core.models.offline.native.faults import CannotSay
from core.models.offline.native.listing import EVERY, compared, listing, members, text_about, value_of
from levada.v1.catalog_pb2 import Schema

NEAREST = 10
"""How many points a search by meaning gives when the question names no number."""

MOST = 20
"""How many it may give."""

_RANGES: dict[type[exp.Expr], str] = {exp.GT: "gt", exp.GTE: "gte", exp.LT: "lt", exp.LTE: "lte"}
_OWN = frozenset({"id", "score"})


def document(query: exp.Query, schema: Schema) -> dict[str, Any]:
    """Return *query* as {"collection", "text", "filter", "limit", "fields"}. Raises CannotSay."""
    asked = listing(query)
    found: dict[str, Any] = {"collection": asked.table}
    must: list[Any] = []
    must_not: list[Any] = []
    for condition in asked.conditions:
        if (text := text_about(condition)) is not None:
            if "text" in found:
                raise CannotSay("it looks for one meaning at a time")
            found["text"] = text
            if condition.name.casefold() == EVERY:
                found["every"] = True
        else:
            _filtered(condition, must, must_not)
    if must or must_not:
        found["filter"] = {key: parts for key, parts in (("must", must), ("must_not", must_not)) if parts}
    if asked.order and not ("text" in found and asked.order == ("score", True)):
        raise CannotSay("it orders by nearness only")
    if "text" in found and "every" not in found:
        found["limit"] = min(asked.limit or NEAREST, MOST)
    elif asked.limit:
        found["limit"] = asked.limit
    return {**found, "fields": asked.fields}


def _filtered(condition: exp.Expr, must: list[Any], must_not: list[Any]) -> None:
    """Add *condition*; what is missing meets neither it nor its opposite."""
    denied = isinstance(condition, exp.Not)
    inner = condition.this.unnest() if denied else condition
    if isinstance(inner, exp.NEQ):
        inner, denied = exp.EQ(this=inner.this, expression=inner.expression), not denied
    key, part = _condition(inner)
    (must_not if denied else must).append(part)
    if denied and not isinstance(inner, exp.Is) and key not in _OWN:
        must_not.append({"is_empty": {"key": key}})


def _condition(condition: exp.Expr) -> tuple[str, Any]:
    if isinstance(condition, exp.Is) and isinstance(condition.this, exp.Column):
        return condition.this.name, {"is_empty": {"key": _path(condition.this.name)}}
    if isinstance(condition, exp.In):
        key, values = members(condition)
        if key == "id":
            return key, {"has_id": values}
        return key, {"key": _path(key), "match": {"any": values}}
    if isinstance(condition, exp.Between) and isinstance(condition.this, exp.Column):
        edges = {"gte": value_of(condition.args["low"]), "lte": value_of(condition.args["high"])}
        return condition.this.name, {"key": _path(condition.this.name), "range": edges}
    if type(condition) not in (*_RANGES, exp.EQ):
        raise CannotSay("its filters have no words for that")
    key, right = compared(condition)
    value = value_of(right)
    if key == "id" and isinstance(condition, exp.EQ):
        return key, {"has_id": [value]}
    if isinstance(condition, exp.EQ):
        same = {"range": {"gte": value, "lte": value}} if isinstance(value, float) else {"match": {"value": value}}
        return key, {"key": _path(key), **same}
    return key, {"key": _path(key), "range": {_RANGES[type(condition)]: value}}


def _path(key: str) -> str:
    if key in _OWN or "[]" in key:
        raise CannotSay("it has no filter for that")
    return key

"""A pipeline, stage by stage; and the stages that read a second collection or have pipelines in them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import QueryRefused
from core.sources.mongodb.guard import groups, projections
from core.sources.mongodb.guard.conditions import condition
from core.sources.mongodb.guard.expressions import expression
from core.sources.mongodb.guard.projections import Checked
from core.sources.mongodb.guard.scope import Scope
from core.sources.mongodb.guard.shape import Shape
from core.sources.mongodb.guard.values import field_name, named, one_key, only_keys
from levada.v1.catalog_pb2 import Table

MOST_NESTING = 4

_STAGES: dict[str, Callable[[Any, Scope], Checked]] = {
    "$match": lambda given, scope: (condition(given, scope), scope.shape),
    "$project": projections.project,
    "$addFields": projections.add_fields,
    "$set": projections.add_fields,
    "$unset": projections.unset,
    "$replaceRoot": projections.replace_root,
    "$replaceWith": projections.replace_with,
    "$unwind": projections.unwind,
    "$group": groups.group,
    "$sortByCount": groups.sort_by_count,
    "$count": groups.count,
    "$bucket": groups.bucket,
    "$bucketAuto": groups.bucket_auto,
    "$setWindowFields": groups.window,
    "$sort": groups.sort,
    "$limit": groups.limit,
    "$skip": groups.skip,
    "$sample": groups.sample,
}
_CHOOSING = ("$match", "$sort", "$limit", "$skip", "$sample")
# A pipeline with one of these need not give a whole collection for each document.
_FEW = frozenset({"$match", "$group", "$sortByCount", "$count", "$bucket", "$bucketAuto", "$limit", "$sample"})
_WRITING = ("$out", "$merge")


@dataclass
class Walk:
    """The walk through one query: which collections may be read, and which were."""

    readable: Mapping[str, Table]
    read: dict[str, None] = field(default_factory=dict)

    def over_collection(self, name: Any, stages: Any, scope: Scope, depth: int = 0) -> tuple[list[Any], Shape]:
        """Return *stages* over a whole collection, and the shape of what they give.

        Nothing but what the caller may read goes past the first of them. Those that only choose documents by fields
        that may be read come before it, where the collection's indexes serve them.
        """
        shape = self.shape_of(name)
        shown = [{"$project": _inclusion(shape)}] if shape.paths else []
        leaves, scope, done = set(shape.leaves), scope.over(shape), []
        for stage in self._stages(stages):
            shape.touched.clear()
            checked, after = self._stage(stage, scope, depth)
            if shown and not (next(iter(stage)) in _CHOOSING and shape.touched <= leaves):
                done += shown
                written, shown = shown, []
                if [checked] == written:
                    continue  # a query that was checked before
            done.append(checked)
            scope = scope.over(after)
        return [*done, *shown], scope.shape

    def over(self, stages: Any, scope: Scope, depth: int) -> tuple[list[Any], Shape]:
        """Return *stages* over documents of the scope's shape, and the shape of what they give."""
        done = []
        for stage in self._stages(stages):
            checked, shape = self._stage(stage, scope, depth)
            done.append(checked)
            scope = scope.over(shape)
        return done, scope.shape

    def shape_of(self, name: Any) -> Shape:
        """Return what documents of collection *name* look like. Raises QueryRefused when it may not be read."""
        table = self.readable.get(name) if isinstance(name, str) else None
        if table is None:
            known = ", ".join(self.readable) or "none"
            raise QueryRefused(
                "unreadable-table", f"There is no collection {name} that you may read. There are {known}."
            )
        self.read[table.name] = None
        return Shape.of(table)

    def _stages(self, stages: Any) -> list[Any]:
        if not isinstance(stages, list):
            raise QueryRefused("syntax", "A pipeline is a list of stages.")
        for stage in stages:
            one_key(stage, "A stage")
        return stages

    def _stage(self, stage: dict[str, Any], scope: Scope, depth: int) -> tuple[dict[str, Any], Shape]:
        scope.budget.stage()
        name, given = one_key(stage, "A stage")
        nested = {"$lookup": self._lookup, "$unionWith": self._union, "$facet": self._facet}
        if name in nested:
            if depth == MOST_NESTING:
                raise QueryRefused("nesting", f"Pipelines are nested more than {MOST_NESTING} levels deep.")
            checked, shape = nested[name](given, scope, depth + 1)
        elif name in _STAGES:
            checked, shape = _STAGES[name](given, scope)
        else:
            raise _unknown(name)
        return {name: checked}, shape

    def _lookup(self, given: Any, scope: Scope, depth: int) -> Checked:
        only_keys(named(given, "$lookup"), ("from", "localField", "foreignField", "let", "pipeline", "as"), "$lookup")
        scope.budget.join()
        name = field_name(given.get("as"), '$lookup\'s "as"')
        done: dict[str, Any] = {"from": given.get("from"), "as": name}
        foreign = self.shape_of(given.get("from"))
        if "localField" in given or "foreignField" in given:
            scope.shape.require(done.setdefault("localField", _path(given.get("localField"))))
            foreign.require_whole(done.setdefault("foreignField", _path(given.get("foreignField"))))
        if "let" in given:
            done["let"] = {key: expression(value, scope) for key, value in named(given["let"], "let").items()}
        done["pipeline"], inner = self.over_collection(given["from"], given.get("pipeline", []), scope, depth)
        if "localField" not in done and not any(_FEW & stage.keys() for stage in done["pipeline"]):
            raise QueryRefused(
                "cross-join", "A $lookup needs localField and foreignField, or a pipeline with a $match."
            )
        beneath = {f"{name}.{path}": kind for path, kind in (inner.paths or {}).items()}
        return done, scope.shape.plus({name: "array", **beneath}, [name])

    def _union(self, given: Any, scope: Scope, depth: int) -> Checked:
        options = {"coll": given} if isinstance(given, str) else named(given, "$unionWith")
        only_keys(options, ("coll", "pipeline"), "$unionWith")
        scope.budget.join()
        stages, other = self.over_collection(options.get("coll"), options.get("pipeline", []), scope, depth)
        done = {"coll": options["coll"], "pipeline": stages}
        if scope.shape.paths is None or other.paths is None:
            return done, Shape(None)
        return done, Shape({**other.paths, **scope.shape.paths}, [*scope.shape.columns, *other.columns])

    def _facet(self, given: Any, scope: Scope, depth: int) -> Checked:
        done = {}
        for name, stages in named(given, "$facet").items():
            done[field_name(name, "$facet")], _ = self.over(stages, scope, depth)
        return done, Shape(dict.fromkeys(done, "array"), done)


def _path(value: Any) -> str:
    if not isinstance(value, str):
        raise QueryRefused("syntax", "A $lookup needs both localField and foreignField, each a field's name.")
    return value


def _inclusion(shape: Shape) -> dict[str, int]:
    kept = dict.fromkeys(shape.leaves, 1)
    return kept if "_id" in kept or any(path.startswith("_id.") for path in kept) else {**kept, "_id": 0}


def _unknown(name: str) -> QueryRefused:
    if name in _WRITING:
        return QueryRefused("write", f"{name} writes. Data is read here, never changed.")
    return QueryRefused("unknown-operator", f"{name} is not among the stages that can be run here.")

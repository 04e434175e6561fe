"""The planner's SQL as MongoDB's aggregation pipelines: joins as lookups, groups, order, what is shown at the end."""

from typing import Any

from sqlglot import exp

from core.models.offline.native.faults import CannotSay
from core.models.offline.native.mongo.conditions import condition, merged
from core.models.offline.native.mongo.expressions import accumulator, expression
from core.models.offline.native.mongo.fields import Fields, array_of
from core.models.offline.native.mongo.figures import having_condition
from core.models.offline.native.naming import shown_names
from levada.v1.catalog_pb2 import Schema

Stage = dict[str, Any]
_ORDER = "order_"


def document(query: exp.Query, schema: Schema) -> dict[str, Any]:
    """Return *query* as {"collection", "pipeline"}. Raises CannotSay."""
    if not isinstance(query, exp.Select) or query.find(exp.Window, exp.SetOperation):
        raise CannotSay("it can't bring several queries together")
    inner = query.args["from_"].this
    if isinstance(inner, exp.Subquery):
        found = document(inner.this, schema)
        if not (len(query.selects) == 1 and isinstance(query.selects[0].unalias(), exp.Count)):
            raise CannotSay("it can't ask of another query's result more than how much it is")
        name = shown_names(query.selects)[0]
        return {**found, "pipeline": [*found["pipeline"], *_whole({name: {"$sum": 1}}, {name: "$" + name}, {name})]}
    return _Pipeline(query, Fields(schema, inner.name)).document()


class _Pipeline:
    def __init__(self, query: exp.Select, fields: Fields) -> None:
        self.query, self.fields = query, fields
        self.held: dict[str, str] = {}
        self.stages: list[Stage] = []

    def document(self) -> dict[str, Any]:
        early, late = self._conditions()
        self._match(early)
        self._joins()
        self._unwind()
        self._match(late)
        figures = list(self.query.find_all(exp.AggFunc))
        if figures or self.query.args.get("group"):
            self._group(figures)
        else:
            self._show()
        return {"collection": self.fields.root, "pipeline": self.stages}

    def _conditions(self) -> tuple[list[exp.Expr], list[exp.Expr]]:
        """Return the conditions on the root's documents, which can come first, and the others."""
        where = self.query.args.get("where")
        found = [] if where is None else list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
        early = [one for one in found if all(c.table in ("", self.fields.root) for c in one.find_all(exp.Column))]
        return early, [one for one in found if one not in early]

    def _match(self, conditions: list[exp.Expr]) -> None:
        parts = [condition(one, self.fields) for one in conditions]
        if not parts:
            return
        self.stages.append({"$match": merged(parts)})

    def _joins(self) -> None:
        for join in self.query.args.get("joins") or []:
            equal, table = join.args["on"], join.this.name
            if not isinstance(equal, exp.EQ) or join.side not in ("", "LEFT"):
                raise CannotSay("it joins by equal keys only")
            ends = sorted((equal.this, equal.expression), key=lambda end: end.table == table)
            if not all(isinstance(end, exp.Column) for end in ends) or any("[]" in end.name for end in ends):
                raise CannotSay("it joins by equal fields only")
            near, far = self.fields.path(ends[0]), self.fields.path(ends[1])
            name = self.fields.join(table)
            self.stages.append({"$lookup": {"from": table, "localField": near, "foreignField": far, "as": name}})
            unwind: Any = {"path": f"${name}", "preserveNullAndEmptyArrays": True} if join.side else f"${name}"
            self.stages.append({"$unwind": unwind})

    def _unwind(self) -> None:
        """Take apart the arrays of which something is shown or worked out; conditions alone look into them."""
        where = self.query.args.get("where")
        inside = {id(column) for column in where.find_all(exp.Column)} if where else set()
        used = [column for column in self.query.find_all(exp.Column) if id(column) not in inside]
        arrays = {(column.table, array_of(column.name)) for column in used if array_of(column.name)}
        if len(arrays) > 1 or any(column.name.count("[]") > 1 for column in used):
            raise CannotSay("it can take apart one list at a time")
        for table, array in sorted(arrays):
            path = self.fields.path(exp.column(array, table or None))
            self.stages.append({"$unwind": f"${path}"})

    def _known(self, node: exp.Expr) -> str | None:
        """Return where *node* is held. Once documents are grouped, what is not held can't be had."""
        held = self.held.get(node.sql())
        if held is None and self.held and isinstance(node, exp.Column):
            raise CannotSay(f"{node.name} is neither grouped by nor worked out")
        return held

    def _value(self, node: exp.Expr) -> Any:
        """Return *node* after grouping, when all there is are keys and figures."""
        return expression(node, self.fields, self._known)

    def _group(self, figures: list[exp.AggFunc]) -> None:
        group = self.query.args.get("group")
        keys = {key.sql(): key for key in (group.expressions if group else ())}
        gathered: dict[str, Any] = {}
        sizes: Stage = {}
        for number, sql in enumerate(keys):
            self.held[sql] = f"_id.k{number}"
        for figure in figures:
            if figure.sql() not in self.held:
                name = self.held[figure.sql()] = f"f{len(gathered)}"
                gathered[name] = accumulator(figure, self.fields)
                if "$addToSet" in gathered[name]:
                    sizes[name] = {"$size": {"$setDifference": [f"${name}", [None]]}}
        shown = dict(zip(shown_names(self.query.selects), self.query.selects, strict=True))
        if not keys:
            self._summary(gathered, sizes, shown, figures)
            return
        by = {f"k{number}": self._present(key) for number, key in enumerate(keys.values())}
        self.stages.append({"$group": {"_id": by, **gathered}})
        if sizes:
            self.stages.append({"$set": sizes})
        if having := self.query.args.get("having"):
            self.stages.append({"$match": having_condition(having.this, self._known, self._value)})
        self._finish({name: self._value(one.unalias()) for name, one in shown.items()})

    def _summary(self, gathered: Stage, sizes: Stage, shown: dict[str, exp.Expr], figures: list[exp.AggFunc]) -> None:
        if self.query.args.get("having"):
            raise CannotSay("it has no conditions on figures without groups")
        counts = {self.held[figure.sql()] for figure in figures if isinstance(figure, exp.Count)} - set(sizes)
        values = {name: self._value(one.unalias()) for name, one in shown.items()}
        self.stages += _whole(gathered, values, counts, sizes)

    def _show(self) -> None:
        values = dict(
            zip(
                shown_names(self.query.selects), (self._value(one.unalias()) for one in self.query.selects), strict=True
            )
        )
        if self.query.args.get("distinct"):
            by = {name: self._present(one.unalias()) for name, one in zip(values, self.query.selects, strict=True)}
            self.stages.append({"$group": {"_id": by}})
            self.held = {
                one.unalias().sql(): f"_id.{name}" for name, one in zip(values, self.query.selects, strict=True)
            }
            values = {name: f"$_id.{name}" for name in values}
        self._finish(values)

    def _present(self, key: exp.Expr) -> Any:
        """Return *key* such that what is missing and what is null are one group."""
        value = expression(key, self.fields)
        return {"$ifNull": [value, None]} if self._nullable(key) else value

    def _nullable(self, node: exp.Expr) -> bool:
        return not isinstance(node, exp.Count) and any(
            self.fields.column(column).nullable for column in node.find_all(exp.Column)
        )

    def _finish(self, values: Stage) -> None:
        """Order, cut and show *values*; what is not there comes last, whichever the order."""
        order = self.query.args.get("order")
        keys: Stage = {}
        sorting: dict[str, int] = {}
        for number, ordered in enumerate(order.expressions if order else ()):
            value, down = self._value(ordered.this), bool(ordered.args.get("desc"))
            if not down and self._nullable(ordered.this):
                keys[f"n{number}"] = {"$eq": [{"$ifNull": [value, None]}, None]}
                sorting[f"{_ORDER}.n{number}"] = 1
            plain = isinstance(value, str)
            if not plain:
                keys[f"s{number}"] = value
            sorting[value.removeprefix("$") if plain else f"{_ORDER}.s{number}"] = -1 if down else 1
        if keys:
            self.stages.append({"$set": {_ORDER: keys}})
        if sorting:
            self.stages.append({"$sort": sorting})
        if limit := self.query.args.get("limit"):
            self.stages.append({"$limit": int(limit.expression.name)})
        self.stages.append({"$project": {"_id": 0, **values} if "_id" not in values else values})


def _whole(gathered: Stage, values: Stage, counts: set[str], sizes: Stage | None = None) -> list[Stage]:
    """Return stages for figures over everything: of nothing there is a row too, in which counts are 0."""
    filled: Stage = {
        name: {"$ifNull": [f"$whole.{name}", 0]} if name in counts else f"$whole.{name}" for name in gathered
    }
    for name in sizes or ():
        filled[name] = {"$size": {"$setDifference": [{"$ifNull": [f"$whole.{name}", []]}, [None]]}}
    once: Stage = {"$group": {"_id": None, **gathered}}
    plain = all(isinstance(value, str) for value in values.values())
    shown = {name: filled[value.removeprefix("$")] for name, value in values.items()} if plain else filled
    stages: list[Stage] = [
        {"$facet": {"found": [once]}},
        {"$set": {"whole": {"$first": "$found"}}},
        {"$project": shown},
    ]
    return stages if plain else [*stages, {"$project": values}]

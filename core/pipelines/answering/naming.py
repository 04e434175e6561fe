"""Names for what a query computes, as people say them: "share of revenue", "growth of revenue", "weekday"."""

import re
from collections.abc import Iterator

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from core.pipelines.answering.analysis.words import human, pluralise, singular
from core.pipelines.answering.spans import span_of
from core.pipelines.answering.units import unit_of, units_by_column
from levada.v1.catalog_pb2 import Definition, Schema

# A name with its unit.
Named = tuple[str, str]

_AGGREGATES: dict[type[exp.Expr], str] = {
    exp.Sum: "total",
    exp.Avg: "average",
    exp.Min: "lowest",
    exp.Max: "highest",
    exp.Median: "median",
}
_BETWEEN: dict[type[exp.Expr], str] = {exp.Add: "plus", exp.Sub: "minus", exp.Mul: "times", exp.Div: "per"}
_THROUGH = (exp.Paren, exp.Cast, exp.TryCast, exp.Round, exp.Nullif)


class Names:
    """Names expressions over *schema*: figures of the business by its own words, anything else by what is computed."""

    def __init__(self, schema: Schema) -> None:
        self._units = units_by_column(schema)
        self._definitions = list(_known(schema))
        self._references = {
            table.name.casefold(): {key.referenced_table.casefold() for key in table.foreign_keys}
            for table in schema.tables
        }

    def of(self, value: exp.Expr) -> Named:
        """Return the name and unit of *value*; the name is empty where there is no good one."""
        value = _plain(value)
        if figure := self._figure(value):
            return figure.name, figure.unit
        if found := self._growth(value) or self._share(value) or self._portion(value) or self._per_thing(value):
            return found
        return span_of(value) or self._computed(value), unit_of(value, self._units)

    def _figure(self, value: exp.Expr) -> Definition | None:
        said = _bare(value)
        return next((definition for text, definition in self._definitions if text == said), None)

    def _share(self, value: exp.Expr) -> Named | None:
        """100 * x / SUM(x) OVER ()."""
        part, whole = _percentage(value)
        if part is None or not isinstance(whole, exp.Window) or not isinstance(whole.this, exp.Sum):
            return None
        return (f"share of {self.of(part)[0]}", "%") if _bare(whole.this.this) == _bare(part) else None

    def _growth(self, value: exp.Expr) -> Named | None:
        """100 * (now - before) / before, or just now - before, each within a time of its own."""
        gained, before = _percentage(value)
        change = _plain(gained) if gained is not None else value
        if not isinstance(change, exp.Sub) or not change.find(exp.Case) or not change.find(exp.AggFunc):
            return None
        now, then = self.of(_at_any_time(change.left)), self.of(_at_any_time(change.right))
        if now != then or (before is not None and _bare(before) != _bare(change.right)):
            return None
        return (f"growth of {now[0]}", "%") if before is not None else (f"change of {now[0]}", now[1])

    def _portion(self, value: exp.Expr) -> Named | None:
        """100 * SUM(CASE WHEN ... THEN 1 ELSE 0 END) / COUNT(*)."""
        part, whole = _percentage(value)
        if not isinstance(part, exp.Sum) or not isinstance(part.this, exp.Case) or not isinstance(whole, exp.Count):
            return None
        condition = part.this.args["ifs"][0].this
        said = condition.expression if isinstance(condition, exp.EQ) else None
        things = self._computed(whole).removeprefix("number of ")
        if not isinstance(said, exp.Literal) or things == "count":
            return "share", "%"
        return f"share of {things} with {human(condition.this.name)} {said.this}", "%"

    def _per_thing(self, value: exp.Expr) -> Named | None:
        """x / COUNT(DISTINCT key of a thing)."""
        if not isinstance(value, exp.Div) or not isinstance(_plain(value.right), exp.Count):
            return None
        name, unit = self.of(value.left)
        things = self.of(value.right)[0].removeprefix("number of ")
        return (f"{name} per {singular(things)}", unit) if name and things else None

    def _computed(self, value: exp.Expr) -> str:
        if isinstance(value, exp.Count):
            return self._counted(value)
        if word := _AGGREGATES.get(type(value)):
            inner = self._computed(_plain(value.this))
            return f"{word} {inner}" if inner else ""
        if (joint := _BETWEEN.get(type(value))) and isinstance(value, exp.Binary):
            left, right = self._computed(_plain(value.left)), self._computed(_plain(value.right))
            return f"{left} {joint} {right}" if left and right else ""
        if isinstance(value, exp.Case):
            return self._conditional(value)
        if isinstance(value, exp.Predicate | exp.Window | exp.Subquery):
            return ""
        names = {human(column.name) for column in value.find_all(exp.Column)}
        return names.pop() if len(names) == 1 and not value.find(exp.AggFunc) else ""

    def _conditional(self, value: exp.Case) -> str:
        first = value.args["ifs"][0]
        name, condition = self._computed(_plain(first.args["true"])), first.this
        plain = isinstance(condition, exp.EQ) and isinstance(condition.expression, exp.Literal)
        return f"{name} where {human(condition.this.name)} is {condition.expression.this}" if name and plain else name

    def _counted(self, value: exp.Count) -> str:
        column = value.find(exp.Column)
        if column is None:
            return self._rows(value.find_ancestor(exp.Select))
        name = human(column.name)
        of_table = _tables(value.find_ancestor(exp.Select)).get(column.table.casefold(), "")
        name = human(of_table) if name in ("id", "key") and of_table else re.sub(r" (id|key)$", "", name)
        return f"number of {pluralise(singular(name))}"

    def _rows(self, select: exp.Select | None) -> str:
        """Name count(*): of several tables' rows it counts those that no other table of the query breaks down."""
        tables = list(dict.fromkeys(_tables(select).values()))
        referenced = {other for one in tables for other in self._references.get(one.casefold(), ()) if other != one}
        finest = [one for one in tables if one.casefold() not in referenced]
        return f"number of {human(finest[0])}" if len(finest) == 1 else "count"


def _known(schema: Schema) -> Iterator[tuple[str, Definition]]:
    for definition in schema.definitions:
        try:
            # Written once in this dialect, as the query is: an engine's own ways of dividing look alike then.
            tree = parse_one(definition.expression, dialect=schema.dialect) if definition.expression else None
        except SqlglotError:
            continue
        if tree is not None:
            yield _bare(_plain(tree)), definition


def _plain(value: exp.Expr) -> exp.Expr:
    """Return *value* without what changes no meaning: brackets, casts, rounding, "* 1.0", a guard against zero."""
    while True:
        if isinstance(value, _THROUGH):
            value = value.this
        elif isinstance(value, exp.Mul) and _is_one(value.right):
            value = value.left
        elif isinstance(value, exp.Mul) and _is_one(value.left):
            value = value.right
        else:
            return value


def _is_one(value: exp.Expr) -> bool:
    return isinstance(value, exp.Literal) and value.this in ("1", "1.0")


def _bare(value: exp.Expr) -> str:
    """Return *value* as text in which two ways to write the same are the same."""
    tree = value.copy().transform(_plain)
    return re.sub(r"[\s\"`()]", "", tree.sql().casefold())


def _percentage(value: exp.Expr) -> tuple[exp.Expr | None, exp.Expr | None]:
    """Return x and y of 100 * x / y."""
    above = _plain(value.left) if isinstance(value, exp.Div) else None
    if not isinstance(value, exp.Div) or not isinstance(above, exp.Mul):
        return None, None
    hundred, part = above.left, above.right
    if not isinstance(hundred, exp.Literal) or hundred.this not in ("100", "100.0"):
        return None, None
    return _plain(part), _plain(value.right)


def _at_any_time(value: exp.Expr) -> exp.Expr:
    """Return a figure without the condition that its arguments are within."""

    def opened(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Case):
            return node
        given = node.args["ifs"][0].args["true"]
        return exp.Star() if isinstance(given, exp.Literal) else given

    # Within its query, so that what count(*) counts is still known.
    select = value.find_ancestor(exp.Select)
    made = value.copy().transform(opened)
    if select is not None:
        made = select.copy().select(made, append=False, copy=False).selects[0]
    return made


def _tables(select: exp.Select | None) -> dict[str, str]:
    """Return the tables of *select* by what it calls them."""
    found = select.find_all(exp.Table) if select is not None else ()
    return {table.alias_or_name.casefold(): table.name for table in found if table.parent_select is select}

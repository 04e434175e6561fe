"""Values bound to a query's names: they reach the driver beside the text, so that no value can be anything but data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from core.errors import QueryRefused
from core.sources.base import Parameters
from core.sources.guard.fitting import fitting, storable
from core.sources.guard.readable import ReadableTable, fold
from core.sources.guard.scope import Level, Scopes
from levada.v1 import event_pb2 as events

MOST_VALUES = 10_000
_COMPARING = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)
# No query that came in holds a control character, so nothing else in the text can look like one of these.
_MARK = re.compile("\x01(\\d+)\x02")
_PLACES = {"postgres": "${}", "mysql": "%s"}
# PostgreSQL would take a value for the column's own type, in which a larger number has no place.
_POSTGRES_TYPES: dict[int, str] = {events.COLUMN_TYPE_INTEGER: "bigint", events.COLUMN_TYPE_DECIMAL: "numeric"}


def require_bindable(nodes: Sequence[exp.Expr], parameters: Parameters) -> None:
    """Raise QueryRefused unless every parameter of the query has values, and stands where only a value can stand."""
    places = [node for node in nodes if isinstance(node, exp.Placeholder)]
    for place in places:
        if place.name not in parameters:
            raise QueryRefused(
                "parameter",
                f"The query asks for a value named {place.name or '?'}, and there is none. Write the value.",
            )
        if not _is_compared(place):
            raise QueryRefused("parameter", f"Compare a column with :{place.name}, as in IN (:{place.name}).")
        if not isinstance(place.parent, exp.In) and len(parameters[place.name]) > 1:
            raise QueryRefused("parameter", f":{place.name} has many values. Write IN (:{place.name}).")
    if unused := parameters.keys() - {place.name for place in places}:
        raise QueryRefused("parameter", f"The query never uses :{min(unused)}, which was given values for it.")
    if sum(len(parameters[place.name]) for place in places) > MOST_VALUES:
        raise QueryRefused("parameter", f"A query takes at most {MOST_VALUES:,} values. Ask with fewer of them.")


def _is_compared(place: exp.Placeholder) -> bool:
    if isinstance(place.parent, exp.In):
        return place.arg_key == "expressions"
    return isinstance(place.parent, _COMPARING)


@dataclass
class Binding:
    """Puts marks into a checked tree in the place of its parameters; *values* go with the marks, by number."""

    scopes: Scopes
    parameters: Parameters

    def __post_init__(self) -> None:
        self.values: list[Any] = []
        self._levels: dict[int, Level] = {id(c): level for level in self.scopes.levels for c in level.columns}

    def bind(self, root: exp.Expr) -> exp.Expr:
        """Return *root*, with marks in it."""
        spelled: dict[int, exp.Column] = {}
        for place in list(root.find_all(exp.Placeholder)):
            column, table = self._column(place.parent)
            dialect = self.scopes.dialect
            name = fold(column.this, dialect) if column is not None else ""
            kind = table.kinds.get(name, 0) if table is not None else 0
            alike = isinstance(place.parent, exp.In | exp.EQ | exp.NEQ)
            if alike and column is not None and table is not None and name in table.spelled:
                spelled[id(column)] = column
            values = fitting(self.parameters[place.name], kind, texts=dialect == "sqlite")
            marks = [self._mark(value, kind) for value in values if storable(value, dialect)]
            if isinstance(condition := place.parent, exp.In):
                _replace_in_list(condition, place, marks)
            else:
                place.replace(marks[0] if marks else exp.null())
        for column in spelled.values():
            column.replace(exp.cast(column.copy(), "text"))
        return root

    def placed(self, text: str) -> tuple[str, tuple[Any, ...]]:
        """Return *text* with the driver's placeholders for the marks, and the values in their order."""
        found = _MARK.findall(text)
        if not found:
            return text, ()
        if self.scopes.dialect == "mysql":
            text = text.replace("%", "%%")
        numbers = iter(range(1, len(found) + 1))
        form = _PLACES.get(self.scopes.dialect, "?")
        return _MARK.sub(lambda _: form.format(next(numbers)), text), tuple(self.values[int(n)] for n in found)

    def _mark(self, value: Any, kind: int) -> exp.Expr:
        self.values.append(value)
        mark: exp.Expr = exp.Var(this=f"\x01{len(self.values) - 1}\x02")
        wanted = _POSTGRES_TYPES.get(kind) if self.scopes.dialect == "postgres" else None
        return exp.Cast(this=mark, to=exp.DataType.build(wanted, dialect="postgres")) if wanted else mark

    def _column(self, comparison: exp.Expr | None) -> tuple[exp.Column | None, ReadableTable | None]:
        """Return the column that a parameter is compared with, and its table; None where either is not plain."""
        column = next((side for side in _sides(comparison) if isinstance(side, exp.Column)), None)
        level = self._levels.get(id(column))
        if column is None or level is None:
            return column, None
        return column, _table_of(column, level, self.scopes.dialect)


def _sides(comparison: exp.Expr | None) -> list[Any]:
    return [comparison.this, comparison.args.get("expression")] if comparison is not None else []


def _table_of(column: exp.Column, level: Level, dialect: str) -> ReadableTable | None:
    name, table = fold(column.this, dialect), fold(column.args.get("table"), dialect)
    for outer in level.outward():
        for source in outer.sources:
            if source.table is not None and (not table or source.alias == table) and name in source.table.columns:
                return source.table
            if source.table is None and (not table or source.alias == table):
                return None
    return None


def _replace_in_list(condition: exp.In, place: exp.Placeholder, marks: list[exp.Expr]) -> None:
    kept = [mark for one in condition.expressions for mark in (marks if one is place else [one])]
    if kept:
        condition.set("expressions", kept)
    else:
        condition.replace(exp.false())  # nothing is among no values

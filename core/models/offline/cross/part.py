"""A part of a split query: what one source does, and what the rest calls its columns."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from core.models.offline.cross.joint import DIALECT, Joint
from core.models.offline.cross.scope import Link
from core.models.offline.cross.writing import FIXED, Writer
from core.models.offline.dialects import identifier
from core.models.offline.native.listing import text_about
from core.models.offline.native.naming import name_for, plain
from core.models.plans import COMBINE, OTHERWISE, Operation

UNKNOWN_ROWS = 10_000.0
_NARROWING: dict[type[exp.Expr], float] = {exp.In: 0.1, exp.Anonymous: 0.01, exp.ILike: 0.1, exp.Like: 0.1}
_OTHERS = 0.3


@dataclass(eq=False)
class Group:
    """Tables of one source that it can join itself, and the *conditions* on them that it applies."""

    source: str
    language: str
    tables: list[str]
    links: list[Link] = field(default_factory=list)
    conditions: list[exp.Expr] = field(default_factory=list)
    optional: bool = False

    def select(self, shown: Iterable[exp.Expr], *more: exp.Expr) -> exp.Select:
        """Return the query for *shown* columns, with *more* conditions."""
        query = exp.select(*shown).from_(_table(self.tables[0]))
        for link in self.links:
            query = query.join(_table(link.table), on=link.condition.copy(), join_type=link.side)
        return query.where(*(condition.copy() for condition in (*self.conditions, *more)))

    @property
    def by_meaning(self) -> bool:
        """Whether rows are looked for by what their texts are about."""
        return any(text_about(condition) is not None for condition in self.conditions)

    def estimate(self, joint: Joint) -> float:
        """Return about how many rows there are, as far as statistics tell."""
        most = max(rows_of(table, joint) for table in self.tables)
        for condition in self.conditions:
            most *= _share(condition, joint)
        return max(most, 1.0)


def rows_of(table: str, joint: Joint) -> float:
    """Return about how many rows *table* of *joint* has."""
    found = joint.home(table).table
    return float(found.row_estimate) if found.HasField("row_estimate") else UNKNOWN_ROWS


def _share(condition: exp.Expr, joint: Joint) -> float:
    """Return about what share of the rows meets *condition*: a value is that of one in ten, of one in few rows more."""
    column = condition.find(exp.Column)
    if not isinstance(condition, exp.EQ) or column is None or column.table not in joint.homes:
        return _NARROWING.get(type(condition), _OTHERS)
    one = 1 / max(rows_of(column.table, joint), 1.0)
    return one if joint.unique(column) else max(one, 0.1)


def _table(name: str) -> exp.Table:
    return exp.Table(this=identifier(name, DIALECT))


@dataclass(eq=False)
class Part:
    """A query of one source, under the *id* by which others use its result.

    *outputs* are its columns' names, by what they are of in the joint schema. *values* are what it waits for;
    *unbound* is the query without them.
    """

    id: str
    source: str
    language: str
    query: exp.Query
    outputs: dict[str, str]
    estimate: float
    narrowed: bool
    values: dict[str, str] = field(default_factory=dict)
    unbound: exp.Query | None = None

    def holds(self, of: exp.Expr) -> bool:
        return key_of(of) in self.outputs

    def column(self, of: exp.Expr) -> exp.Column:
        """Return the result's column for *of*, which is in *outputs*."""
        return self.named(self.outputs[key_of(of)])

    def named(self, output: str) -> exp.Column:
        return exp.Column(this=identifier(output, DIALECT), table=identifier(self.id, DIALECT))

    @property
    def everything(self) -> exp.Select:
        shown = [self.named(output) for output in self.outputs.values()]
        return exp.select(*shown).from_(_table(self.id))

    def operation(self, writer: Writer) -> Operation:
        params: dict[str, Any] = writer.params(self.query)
        if self.values:
            params["values"] = dict(self.values)
        if self.unbound is not None:
            params[OTHERWISE] = writer.params(self.unbound)
        waits = list(dict.fromkeys(value.partition(".")[0] for value in self.values.values()))
        return Operation(
            id=self.id, source=self.source, kind=self.language, params=params, depends_on=waits, description=self.told()
        )

    def told(self) -> str:
        """Say what it does, for people."""
        tables = " and ".join(dict.fromkeys(table.name for table in self.query.find_all(exp.Table)))
        does = "Summarise" if self.query.find(exp.Group, exp.AggFunc) else "Fetch"
        after = " that belong to what was found before" if self.values else ""
        return f"{does} {tables} of {self.source}{after}."


def key_of(of: exp.Expr) -> str:
    """Return what tells *of* from other columns and figures, however it is written."""
    return f"{of.table}.{of.name}".casefold() if isinstance(of, exp.Column) else of.sql(dialect=DIALECT).casefold()


def shown(of: Iterable[exp.Expr], language: str) -> tuple[list[exp.Expr], dict[str, str]]:
    """Return *of* to be selected, each under a name of its own, and those names."""
    outputs: dict[str, str] = {}
    aliased: list[exp.Expr] = []
    for one in of:
        if key_of(one) not in outputs:
            name = one.name if language in FIXED and isinstance(one, exp.Column) else _free(one, set(outputs.values()))
            outputs[key_of(one)] = name
            aliased.append(exp.alias_(one.copy(), identifier(name, DIALECT), copy=False))
    return aliased, outputs


def _free(of: exp.Expr, taken: set[str]) -> str:
    name = name_for(of)
    more = [f"{plain(of.table)}_{name}"] if isinstance(of, exp.Column) else []
    tries = [name, *more, *(f"{name}_{number}" for number in range(2, len(taken) + 3))]
    return next(one for one in tries if one not in taken)


def free_id(tables: Iterable[str], taken: Iterable[str]) -> str:
    """Return an id for a part that reads *tables*, the first one's name where that is free."""
    name, others = plain(next(iter(tables))), {*taken, COMBINE}
    name = f"t_{name}" if name[0].isdigit() else name
    return next(one for one in (name, *(f"{name}_{n}" for n in range(2, len(others) + 3))) if one not in others)

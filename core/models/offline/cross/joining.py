"""One SELECT over several sources: parts for each of them, and the SELECT said again over their results."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from core.models.offline.cross.aggregation import early, figures_of, only_different, resumed
from core.models.offline.cross.binding import Edge, bind
from core.models.offline.cross.grouping import group_tables, placed
from core.models.offline.cross.making import Maker
from core.models.offline.cross.part import Group, Part
from core.models.offline.cross.same import make_alike, make_alike_within
from core.models.offline.cross.scope import Link, Scope
from core.models.offline.native.buckets import bucket_of, cut


@dataclass(frozen=True)
class Among:
    """*outer* must be among what *part* has of *shown*."""

    part: Part
    shown: exp.Column
    outer: exp.Column


class Joining:
    """Splits *scope*; *query* splits the queries within it, whose parts are added to *parts* first."""

    def __init__(self, scope: Scope, maker: Maker, parts: list[Part], query: Callable[[exp.Query], exp.Query]) -> None:
        self.scope, self.maker, self.parts, self.query = scope, maker, parts, query
        self.joint = maker.joint
        self.groups = group_tables(scope, self.joint)
        self.kept = placed(scope, self.groups, self.joint, maker.writer)
        self.owner = {table: group for group in self.groups for table in group.tables}
        self.crossing = [link for link in scope.links if self.owner[link.table].tables[0] == link.table]

    def combined(self) -> exp.Select:
        """Add the parts and return the SELECT over their results. Raises CannotSay."""
        wanted = [among for place in self._places() for among in self._within(place)]
        keys = [(link, left.copy(), right.copy()) for link in self.crossing for left, right in link.pairs]
        for link in self.crossing:
            for left, right in link.pairs:
                make_alike(left, right, self.joint)
        found = self._fetched()
        edges = [Edge(one.part, one.shown, found[one.outer.table], one.outer, back=False) for one in wanted]
        for link, left, right in keys:
            edges.append(Edge(found[left.table], left, found[right.table], right, *_ways(link, left.table)))
        ordered = bind([*self.parts, *dict.fromkeys(found.values())], edges, self.joint, self.maker.writer)
        self.parts += [part for part in ordered if part not in self.parts]
        return self._said_over(found)

    def _places(self) -> Iterator[exp.Expr]:
        """Yield what may have queries within and is said over the results."""
        yield from self.kept
        yield from self.scope.select.expressions
        yield from (self.scope.select.args[one] for one in ("having", "order") if self.scope.select.args.get(one))

    def _within(self, place: exp.Expr) -> list[Among]:
        """Split the queries in *place*; return which values are wanted of the columns here."""
        found = []
        for nested in [one for one in place.find_all(exp.Subquery) if one.parent_select is self.scope.select]:
            around, inner, before = nested.parent, nested.this, len(self.parts)
            asked = isinstance(around, exp.In)
            if asked and isinstance(inner, exp.Select) and not (inner.args.get("group") or inner.args.get("limit")):
                inner = inner.distinct(copy=False)
            shown = inner.selects[0].unalias().copy()
            result = self.query(inner)
            nested.set("this", result)
            if not (isinstance(around, exp.In) and isinstance(around.this, exp.Column)):
                continue
            if isinstance(shown, exp.Column) and isinstance(result, exp.Select):
                holding = [part for part in self.parts[before:] if part.holds(shown)]
                if around is place and holding:
                    found.append(Among(holding[0], shown, around.this.copy()))
                make_alike_within(around.this, shown, result, self.joint)
        return found

    def _fetched(self) -> dict[str, Part]:
        """Return the part that each table is fetched by, and say everything over their columns."""
        needed = self._needed()
        cutting = not any(bucket_of(node) for condition in self.kept for node in condition.find_all(exp.Cast))
        summarised, parts = self._summarised(needed) if cutting else (None, {})
        figures = figures_of(self.scope, summarised) if summarised else []
        for group in self.groups:
            own = [column for column in needed if self.owner[column.table] is group]
            if group is summarised:
                continue
            part = self.maker.plain(group, own, only_different(self.scope))
            parts.update(dict.fromkeys(group.tables, part))
        inside = {id(column) for figure in figures for column in figure.find_all(exp.Column)}
        if summarised:
            for figure in figures:
                whole = resumed(figure, parts[summarised.tables[0]], bool(self.scope.select.args.get("group")))
                figure.replace(whole)
        for column in needed:
            if id(column) not in inside:
                place = cut(column) if self.owner[column.table] is summarised else column
                place.replace(parts[column.table].column(place))
        return parts

    def _summarised(self, needed: list[exp.Column]) -> tuple[Group | None, dict[str, Part]]:
        """Return the group whose source works out the figures, and its part by its tables."""
        for group in early(self.scope, self.groups, self.joint):
            own = [column for column in needed if self.owner[column.table] is group]
            if not group.by_meaning and (part := self.maker.summary(self.scope, group, own)):
                return group, dict.fromkeys(group.tables, part)
        return None, {}

    def _needed(self) -> list[exp.Column]:
        """Return the columns that are said over the results: all but those of what sources do."""
        applied = [link.condition for group in self.groups for link in group.links]
        applied += [condition for group in self.groups for condition in group.conditions]
        gone = {id(column) for condition in applied for column in condition.find_all(exp.Column)}
        return [column for column in self.scope.columns() if id(column) not in gone]

    def _said_over(self, found: dict[str, Part]) -> exp.Select:
        select = self.scope.select
        select.set("from_", exp.From(this=exp.to_table(found[self.scope.tables[0]].id)))
        select.set("joins", None)
        for link in self.crossing:
            select.join(found[link.table].id, on=link.condition, join_type=link.side, copy=False)
        select.set("where", exp.Where(this=exp.and_(*self.kept, copy=False)) if self.kept else None)
        return select


def _ways(link: Link, left: str) -> tuple[bool, bool]:
    """Return whether values may go from the left end to the right, and back: rows that must stay are not narrowed."""
    if not link.side:
        return True, True
    return (left != link.table, left == link.table) if link.side == "LEFT" else (False, False)

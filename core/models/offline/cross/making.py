"""Makes the parts of a split query: what each source is asked, under ids of their own."""

from collections.abc import Sequence

from sqlglot import exp

from core.models.offline.cross.aggregation import figures_of, pieces
from core.models.offline.cross.joint import Joint
from core.models.offline.cross.part import Group, Part, free_id, key_of, shown
from core.models.offline.cross.scope import Scope
from core.models.offline.cross.writing import Writer
from core.models.offline.native import CannotSay
from core.models.offline.native.buckets import cut
from core.models.offline.native.listing import EVERY, text_about


class Maker:
    """Makes parts over *joint*. A part is only made when its source has words for it."""

    def __init__(self, joint: Joint) -> None:
        self.joint, self.writer = joint, Writer(joint)
        self._taken: list[str] = []

    def part(self, group: Group, query: exp.Query, outputs: dict[str, str], narrowed: bool) -> Part:
        """Return a new part, which gives all rows of *query*. Raises CannotSay when its source has no words for it."""
        if not query.args.get("limit"):
            for condition in [one for one in query.find_all(exp.Anonymous) if text_about(one) is not None]:
                condition.set("this", EVERY)
        self.writer.params(query)
        id_ = free_id(group.tables, self._taken)
        self._taken.append(id_)
        return Part(id_, group.source, group.language, query, outputs, group.estimate(self.joint), narrowed)

    def whole(self, node: exp.Query) -> Part:
        """Return the part that does all of *node*, which is of one source. Raises CannotSay."""
        tables = [table.name for table in node.find_all(exp.Table)]
        home = self.joint.home(tables[0])
        query = node.copy()
        first = query
        while isinstance(first, exp.SetOperation):
            first = first.left
        aliased, outputs = shown([one.unalias() for one in first.selects], home.language)
        if len(aliased) != len(first.selects):
            raise CannotSay("the same column is asked for twice")
        first.set("expressions", aliased)
        narrowed = any(query.args.get(clause) for clause in ("where", "limit", "having"))
        conditions = [where.this for where in query.find_all(exp.Where)]
        return self.part(Group(home.source, home.language, tables, conditions=conditions), query, outputs, narrowed)

    def summary(self, scope: Scope, group: Group, columns: Sequence[exp.Column]) -> Part | None:
        """Return the part that works out figures for each key, None when that would not make it smaller."""
        figures = figures_of(scope, group)
        inside = {id(column) for figure in figures for column in figure.find_all(exp.Column)}
        keys = {key_of(key): key for key in (cut(column) for column in columns if id(column) not in inside)}
        if any(self._single(key, group) for key in keys.values() if isinstance(key, exp.Column)):
            return None
        aliased, outputs = shown([*keys.values(), *pieces(figures)], group.language)
        query = group.select(aliased).group_by(*(key.copy() for key in keys.values()))
        try:
            return self.part(group, query, outputs, bool(group.conditions))
        except CannotSay:
            return None

    def plain(self, group: Group, columns: Sequence[exp.Column], different: bool) -> Part:
        """Return the part that fetches *columns*, only *different* rows where the source can tell."""
        first = self.joint.home(group.tables[0]).table.columns[0]
        wanted = columns or [exp.column(exp.to_identifier(first.name, quoted=True), group.tables[0])]
        aliased, outputs = shown(wanted, group.language)
        query = group.select(aliased)
        if different and not any(self._single(column, group) for column in wanted):
            try:
                return self.part(group, query.distinct(), outputs, bool(group.conditions))
            except CannotSay:
                pass
        return self.part(group, query, outputs, bool(group.conditions))

    def _single(self, column: exp.Column, group: Group) -> bool:
        """Say whether *column* tells the rows of *group* apart: its table's, which meet one row each of the others."""
        met = {column.table}
        for _ in group.links:
            for one, other in (ends for link in group.links if link.ends for ends in (link.ends, link.ends[::-1])):
                if one.table in met and self.joint.unique(other):
                    met.add(other.table)
        return self.joint.unique(column) and met == set(group.tables)

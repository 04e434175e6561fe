"""Aggregation before the join: what a source counts and adds up itself, and how the rest goes on with that."""

from collections.abc import Iterable, Sequence

from sqlglot import exp

from core.models.offline.cross.joint import DIALECT, Joint
from core.models.offline.cross.part import Group, Part
from core.models.offline.cross.scope import Scope

_PLAIN = (exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max)


def early(scope: Scope, groups: Sequence[Group], joint: Joint) -> list[Group]:
    """Return the groups, largest first, any of whose rows may be summarised before they are joined.

    Every figure has to be of that one alone: a joined row stands for as many as were summarised in it, so that counts
    and totals of others would go wrong.
    """
    figures = [figure for figure in scope.aggregates() if not _insensitive(figure)]
    if not figures or any(group.optional for group in groups):
        return []
    if not all(isinstance(figure, _PLAIN) and not figure.find(exp.Distinct) for figure in figures):
        return []
    read = {column.table for figure in figures for column in figure.find_all(exp.Column)}
    owners = [group for group in groups if read <= set(group.tables)]
    return sorted(owners, key=lambda group: -group.estimate(joint))


def _insensitive(figure: exp.AggFunc) -> bool:
    """Say whether *figure* is the same however often a row is met."""
    return isinstance(figure, exp.Min | exp.Max) or isinstance(figure.this, exp.Distinct)


def only_different(scope: Scope) -> bool:
    """Say whether the result is the same when rows that are alike are met once."""
    if figures := scope.aggregates():
        return all(_insensitive(figure) for figure in figures)
    return scope.select.args.get("distinct") is not None or scope.select.args.get("group") is not None


def figures_of(scope: Scope, group: Group) -> list[exp.AggFunc]:
    """Return the aggregates that *group*'s source works out, each for its groups."""
    return [
        figure
        for figure in scope.aggregates()
        if not figure.find(exp.Distinct) and {c.table for c in figure.find_all(exp.Column)} <= set(group.tables)
    ]


def pieces(figures: Iterable[exp.AggFunc]) -> list[exp.Expr]:
    """Return what the source has to select for *figures*."""
    return [piece for figure in figures for piece in _pieces(figure)]


def _pieces(figure: exp.AggFunc) -> list[exp.Expr]:
    if isinstance(figure, exp.Avg):
        return [exp.Sum(this=figure.this.copy()), exp.Count(this=figure.this.copy(), big_int=True)]
    return [figure.copy()]


def resumed(figure: exp.AggFunc, part: Part, grouped: bool) -> exp.Expr:
    """Return what *figure* is of the summaries in *part*; without groups, a count of nothing is 0."""
    columns = [part.column(piece) for piece in _pieces(figure)]
    if isinstance(figure, exp.Avg):
        return exp.maybe_parse(f"SUM({_sql(columns[0])}) / NULLIF(SUM({_sql(columns[1])}), 0)", dialect=DIALECT)
    if isinstance(figure, exp.Count):
        total = f"SUM({_sql(columns[0])})"
        total = total if grouped else f"COALESCE({total}, 0)"
        return exp.maybe_parse(f"CAST({total} AS BIGINT)", dialect=DIALECT)
    return type(figure)(this=columns[0])


def _sql(node: exp.Expr) -> str:
    return node.sql(dialect=DIALECT)

"""Queries that no question means: figures of figures, ages compared with dates, rankings that nothing ranks. Better
refused than answered, however well the words matched."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from core.models.offline import ir
from core.models.offline.catalog import Catalog
from core.models.offline.reader import Unread
from core.models.offline.tables import expressions, query_tables
from core.models.offline.words import Token

_RANKING = frozenset({"most", "least", "best", "worst", "highest", "lowest", "top", "bottom"})
_BOUNDS = frozenset({"at", "the", "than", "and", "or"})
_DIFFERENT = frozenset({"different", "distinct", "unique", "various"})
_YEARS = range(1000, 3000)


def refuse_doubtful(
    query: ir.Query, tokens: Sequence[Token], unranked: bool, figures: AbstractSet[ir.Metric], catalog: Catalog
) -> None:
    """Raise Unread when *query* can't be what the question asks."""
    said = [token.lower for token in tokens if token.kind == "word"]
    if unranked and not _ranks(query):
        raise Unread("ranked by what?")
    if _counts_itself(query, catalog):
        raise Unread("rows counted by themselves")
    if _asks_rank(said) and not _ranks(query):
        raise Unread("a superlative that nothing is ordered by")
    if lost := figures - {ir.innermost(expr) for expr in _measured(query)}:
        raise Unread(f"{len(lost)} figures asked for and not shown")
    for condition in _flat([*query.where, *query.having]):
        if isinstance(condition, ir.Compare) and _senseless(condition):
            raise Unread("a comparison of different things")
    for expr in [*query.select, *(expr for expr, _ in query.order)]:
        if isinstance(expr, ir.Agg) and isinstance(expr.of, ir.Agg | ir.Metric):
            raise Unread("a figure of a figure")
        if _counts_dates(expr) and not _DIFFERENT & set(said):
            raise Unread("a count of dates")


def _counts_itself(query: ir.Query, catalog: Catalog) -> bool:
    """Say whether rows are ranked or chosen by how many of themselves there are: always one."""
    tables = {*query_tables(query), *query.needs}
    figures = [expr for expr, _ in query.order] + [c.left for c in query.having if isinstance(c, ir.Compare)]
    if len(tables) != 1 or ir.Agg("count", ir.Star(table := next(iter(tables)))) not in figures:
        return False
    known = catalog.tables[table]
    keys = known.primary_columns if len(known.primary_columns) == 1 else ()
    grouped = query.group or query.select
    return bool(keys) and any(
        isinstance(e, ir.Col) and (e.column in keys or (not query.group and e.column in known.display)) for e in grouped
    )


def _measured(query: ir.Query) -> Iterable[ir.Expr]:
    yield from expressions(query)
    for condition in _flat([*query.where, *query.having]):
        if isinstance(condition, ir.Compare):
            yield condition.left
            if isinstance(condition.right, ir.Query):
                yield from _measured(condition.right)


def _asks_rank(said: Sequence[str]) -> bool:
    """Say whether a superlative ends a clause: "returned most"; "at most" and "most of" are none."""
    return any(
        word in _RANKING and (place == 0 or said[place - 1] != "at") and said[place + 1 : place + 2] != ["of"]
        for place, word in enumerate(said)
    )


def _ranks(query: ir.Query) -> bool:
    if query.order or any(_extreme(expr) for expr in query.select):
        return True
    if query.combined and _ranks(query.combined[1]):
        return True
    return any(_inner_ranks(condition) for condition in _flat([*query.where, *query.having]))


def _inner_ranks(condition: ir.Condition) -> bool:
    inner = getattr(condition, "right", None) if isinstance(condition, ir.Compare) else None
    inner = condition.query if isinstance(condition, ir.Member) else inner
    return isinstance(inner, ir.Query) and _ranks(inner)


def _extreme(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Growth) or (isinstance(expr, ir.Agg) and expr.function in ("max", "min"))


def _senseless(condition: ir.Compare) -> bool:
    """Say whether a date is compared with a plain number, or dates are counted against one."""
    if not isinstance(condition.right, int | float) or condition.op in ("=", "!="):
        return False
    left = condition.left
    dated = isinstance(left, ir.Col) and left.column.kind == "date"
    return (dated and condition.right not in _YEARS) or _counts_dates(left)


def _counts_dates(expr: ir.Expr) -> bool:
    return (
        isinstance(expr, ir.Agg)
        and expr.function == "count"
        and isinstance(expr.of, ir.Col)
        and expr.of.column.kind in ("date", "time")
    )


def _flat(conditions: Iterable[ir.Condition]) -> Iterable[ir.Condition]:
    for condition in conditions:
        if isinstance(condition, ir.Either | ir.Every):
            yield from _flat(condition.parts)
        elif isinstance(condition, ir.Not):
            yield from _flat([condition.of])
        else:
            yield condition

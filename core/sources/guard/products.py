"""Joins that multiply: tables of one SELECT that no condition ties together."""

from math import prod

from sqlglot import exp

from core.errors import QueryRefused
from core.sources.guard.functions import called
from core.sources.guard.readable import fold
from core.sources.guard.resources import SERIES, series_length
from core.sources.guard.scope import Level, Scopes, Source

MAX_ROWS = 100_000_000

# Taken where nothing is known: a table of unknown size, a series that follows the data, a subquery.
_UNKNOWN_TABLE, _UNKNOWN_SERIES, _SUBQUERY = 10_000, 1_000, 100


def require_small_products(scopes: Scopes) -> None:
    """Raise QueryRefused when a SELECT would pair more rows than a server should go through."""
    for level in scopes.levels:
        if len(level.sources) < 2:
            continue
        groups = _tied(level, scopes.dialect)
        if len(groups) < 2:
            continue
        rows = prod(max(_rows(source, scopes.dialect) for source in group) for group in groups)
        if rows > MAX_ROWS:
            names = ", ".join(group[0].alias or "a subquery" for group in groups)
            raise QueryRefused(
                "cross-join", f"Nothing ties {names} together, so every row would be paired with every other. Add ON."
            )


def _tied(level: Level, dialect: str) -> list[list[Source]]:
    """Return the sources in groups, each tied together by conditions."""
    groups = {id(source): [source] for source in level.sources}

    def tie(sources: list[Source]) -> None:
        for other in sources[1:]:
            first, second = groups[id(sources[0])], groups[id(other)]
            if first is not second:
                first += second
                for source in second:
                    groups[id(source)] = first

    for condition in _conditions(level):
        tie(_mentioned(condition, level, dialect))
    for source in level.sources:
        outward = _mentioned(source.node, level, dialect) if source.table is None else []
        tie([source, *(other for other in outward if other is not source)])
    for position, source in enumerate(level.sources):
        if _merges(source) and position:
            tie([source, level.sources[position - 1]])
    return list({id(group): group for group in groups.values()}.values())


def _merges(source: Source) -> bool:
    join = source.node.parent
    return isinstance(join, exp.Join) and bool(join.args.get("using") or join.args.get("method"))


def _conditions(level: Level) -> list[exp.Expr]:
    select = level.select
    if not isinstance(select, exp.Select):
        return []
    joins = [*(select.args.get("joins") or ())]
    joins += [join for source in level.sources for join in source.node.args.get("joins") or ()]
    found = [join.args["on"] for join in joins if join.args.get("on") is not None]
    if where := select.args.get("where"):
        found.append(where.this)
    pieces: list[exp.Expr] = []
    for condition in found:
        pieces += list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
    return pieces


def _mentioned(node: exp.Expr, level: Level, dialect: str) -> list[Source]:
    found: dict[int, Source] = {}
    for column in node.find_all(exp.Column):
        owner, name = fold(column.args.get("table"), dialect), fold(column.this, dialect)
        for source in level.sources:
            holds = source.columns is None or name in source.columns
            if source.alias == owner if owner else holds:
                found[id(source)] = source
                break
    return list(found.values())


def _rows(source: Source, dialect: str) -> float:
    if source.table is not None:
        return _UNKNOWN_TABLE if source.table.rows is None else max(1, source.table.rows)
    unnested = source.node.expressions[:1] if isinstance(source.node, exp.Unnest) else []
    call = unnested[0] if unnested else source.node.this
    if isinstance(call, exp.Anonymous) and called(call, dialect) in SERIES:
        return max(1.0, series_length(call, dialect) or _UNKNOWN_SERIES)
    return _SUBQUERY

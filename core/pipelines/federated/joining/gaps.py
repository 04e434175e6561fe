"""Whether a join can do without an operation that gave nothing, and which of its columns are then empty.

It can where the operation only adds columns to rows of others (an outer join), and no figure would look like one that
is not: a count of nothing is 0, an absence of nothing is everything.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError


def gaps(sql: str, lost: Collection[str], known: Mapping[str, Sequence[str]]) -> dict[str, list[str]] | None:
    """Return the columns of each of the *lost* operations that *sql* reads; None when it can't do without one.

    *known* are the columns of those whose query tells them.
    """
    try:
        tree = parse_one(sql, dialect="duckdb")
    except SqlglotError:
        return None
    names = {name.casefold(): name for name in lost}
    found: dict[str, list[str]] = {}
    for table in tree.find_all(exp.Table):
        name = names.get(table.name.casefold())
        if name is None:
            continue
        if not _can_go(table, known.get(name, ())):
            return None
        columns = [*known.get(name, ()), *_read(table)]
        found[name] = list({column.casefold(): column for column in [*found.get(name, []), *columns]}.values())
    return found


def _can_go(table: exp.Table, known: Sequence[str]) -> bool:
    join = table.parent
    if not isinstance(join, exp.Join) or join.side.upper() not in ("LEFT", "FULL"):
        return False
    select = join.parent
    return isinstance(select, exp.Select) and all(_harmless(column, join) for column in _columns(table, select, known))


def _columns(table: exp.Table, select: exp.Select, known: Sequence[str]) -> list[exp.Column]:
    alias, own = table.alias_or_name.casefold(), {name.casefold() for name in known}
    return [
        column
        for column in select.find_all(exp.Column)
        if column.table.casefold() == alias or (not column.table and column.name.casefold() in own)
    ]


def _harmless(column: exp.Column, own: exp.Join) -> bool:
    """Tell whether *column*, being NULL in every row, leaves other rows and figures as they are."""
    if column.find_ancestor(exp.Join) is own:
        return True
    if column.find_ancestor(exp.Where, exp.Having, exp.Count, exp.Coalesce, exp.Case, exp.Is) is not None:
        return False
    join = column.find_ancestor(exp.Join)
    return join is None or bool(join.side)


def _read(table: exp.Table) -> list[str]:
    join = table.parent
    select = table.find_ancestor(exp.Select)
    if select is None or not isinstance(join, exp.Join):
        return []
    alias = table.alias_or_name.casefold()
    named = [one.name for one in select.find_all(exp.Column) if one.table.casefold() == alias]
    return [*named, *(one.name for one in join.args.get("using") or ())]

"""Column policy: a query reaches the columns its reader may read and no others, `*` included.

Names are checked where they can be told apart. Wherever a name might still reach past them (a row taken whole, a
natural join, a name that an inner table could capture), the table is read through a subquery of its readable columns,
in which the others do not exist.
"""

from difflib import get_close_matches

from sqlglot import exp

from core.errors import QueryRefused
from core.sources.guard.canonical import TEXT_QUOTES
from core.sources.guard.readable import fold
from core.sources.guard.scope import Level, Scopes, Source

_ROWID = {"rowid", "_rowid_", "oid"}


def require_readable_columns(scopes: Scopes) -> None:
    """Raise QueryRefused for a column that may not be read; rewrite the tree so that `*` reaches no others."""
    for level in scopes.levels:
        for column in level.columns:
            if isinstance(column.this, exp.Star):
                continue
            _settle(column, level, scopes.dialect)
        _settle_joins(level, scopes.dialect)
    for level in scopes.levels:
        _spell_out_stars(level, scopes.dialect)
    for level in scopes.levels:
        for source in level.sources:
            if source.doubtful and source.table is not None and source.table.narrowed:
                _read_through_subquery(source)


def _settle(column: exp.Column, level: Level, dialect: str) -> None:
    parts = [fold(part, dialect) for part in column.parts]
    if len(parts) > 1 and (source := _source_of(column, parts, level)) is not None:
        name = parts[-1] if source.alias == parts[-2] else parts[parts.index(source.alias) + 1]
        if source.table is not None and not _has(source, name):
            raise _unreadable(name, source)
        for key in ("db", "catalog"):
            if len(parts) > 2 and source.alias == parts[-2]:
                column.set(key, None)
        return
    _settle_name(column, parts[0], level, dialect)


def _source_of(column: exp.Column, parts: list[str], level: Level) -> Source | None:
    """Return the source that qualifies *column*: table.column, schema.table.column, or table.column.field."""
    for outer in level.outward():
        for position in (-2, 0):
            for source in outer.sources:
                if source.alias == parts[position]:
                    return source
    return None


def _settle_name(column: exp.Column, name: str, level: Level, dialect: str) -> None:
    if _is_text(column, name, level, dialect):
        column.replace(exp.Literal.string(column.name))
        return
    for outer in level.outward():
        tables = [source for source in outer.sources if source.table is not None]
        if any(_has(source, name) for source in tables) or any(name in (s.columns or ()) for s in outer.sources):
            return
        for source in tables:
            source.doubtful |= _might_hold(source, name) and not _is_output_name(column, name, outer)
        if name in outer.outputs:
            return
        whole = [source for source in outer.sources if source.alias == name]
        if whole or any(source.columns is None for source in outer.sources):
            for source in whole or tables:
                source.doubtful = True
            return
    raise _unreadable(name, *(source for outer in level.outward() for source in outer.sources))


def _has(source: Source, name: str) -> bool:
    table = source.table
    if table is None:
        return name in (source.columns or ())
    return table.open or (source.columns is not None and name in source.columns) or (table.rowid and name in _ROWID)


def _might_hold(source: Source, name: str) -> bool:
    return source.table is not None and (source.table.hidden is None or name in source.table.hidden)


def _is_output_name(column: exp.Column, name: str, level: Level) -> bool:
    """Whether *column* names an output in ORDER BY or GROUP BY, where no table is asked first for an unseen name."""
    if name not in level.outputs:
        return False
    parent = column.parent
    return isinstance(parent, exp.Group) or (isinstance(parent, exp.Ordered) and isinstance(parent.parent, exp.Order))


def _is_text(column: exp.Column, name: str, level: Level, dialect: str) -> bool:
    """SQLite takes "x" for text where there is no such column; so do we, where we know all columns."""
    if dialect != "sqlite" or not column.this.meta.get(TEXT_QUOTES) or column.table or name in _ROWID:
        return False
    for outer in level.outward():
        if name in outer.outputs or any(s.columns is None or name in s.columns for s in outer.sources):
            return False
        if any(source.table is not None and name in (source.table.hidden or ()) for source in outer.sources):
            return False
    return True


def _settle_joins(level: Level, dialect: str) -> None:
    for join in level.select.find_all(exp.Join) if level.select is not None else ():
        names = [
            fold(name.this if isinstance(name, exp.Column) else name, dialect) for name in join.args.get("using") or ()
        ]
        natural = (join.args.get("method") or "").upper() == "NATURAL"
        for source in level.sources:
            unknown = any(not _has(source, name) and _might_hold(source, name) for name in names)
            source.doubtful |= source.table is not None and (natural or unknown)


def _spell_out_stars(level: Level, dialect: str) -> None:
    """Write `*` and `table.*` as the columns they stand for; where that can't be done, read through subqueries."""
    stars = {id(star) for star in level.wide}
    if isinstance(level.select, exp.Select):
        items: list[exp.Expr] = []
        for item in level.select.expressions:
            columns = _columns_of(item, level, dialect)
            stars -= {id(item.this if isinstance(item, exp.Column) else item)} if columns else set()
            items += columns or [item]
        level.select.set("expressions", items)
    for source in level.sources if stars else ():
        source.doubtful |= source.table is not None


def _columns_of(item: exp.Expr, level: Level, dialect: str) -> list[exp.Column]:
    """Return the columns that a plain `*` or `table.*` stands for, or nothing when they can't be told."""
    star = item.this if isinstance(item, exp.Column) else item
    if not isinstance(star, exp.Star) or any(star.args.values()):
        return []
    owner = fold(item.args.get("table"), dialect) if isinstance(item, exp.Column) else None
    tables = {source: source.table for source in level.sources if owner is None or source.alias == owner}
    if (owner is None and _joins_merge(level)) or not any(table and table.narrowed for table in tables.values()):
        return []
    if any(table is None or source.columns is None or source.doubtful for source, table in tables.items()):
        return []
    several = len(level.sources) > 1
    return [
        _column(source, name, several) for source, table in tables.items() if table for name in table.columns.values()
    ]


def _joins_merge(level: Level) -> bool:
    """Whether a join leaves out or unites columns, so that `*` is less than all columns."""
    joins = level.select.args.get("joins") or () if level.select is not None else ()
    nested = any(source.node.args.get("joins") for source in level.sources)
    return nested or any(
        join.args.get("using") or join.args.get("method") or join.kind in ("SEMI", "ANTI") for join in joins
    )


def _column(source: Source, name: str, qualified: bool) -> exp.Column:
    alias = source.node.args.get("alias")
    table = (alias.this if alias is not None and alias.this else source.node.this).copy() if qualified else None
    return exp.Column(this=exp.to_identifier(name, quoted=True), table=table)


def _read_through_subquery(source: Source) -> None:
    node, table = source.node, source.table
    if not isinstance(node, exp.Table) or table is None:
        return
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(node.name, quoted=node.this.quoted))
    inner = exp.Table(**{key: value for key, value in node.args.items() if key in ("this", "db", "sample", "only")})
    columns = [exp.Column(this=exp.to_identifier(name, quoted=True)) for name in table.columns.values()]
    through = exp.Subquery(this=exp.Select(expressions=columns, from_=exp.From(this=inner)), alias=alias)
    for key in ("joins", "pivots"):
        if node.args.get(key):
            through.set(key, node.args[key])
    node.replace(through)


def _unreadable(name: str, *sources: Source) -> QueryRefused:
    known = {n for source in sources for n in (source.columns or ())}
    hidden = any(source.table is not None and name in (source.table.hidden or ()) for source in sources)
    near = get_close_matches(name, known, 1)
    hint = f"Did you mean {near[0]}?" if near else "Use the columns of the source's schema."
    if hidden:
        return QueryRefused("hidden-column", f"You may not read the column {name}. {hint}")
    return QueryRefused("unknown-column", f"There is no column {name} that you may read here. {hint}")

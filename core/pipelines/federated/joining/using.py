"""Joins by USING between columns of different types: the column of the wrong type is converted before they meet."""

from collections.abc import Callable, Iterator, Mapping

from sqlglot import exp

from levada.v1.catalog_pb2 import Schema

Kind = exp.DType
Tables = Mapping[str, Mapping[str, Kind]]
Convert = Callable[[exp.Expr, Kind, Kind], exp.Expr | None]
"""Returns a column of a type so that it can be compared with the other type; None when it is the other's turn."""


def with_alike_keys(tree: exp.Expr, schema: Schema, converted: Convert) -> bool:
    """Convert such columns in *tree* (DuckDB's, over *schema*); return whether there were any.

    Queries within are left as they are, for their types are not known here, and so are rows that an outer join keeps:
    what can't be converted would be missing in them.
    """
    tables = {one.name: {c.name.casefold(): _kind(c.native_type) for c in one.columns} for one in schema.tables}
    known = {name.casefold(): columns for name, columns in tables.items()}
    changed: dict[int, tuple[exp.Table, dict[str, exp.Expr]]] = {}
    for join in list(tree.find_all(exp.Join)):
        for one, other, name in _met(join, known):
            kinds = known[one.name.casefold()][name.casefold()], known[other.name.casefold()][name.casefold()]
            new = None if kinds[0] == kinds[1] else converted(exp.column(name), *kinds)
            if new is not None:
                changed.setdefault(id(one), (one, {}))[1][name.casefold()] = new
    names = {one.name.casefold(): [column.name for column in one.columns] for one in schema.tables}
    for table, converts in changed.values():
        table.replace(_read(table, names[table.name.casefold()], converts))
    return bool(changed)


def _met(join: exp.Join, known: Tables) -> Iterator[tuple[exp.Table, exp.Table, str]]:
    """Yield the table whose column may be converted, the one that it meets, and the column's name; both ways round."""
    select = join.parent
    if not isinstance(select, exp.Select) or not isinstance(join.this, exp.Table):
        return
    joins = select.args["joins"]
    before = [part.this for part in (select.args["from_"], *joins[: joins.index(join)])]
    for column in join.args.get("using") or ():
        own = [one for one in (*before, join.this) if isinstance(one, exp.Table)]
        having = [one for one in own if column.name.casefold() in known.get(one.name.casefold(), ())]
        if len(having) < 2 or having[-1] is not join.this:
            continue
        left, right = having[0], having[-1]
        if join.side in ("", "LEFT"):
            yield right, left, column.name
        if join.side in ("", "RIGHT"):
            yield left, right, column.name


def _read(table: exp.Table, names: list[str], new: Mapping[str, exp.Expr]) -> exp.Subquery:
    shown = [exp.alias_(new.get(name.casefold(), exp.column(name, quoted=True)), name, quoted=True) for name in names]
    bare = exp.Table(this=table.this.copy())
    return exp.select(*shown).from_(bare).subquery(table.alias_or_name)


def _kind(native: str) -> Kind:
    return exp.DataType.build(native or "NULL", dialect="duckdb").this

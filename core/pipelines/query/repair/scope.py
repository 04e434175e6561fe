"""What the names in a query stand for: the tables of each SELECT, by alias, as far as the schema knows them."""

from collections.abc import Iterator

from sqlglot import exp

from levada.v1.catalog_pb2 import Schema, Table


def tables_by_name(schema: Schema) -> dict[str, Table]:
    return {table.name.lower(): table for table in schema.tables}


def named_within(tree: exp.Expr) -> set[str]:
    """Return the names that WITH gives, folded."""
    return {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}


def parts(select: exp.Select) -> Iterator[exp.Expr]:
    """Return what *select* reads from, in order."""
    source = select.args.get("from_")
    if source is not None:
        yield source.this
    for join in select.args.get("joins") or ():
        yield join.this


def in_scope(node: exp.Expr, schema: Schema) -> dict[str, Table]:
    """Return the tables that a column at *node* can belong to, by alias, the nearest SELECT's first."""
    known = tables_by_name(schema)
    found: dict[str, Table] = {}
    select = node.find_ancestor(exp.Select)
    while isinstance(select, exp.Select):
        for part in parts(select):
            if isinstance(part, exp.Table) and part.name.lower() in known:
                found.setdefault(part.alias_or_name, known[part.name.lower()])
        select = select.find_ancestor(exp.Select)
    return found


def outputs(tree: exp.Expr) -> set[str]:
    """Return the names that some SELECT gives its columns, folded."""
    return {alias.alias.lower() for alias in tree.find_all(exp.Alias)}


def column_names(table: Table) -> set[str]:
    return {column.name.lower() for column in table.columns}


def spelled(name: str) -> exp.Identifier:
    """Return *name* as an identifier, quoted unless it is plain."""
    plain = name.isidentifier() and name.islower() and name.isascii()
    return exp.to_identifier(name, quoted=not plain)

"""Rules for names that do not exist: the nearest table, the nearest column, the table that has the column."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process, utils
from sqlglot import exp

from core.pipelines.query.repair.scope import column_names, in_scope, named_within, spelled, tables_by_name
from core.pipelines.query.repair.trouble import Trouble
from levada.v1.catalog_pb2 import Schema

NEAR = 70.0


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the name most like *name*, unless none is like it or two are equally so."""
    ranked = process.extract(name, list(known), scorer=fuzz.WRatio, processor=utils.default_process, limit=2)
    if not ranked or ranked[0][1] < NEAR:
        return None
    if len(ranked) > 1 and ranked[1][1] == ranked[0][1]:
        closer = sorted((fuzz.ratio(name.lower(), found.lower()), found) for found, _, _ in ranked)
        return closer[-1][1] if closer[-1][0] > closer[0][0] else None
    return ranked[0][0]


def nearest_table(tree: exp.Expr, trouble: Trouble, schema: Schema) -> str:
    """Read from the table whose name is nearest to the one that does not exist."""
    known, within = tables_by_name(schema), named_within(tree)
    wrong = [
        table
        for table in tree.find_all(exp.Table)
        if table.name.lower() == trouble.name.lower() and table.name.lower() not in within
    ]
    if not wrong:
        return ""
    found = nearest(wrong[0].name, (table.name for table in schema.tables)) or _same_words(trouble.name, known)
    if found is None or found.lower() == trouble.name.lower():
        return ""
    for table in wrong:
        _rename(tree, table, found, known[found.lower()].namespace)
    return f"There is no table {trouble.name}; {found} is the nearest."


def _same_words(name: str, known: dict) -> str | None:
    return known[name.lower()].name if name.lower() in known else None


def _rename(tree: exp.Expr, table: exp.Table, name: str, namespace: str) -> None:
    old = table.name
    if not table.alias:
        for column in tree.find_all(exp.Column):
            if column.table.lower() == old.lower():
                column.set("table", spelled(name))
    table.set("this", spelled(name))
    table.set("db", spelled(namespace) if namespace else None)


def nearest_column(tree: exp.Expr, trouble: Trouble, schema: Schema) -> str:
    """Use the column that is meant: the same name in another table in scope, else the nearest name."""
    for column in tree.find_all(exp.Column):
        if not _complained_of(column, trouble):
            continue
        scope = in_scope(column, schema)
        owners = [alias for alias, table in scope.items() if column.name.lower() in column_names(table)]
        if owners and column.table not in owners:
            return _requalify(tree, column, owners[0])
        if said := _renamed(tree, column, scope, trouble):
            return said
    return ""


def _complained_of(column: exp.Column, trouble: Trouble) -> bool:
    if trouble.name and column.name.lower() != trouble.name.lower():
        return False
    return not trouble.qualifier or column.table.lower() == trouble.qualifier.lower()


def _requalify(tree: exp.Expr, column: exp.Column, owner: str) -> str:
    was, name = column.table, column.name
    for other in list(tree.find_all(exp.Column)):
        if other.name == name and other.table == was:
            other.set("table", exp.to_identifier(owner, quoted=not owner.isidentifier()))
    return f"{f'{was}.' if was else ''}{name} does not exist; {owner}.{name} does."


def _renamed(tree: exp.Expr, column: exp.Column, scope: dict, trouble: Trouble) -> str:
    own = {column.table: scope[column.table]} if column.table in scope else scope
    candidates = {known.name: alias for alias, table in reversed(own.items()) for known in table.columns}
    found = nearest(column.name, candidates)
    if found is None or found == column.name:
        return ""
    was, qualifier = column.name, column.table
    for other in list(tree.find_all(exp.Column)):
        if other.name == was and other.table == qualifier:
            other.set("this", spelled(found))
            if not qualifier and len(scope) > 1:
                other.set("table", exp.to_identifier(candidates[found]))
    return f"There is no column {was}; {found} is the nearest."

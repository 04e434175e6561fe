"""Rule for a column that several tables have: say which."""

from sqlglot import exp

from core.pipelines.query.repair.scope import column_names, in_scope
from core.pipelines.query.repair.trouble import Trouble
from levada.v1.catalog_pb2 import Schema


def qualify(tree: exp.Expr, trouble: Trouble, schema: Schema) -> str:
    """Take the column from the first table of FROM that has it."""
    chosen = ""
    for column in list(tree.find_all(exp.Column)):
        if column.table or column.name.lower() != trouble.name.lower():
            continue
        scope = in_scope(column, schema)
        owners = [alias for alias, table in scope.items() if column.name.lower() in column_names(table)]
        if len(owners) > 1:
            column.set("table", exp.to_identifier(owners[0], quoted=not owners[0].isidentifier()))
            chosen = chosen or f"{' and '.join(owners)} both have {column.name}; {owners[0]}.{column.name} is taken."
    return chosen

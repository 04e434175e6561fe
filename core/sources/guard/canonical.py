"""One form for what a dialect can say in several, so that every check meets it: names folded, calls as calls."""

from sqlglot import exp

from core.sources.guard.readable import fold

TEXT_QUOTES = "text_quotes"


def canonical(root: exp.Expr, sql: str, dialect: str) -> exp.Expr:
    """Return *root* with each dialect's roundabout ways made plain. Positions in it refer to *sql*."""
    if dialect == "postgres":
        for name in root.find_all(exp.Identifier):
            name.set("this", fold(name, dialect))
            name.set("quoted", True)
    elif dialect == "sqlite":
        for node in list(root.find_all(exp.Identifier, exp.In)):
            if isinstance(node, exp.In):
                _read_list_as_query(node)
            elif node.args.get("quoted") and sql[node.meta.get("start", 0)] == '"':
                node.meta[TEXT_QUOTES] = True
    elif dialect == "mysql":
        for clause in list(root.find_all(exp.From)):
            if _is_dual(clause.this):
                clause.pop()
    elif dialect == "duckdb":
        for dot in list(root.find_all(exp.Dot)):
            _call_plainly(dot)
    return root


def _is_dual(table: exp.Expr) -> bool:
    """Whether *table* is MySQL's word for no table at all, which in quotes would be a table's name."""
    return isinstance(table, exp.Table) and table.name.lower() == "dual" and not (table.db or table.this.quoted)


def _read_list_as_query(condition: exp.In) -> None:
    """`x IN t` reads the table t: say so."""
    field = condition.args.get("field")
    if isinstance(field, exp.Column) and isinstance(field.this, exp.Identifier):
        table = exp.Table(this=field.this, db=field.args.get("table"), catalog=field.args.get("db"))
        query = exp.Select(expressions=[exp.Star()], from_=exp.From(this=table))
        condition.set("field", None)
        condition.set("query", exp.Subquery(this=query))


def _call_plainly(dot: exp.Dot) -> None:
    """`x.f(y)` calls f(x, y), whatever x is."""
    call = dot.expression
    if not isinstance(call, exp.Anonymous):
        return
    subject = dot.this
    if isinstance(subject, exp.Identifier) and not _is_lambda_name(subject):
        subject = exp.Column(this=subject)
    call.set("expressions", [subject, *call.expressions])
    dot.replace(call)


def _is_lambda_name(name: exp.Identifier) -> bool:
    function = name.find_ancestor(exp.Lambda)
    while function is not None:
        if any(isinstance(bound, exp.Identifier) and bound.name == name.name for bound in function.expressions):
            return True
        function = function.find_ancestor(exp.Lambda)
    return False

"""The kinds of syntax that only read. Any other node, wherever it stands in the tree, refuses the query."""

from sqlglot import exp

from core.errors import QueryRefused

QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)

_READING = """
Select Union Except Intersect Subquery CTE With Values From Join Table TableAlias Lateral Unnest Pivot PivotAlias
PivotAny UnpivotColumns TableSample RecursiveWithSearch
Where Group Having Qualify Order Ordered Limit Offset Fetch LimitOptions Distinct Cube Rollup GroupingSets
Window WindowSpec Filter WithinGroup IgnoreNulls RespectNulls
Alias Aliases Column Identifier Star Tuple Paren Dot Var Anonymous
Literal Null Boolean National ByteString HexString BitString UnicodeString RawString Introducer Heredoc
And Or Xor Not EQ NEQ GT GTE LT LTE Is Like ILike SimilarTo RegexpLike RegexpILike Glob Match Escape Between In Any
All Exists NullSafeEQ NullSafeNEQ Overlaps
Add Sub Mul Div IntDiv Mod Pow Neg DPipe Concat Collate Distance Sqrt Cbrt Abs BitwiseAnd BitwiseOr BitwiseXor
BitwiseNot BitwiseLeftShift BitwiseRightShift StartsWith
Case If Cast TryCast DataType DataTypeParam ColumnDef Interval IntervalSpan AtTimeZone Extract Substring Trim
StrPosition Overlay Chr GroupConcat
Array List Struct Bracket Slice Lambda PropertyEQ Kwarg Comprehension ToMap Map Variadic Columns PositionalColumn
JSONExtract JSONExtractScalar JSONBExtract JSONBExtractScalar JSONBContains JSONBContainsAllTopKeys
JSONBContainsAnyTopKeys JSONBContainsTopKey JSONBPathExists JSONBDeleteAtPath JSONArrayContains ArrayContainsAll
ArrayContainedBy ArrayOverlaps JSONObject JSONKeyValue JSONTable JSONSchema JSONColumnDef MatchAgainst
CurrentDate CurrentTime CurrentTimestamp Localtime Localtimestamp
IndexTableHint WithTableHint
"""
_ALLOWED = frozenset(getattr(exp, name) for name in _READING.split() if hasattr(exp, name))

_WHY: dict[type[exp.Expr], tuple[str, str]] = {
    exp.Into: ("select-into", "SELECT ... INTO writes a table, a file or a variable. Leave INTO out."),
    exp.Lock: ("locking-clause", "FOR UPDATE and FOR SHARE lock rows. Leave the locking clause out."),
    exp.Parameter: ("parameter", "A query here takes no parameters and no variables. Write the value itself."),
    exp.SessionParameter: ("server-variable", "Server variables can't be read here. Ask only for the data."),
    exp.Placeholder: ("parameter", "A query here takes no parameters. Write the value itself."),
    exp.Hint: ("optimizer-hint", "Optimizer hints can change settings. Leave the /*+ ... */ comment out."),
    exp.Operator: ("qualified-operator", "OPERATOR(schema.name) is not allowed. Write the operator itself."),
    exp.ObjectIdentifier: ("catalog-type", "Types such as regclass read the server's catalogue. Leave the cast out."),
    exp.PseudoType: ("catalog-type", "Pseudo-types can't be cast to. Leave the cast out."),
}
_SESSION = (exp.CurrentUser, exp.CurrentRole, exp.CurrentSchema, exp.CurrentCatalog, exp.SessionUser)


def require_query(statements: list[exp.Expr | None]) -> exp.Expr:
    """Return the one statement there is, if it is a query. Raises QueryRefused."""
    given = [s for s in statements if s is not None and not isinstance(s, exp.Semicolon)]
    if len(given) != 1:
        raise QueryRefused("one-statement", "Exactly one statement can be run at a time. Write one SELECT.")
    root = given[0]
    if not isinstance(root, (*QUERIES, exp.Pivot)):
        raise QueryRefused(
            "not-a-query", f"{_called(root)} is not a query. Only SELECT can be run here: data is read, never changed."
        )
    return root


def require_reading(root: exp.Expr, *, bound: bool = False) -> list[exp.Expr]:
    """Return all nodes of the tree. Raises QueryRefused when one of them does more than read.

    Places for values may be among them when those are *bound*.
    """
    nodes = list(root.walk())
    for node in nodes:
        if type(node) not in _ALLOWED and not (bound and type(node) is exp.Placeholder):
            raise _refusal(node)
        if isinstance(node, exp.Select):
            _require_plain_select(node)
    return nodes


def _require_plain_select(select: exp.Select) -> None:
    if any(str(word).upper() == "SQL_CALC_FOUND_ROWS" for word in select.args.get("operation_modifiers") or ()):
        raise QueryRefused("session-state", "SQL_CALC_FOUND_ROWS leaves a count in the session. Use count(*) instead.")


def _refusal(node: exp.Expr) -> QueryRefused:
    if isinstance(node, _SESSION):
        return QueryRefused("session-information", "Users, roles and schemas of the session can't be read here.")
    if rule := _WHY.get(type(node)):
        return QueryRefused(*rule)
    if isinstance(node, (exp.DML, exp.DDL, exp.Command)):
        return QueryRefused("write", f"{_called(node)} changes data, also inside a query. Only reading is allowed.")
    return QueryRefused("unknown-syntax", f"{_called(node)} is not among what can be run here. Write it another way.")


def _called(node: exp.Expr) -> str:
    if isinstance(node, exp.Command):
        return str(node.this).upper()
    return type(node).__name__.upper()

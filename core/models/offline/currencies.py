"""Says so when amounts of several currencies are put into one figure: the figure stands, and what it mixes is told."""

from core.models.offline import ir
from core.models.offline.catalog import Catalog, Column
from core.models.offline.tables import expressions

# Quantities, ages and ratings stand beside a currency without being of it.
MONEY = {"amount", "balance", "budget", "charge", "cost", "expense", "fee", "income", "paid", "payment", "price"} | {
    "revenue",
    "salary",
    "spend",
    "tax",
    "total",
    "turnover",
    "value",
    "wage",
}
# Of ISO 4217, as data holds them.
CODE_LENGTH = 3
SHOWN = 3
PUT = {"sum": "added", "avg": "averaged", "max": "compared", "min": "compared"}


def mixed(query: ir.Query, catalog: Catalog) -> list[str]:
    """Return a remark for each figure of *query* that mixes currencies which its rows name."""
    told = {}
    for expr in expressions(query):
        figure = expr.of if isinstance(expr, ir.Share) else expr
        match figure:
            case ir.Agg(function, ir.Col(column)) if function in PUT and MONEY & set(column.words):
                currency = _currency(catalog, column)
                if currency is not None and not _apart(query, currency):
                    told[column] = _remark(column, currency, PUT[function])
    return list(told.values())


def _currency(catalog: Catalog, of: Column) -> Column | None:
    """Return the column that says of which currency *of* is, where several occur."""
    for column in catalog.tables[of.table].columns:
        codes = {sample for sample in column.samples if len(sample) == CODE_LENGTH and sample.isalpha()}
        if "currency" in column.words and len(codes) > 1 and len(codes) == len(set(column.samples)):
            return column
    return None


def _apart(query: ir.Query, currency: Column) -> bool:
    """Tell whether *query* keeps its rows apart by *currency*, or takes those of one."""
    grouped = any(expr == ir.Col(currency) for expr in [*query.group, *query.select])
    return grouped or any(_names(condition, currency) for condition in query.where)


def _names(condition: ir.Condition, currency: Column) -> bool:
    return isinstance(condition, ir.Compare) and condition.op == "=" and condition.left == ir.Col(currency)


def _remark(column: Column, currency: Column, put: str) -> str:
    codes = sorted(set(currency.samples))
    more = " and others" if len(codes) > SHOWN else ""
    return (
        f"{column.name} is in several currencies ({', '.join(codes[:SHOWN])}{more}), {put} as they stand: "
        f"ask by {currency.name} to keep them apart."
    )

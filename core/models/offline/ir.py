"""The intermediate form between a question and SQL: what is asked, without joins and without a dialect."""

from dataclasses import dataclass, field
from typing import Any

from core.models.offline.catalog import Column


@dataclass(frozen=True)
class Col:
    """The value of a column."""

    column: Column


@dataclass(frozen=True)
class Star:
    """A row of *table*: all its columns when selected, its rows when counted."""

    table: str


@dataclass(frozen=True)
class Agg:
    """An aggregate: *function* is count, sum, avg, min or max."""

    function: str
    of: "Expr"
    distinct: bool = False


@dataclass(frozen=True)
class Metric:
    """A figure of the business: an SQL expression with its condition, from the source's definitions."""

    name: str
    sql: str
    condition: str = ""
    tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bucket:
    """A date cut to its *unit*: year, quarter, month, week, day, weekday or hour."""

    column: Column
    unit: str


@dataclass(frozen=True)
class Share:
    """*of* as a percentage of its total over all groups."""

    of: "Expr"


@dataclass(frozen=True)
class PerRow:
    """*of* divided by the number of different rows of *table*: "orders per customer"."""

    of: "Expr"
    table: str


@dataclass(frozen=True)
class Portion:
    """Percentage of rows of *table* for which *condition* holds."""

    table: str
    condition: "Condition"


@dataclass(frozen=True)
class Growth:
    """*of* within *now* less *of* within *before*: two spans of *column*, both ends as ISO text, the end excluded."""

    of: "Expr"
    column: Column
    now: tuple[str, str]
    before: tuple[str, str]
    relative: bool = True


@dataclass(frozen=True)
class Arith:
    """The difference of two columns."""

    left: Column
    right: Column


Expr = Col | Star | Agg | Metric | Bucket | Share | PerRow | Portion | Growth | Arith


@dataclass(frozen=True)
class Compare:
    """*left* *op* *right*; right is a literal, another column, or a query of one value."""

    left: Expr
    op: str
    right: Any


@dataclass(frozen=True)
class Within:
    """*column* lies in [*start*, *end*), given as ISO dates."""

    column: Column
    start: str
    end: str
    words: str = ""
    unit: str = ""


@dataclass(frozen=True)
class IsNull:
    column: Column
    negated: bool = False


@dataclass(frozen=True)
class Member:
    """*column* is (or is not) among the only column of *query*."""

    column: Column
    query: "Query"
    negated: bool = False


@dataclass(frozen=True)
class Raw:
    """A condition written in SQL by the source's configuration."""

    sql: str
    tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class Not:
    of: "Condition"


@dataclass(frozen=True)
class Either:
    """At least one of *parts* holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class Every:
    parts: tuple["Condition", ...]


Condition = Compare | Within | IsNull | Member | Raw | Not | Either | Every


@dataclass
class Query:
    """What is asked. *needs* are tables that must take part though no expression names them."""

    select: list[Expr] = field(default_factory=list)
    distinct: bool = False
    where: list[Condition] = field(default_factory=list)
    group: list[Expr] = field(default_factory=list)
    having: list[Condition] = field(default_factory=list)
    order: list[tuple[Expr, bool]] = field(default_factory=list)
    limit: int | None = None
    needs: list[str] = field(default_factory=list)
    combined: tuple[str, "Query"] | None = None
    counted: bool = False


def is_aggregate(expr: Expr) -> bool:
    return isinstance(expr, Agg | Metric | Share | PerRow | Portion | Growth)


def innermost(expr: Expr) -> Expr:
    """Return what shares, growths and aggregates are of."""
    while isinstance(expr, Share | PerRow | Growth | Agg):
        expr = expr.of
    return expr


def compares_figure(condition: Condition) -> bool:
    """Say whether *condition* is about a figure of a group (HAVING) rather than about a row (WHERE)."""
    return isinstance(condition, Compare) and is_aggregate(condition.left)

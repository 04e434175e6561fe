"""How a checked tree is written out for each engine: with its own words, every name quoted, no comments."""

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp, generator
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.generators.mysql import MySQLGenerator
from sqlglot.generators.postgres import PostgresGenerator
from sqlglot.generators.sqlite import SQLiteGenerator
from sqlglot.generators.trino import TrinoGenerator

LITERAL = "literal"
"""Marks a cast that was written as a literal of its type: DATE '2024-01-01'."""

Write = Callable[[Any, Any], str]


def _word(text: str) -> Write:
    return lambda writer, node: text


def _arrow(operator: str) -> Write:
    """Engines disagree on how tightly an arrow binds, so it always gets its own brackets."""

    def write(writer: Any, node: exp.Expr) -> str:
        text = f"{writer.sql(node, 'this')} {operator} {writer.sql(node, 'expression')}"
        return text if isinstance(node.parent, exp.Paren) else f"({text})"

    return write


def _infix(operator: str) -> Write:
    return lambda writer, node: writer.binary(node, operator)


_PLAIN: dict[type[exp.Expr], Write] = {
    exp.CurrentDate: _word("CURRENT_DATE"),
    exp.CurrentTime: _word("CURRENT_TIME"),
    exp.CurrentTimestamp: _word("CURRENT_TIMESTAMP"),
    exp.Localtime: _word("LOCALTIME"),
    exp.Localtimestamp: _word("LOCALTIMESTAMP"),
    exp.JSONExtract: _arrow("->"),
    exp.JSONExtractScalar: _arrow("->>"),
    exp.JSONBExtract: _arrow("#>"),
    exp.JSONBExtractScalar: _arrow("#>>"),
    exp.StrPosition: lambda w, n: f"POSITION({w.sql(n, 'substr')} IN {w.sql(n, 'this')})",
    exp.Substring: lambda w, n: w.func("SUBSTRING", n.this, n.args.get("start"), n.args.get("length")),
    exp.Extract: lambda w, n: f"EXTRACT({w.sql(n, 'this')} FROM {w.sql(n, 'expression')})",
}

# Rewritings for engines that lack a construct; here the engine is the one that was written for.
_TRANSLATED = (
    exp.Select, exp.Pivot, exp.Lateral, exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseLeftShift,
    exp.BitwiseRightShift, exp.ILike, exp.TableSample, exp.TryCast, exp.ArrayOverlaps, exp.Xor, exp.Column,
)  # fmt: skip


def _own(base: type[generator.Generator], **words: Write) -> dict[type[exp.Expr], Write]:
    general = generator.Generator.TRANSFORMS
    kept = {node: write for node, write in base.TRANSFORMS.items() if node not in _TRANSLATED}
    plain = {node: general[node] for node in _TRANSLATED if node in general}
    return {**kept, **plain, **_PLAIN, **{getattr(exp, name): write for name, write in words.items()}}


class _Writer(generator.Generator):
    """What all writers share."""

    MULTI_ARG_DISTINCT = True

    def datatype_sql(self, expression: exp.DataType) -> str:
        spelled = expression.args.get("spelled")
        return super().datatype_sql(expression) if not spelled or expression.args.get("kind") else spelled

    def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
        return f"{safe_prefix or ''}CAST({self.sql(expression, 'this')} AS {self.sql(expression, 'to')})"

    def trycast_sql(self, expression: exp.TryCast) -> str:
        return self.cast_sql(expression, "TRY_")

    def not_sql(self, expression: exp.Not) -> str:
        return f"NOT {self.sql(expression, 'this')}"

    def ignorenulls_sql(self, expression: exp.IgnoreNulls) -> str:
        return f"{self.sql(expression, 'this')} IGNORE NULLS"

    def respectnulls_sql(self, expression: exp.RespectNulls) -> str:
        return f"{self.sql(expression, 'this')} RESPECT NULLS"

    def withingroup_sql(self, expression: exp.WithinGroup) -> str:
        return generator.Generator.withingroup_sql(self, expression)

    def trim_sql(self, expression: exp.Trim) -> str:
        position, chars = expression.args.get("position") or "BOTH", self.sql(expression, "expression")
        if not chars and position == "BOTH":
            return self.func("TRIM", expression.this)
        return f"TRIM({position} {chars}{' ' if chars else ''}FROM {self.sql(expression, 'this')})"


class SQLiteWriter(_Writer, SQLiteGenerator):
    TRANSFORMS: ClassVar[dict[Any, Any]] = _own(SQLiteGenerator, RegexpLike=_infix("REGEXP"))


class PostgresWriter(_Writer, PostgresGenerator):
    TRANSFORMS: ClassVar[dict[Any, Any]] = _own(PostgresGenerator, RegexpLike=_infix("~"))


class MySQLWriter(_Writer, MySQLGenerator):
    TRANSFORMS: ClassVar[dict[Any, Any]] = _own(MySQLGenerator, RegexpLike=_infix("RLIKE"), Xor=_infix("XOR"))

    def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
        if expression.to.args.get("spelled", "").lower() == "timestamp":  # the prefix of a literal, no type of CAST
            return self.func("TIMESTAMP", expression.this)
        return super().cast_sql(expression, safe_prefix)


class DuckDBWriter(_Writer, DuckDBGenerator):
    TRANSFORMS: ClassVar[dict[Any, Any]] = _own(DuckDBGenerator, RegexpLike=_infix("~"))


class TrinoWriter(_Writer, TrinoGenerator):
    TRANSFORMS: ClassVar[dict[Any, Any]] = _own(
        TrinoGenerator,
        AtTimeZone=lambda w, n: f"{w.sql(n, 'this')} AT TIME ZONE {w.sql(n, 'zone')}",
        ILike=TrinoGenerator.TRANSFORMS[exp.ILike],  # it has none, and everybody writes it
    )

    def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
        if expression.args.get(LITERAL):
            return f"{self.sql(expression, 'to')} {self.sql(expression, 'this')}"
        return super().cast_sql(expression, safe_prefix)

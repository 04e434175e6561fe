"""How the guard reads and writes each dialect: sqlglot's own grammar, with every call and type kept word for word.

sqlglot knows functions and types in order to translate them; here that would only blur what the server gets. So a
call stays a name with arguments, to be looked up in the engine's own list, and a type stays as it was written.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import Dialect, exp, parser
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.mysql import MySQL
from sqlglot.dialects.postgres import Postgres
from sqlglot.dialects.sqlite import SQLite
from sqlglot.dialects.trino import Trino
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.parsers.mysql import MySQLParser
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.parsers.sqlite import SQLiteParser
from sqlglot.parsers.trino import TrinoParser
from sqlglot.tokens import Token, TokenType

from core.sources.guard.writing import LITERAL, DuckDBWriter, MySQLWriter, PostgresWriter, SQLiteWriter, TrinoWriter

SPELLED = "spelled"

_GLUED = {TokenType.L_PAREN, TokenType.R_PAREN, TokenType.COMMA, TokenType.L_BRACKET, TokenType.R_BRACKET}
# Calls whose arguments are no plain list of expressions.
_OWN_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "POSITION", "OVERLAY", "SUBSTRING", "TRIM")


def _own_syntax(base: type[parser.Parser], *more: str) -> dict[str, Callable[..., Any]]:
    return {name: base.FUNCTION_PARSERS[name] for name in (*_OWN_SYNTAX, *more)}


def _spelling(tokens: list[Token]) -> str:
    """Return a type's words as they were written, spaced so that they read back the same."""
    text = ""
    for token in tokens:
        word = token.text
        if token.token_type == TokenType.IDENTIFIER:
            word = '"' + word.replace('"', '""') + '"'
        elif token.token_type == TokenType.STRING:
            word = "'" + word.replace("'", "''") + "'"
        glued = not text or token.token_type in _GLUED or text[-1] in "(["
        text += word if glued else f" {word}"
    return text


class _Verbatim(parser.Parser):
    """What all parsers share."""

    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    TYPE_CONVERTERS: ClassVar[dict[Any, Any]] = {}

    def _parse_types(self, *args: Any, **kwargs: Any) -> exp.Expr | None:
        start = self._index
        found = super()._parse_types(*args, **kwargs)
        if isinstance(found, exp.DataType):
            found.set(SPELLED, _spelling(self._tokens[start : self._index]))
        return found

    def _parse_interval_span(self, this: exp.Expr, parse_function_unit: bool = True) -> exp.Interval:
        span = super()._parse_interval_span(this, parse_function_unit)
        if this.is_number:
            span.set("this", this)
        return span


def _as_written(self: Dialect, path: exp.Expr | None) -> exp.Expr | None:
    """Leave a JSON path the text it was: each engine has its own path language."""
    return path


def _unit_first(name: str) -> Callable[[list[Any]], exp.Anonymous]:
    """Build a call whose first argument is a word of the grammar, such as MONTH, not a column."""

    def build(args: list[Any]) -> exp.Anonymous:
        if args and isinstance(args[0], exp.Column) and not args[0].this.quoted:
            args[0] = exp.var(args[0].name.upper())
        return exp.Anonymous(this=name, expressions=args)

    return build


class GuardedSQLite(SQLite):
    NORMALIZE_NOT_NULL = False
    to_json_path = _as_written

    class Tokenizer(SQLite.Tokenizer):
        # The first pair is what names are written with: SQLite never takes `x` for a string, but "x" it may.
        IDENTIFIERS: ClassVar[list[Any]] = ["`", '"', ("[", "]")]

    class Parser(_Verbatim, SQLiteParser):
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CAST": parser.Parser.FUNCTION_PARSERS["CAST"]}

    Generator = SQLiteWriter


def _hexadecimal(self: Any, token: Token) -> exp.Expr:
    """Read 0x1F as the number it is since PostgreSQL 16, x'1F' as the bits it always was."""
    if self.sql.startswith(("0x", "0X"), token.start):
        return exp.Literal.number(int(token.text, 16))
    return exp.HexString(this=token.text)


class GuardedPostgres(Postgres):
    NUMBERS_CAN_BE_UNDERSCORE_SEPARATED = True
    to_json_path = _as_written

    class Parser(_Verbatim, PostgresParser):
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = _own_syntax(PostgresParser, "JSON_OBJECT")
        PRIMARY_PARSERS: ClassVar[dict[Any, Any]] = {
            **PostgresParser.PRIMARY_PARSERS,
            TokenType.HEX_STRING: _hexadecimal,
        }
        JSON_OPERATORS: ClassVar[dict[Any, Any]] = {
            **PostgresParser.JSON_OPERATORS,
            TokenType.ARROW: lambda self, this, path: exp.JSONExtract(this=this, expression=path),
            TokenType.DARROW: lambda self, this, path: exp.JSONExtractScalar(this=this, expression=path),
        }

    Generator = PostgresWriter


class GuardedMySQL(MySQL):
    NORMALIZE_NOT_NULL = False
    to_json_path = _as_written

    class Parser(_Verbatim, MySQLParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {
            name: _unit_first(name.lower()) for name in ("TIMESTAMPDIFF", "TIMESTAMPADD", "GET_FORMAT")
        }
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = _own_syntax(
            MySQLParser, "SUBSTR", "CONVERT", "CHAR", "GROUP_CONCAT", "JSON_TABLE", "MATCH"
        )

    Generator = MySQLWriter


class GuardedDuckDB(DuckDB):
    NORMALIZE_NOT_NULL = False
    to_json_path = _as_written

    class Parser(_Verbatim, DuckDBParser):
        _WITHOUT_ARROW: ClassVar[dict[Any, Any]] = {
            token: parse for token, parse in DuckDBParser.LAMBDAS.items() if token != TokenType.ARROW
        }

        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = _own_syntax(DuckDBParser)

        def _parse_lambda(self, alias: bool = False) -> exp.Expr | None:
            """Take `column -> 'path'` for JSON; only `x -> something else` can still be an old-style lambda."""
            after = self._tokens[self._index + 2 : self._index + 3]
            arrow = self._next is not None and self._next.token_type == TokenType.ARROW
            if not (arrow and after and after[0].token_type in (TokenType.STRING, TokenType.NUMBER)):
                return super()._parse_lambda(alias)
            self.LAMBDAS = self._WITHOUT_ARROW  # type: ignore[misc]
            try:
                return super()._parse_lambda(alias)
            finally:
                del self.LAMBDAS

    Generator = DuckDBWriter


def _typed_literal(self: Any, text: exp.Expr, kind: exp.DataType) -> exp.Expr:
    """Keep `TIMESTAMP '…'` as it was written: a cast of the same text would have a precision of its own."""
    return exp.Cast(this=text, to=kind, **{LITERAL: True})


class GuardedTrino(Trino):
    NORMALIZE_NOT_NULL = False
    to_json_path = _as_written

    class Parser(_Verbatim, TrinoParser):
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = _own_syntax(TrinoParser)
        TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = dict.fromkeys(exp.DType, _typed_literal)
        ZONE_AWARE_TIMESTAMP_CONSTRUCTOR = False

    Generator = TrinoWriter


GRAMMARS: dict[str, Dialect] = {
    "sqlite": GuardedSQLite(),
    "postgres": GuardedPostgres(),
    "mysql": GuardedMySQL(),
    "duckdb": GuardedDuckDB(),
    "trino": GuardedTrino(),
}

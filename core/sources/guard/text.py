"""What is refused before any parsing: text too long, unprintable, hidden from a parser, or nested too deep."""

import re

from sqlglot import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

from core.errors import QueryRefused

MAX_LENGTH = 20_000
MAX_TOKENS = 6_000
MAX_NESTING = 24

# Tab, line feed and carriage return are the only control characters that SQL needs; the others, and what turns
# text around or makes it invisible, serve to show people something else than the server reads.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)

# MySQL and MariaDB run what stands in /*! ... */ and /*M! ... */; strings and plain comments are stepped over.
_EXECUTABLE_COMMENT = re.compile(
    r"""'(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*" | `[^`]*` | \#[^\n]* | --(?=\s|$)[^\n]*
        | (?P<runs>/\*M?!) | /\*.*?\*/""",
    re.VERBOSE | re.DOTALL,
)

_STARTS = {"SELECT", "WITH", "VALUES", "TABLE", "FROM", "PIVOT", "UNPIVOT", "("}

_OPENS = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE}
_CLOSES = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END}
# Words and signs of which each opens a level of its own in the parser, without any bracket.
_PREFIXES = {TokenType.NOT, TokenType.DASH, TokenType.PLUS, TokenType.TILDE, TokenType.ARROW, TokenType.INTERVAL}


def require_plain(sql: str, dialect: str) -> None:
    """Raise QueryRefused when *sql* is empty, too long, or holds what people and parsers don't see."""
    if not sql.strip():
        raise QueryRefused("empty", "There is no query. Write one SELECT.")
    if len(sql) > MAX_LENGTH:
        raise QueryRefused(
            "too-long", f"The query has {len(sql):,} characters; at most {MAX_LENGTH:,} are allowed. Shorten it."
        )
    if unseen := _UNSEEN.search(sql):
        raise QueryRefused(
            "control-character",
            f"The query holds an invisible character (U+{ord(unseen[0]):04X}) at position {unseen.start() + 1}. "
            "Remove it.",
        )
    if dialect == "mysql" and any(found["runs"] for found in _EXECUTABLE_COMMENT.finditer(sql)):
        raise QueryRefused(
            "executable-comment", "MySQL runs what stands in /*! ... */ comments. Write the query without them."
        )


def tokens_of(sql: str, grammar: Dialect) -> list[Token]:
    """Return the query's tokens, nested no deeper than the parser can take. Raises QueryRefused."""
    try:
        tokens = grammar.tokenize(sql)
    except SqlglotError as error:
        raise QueryRefused("syntax", f"The query can't be read: {_first_line(error)} Check its quotes.") from error
    if len(tokens) > MAX_TOKENS:
        raise QueryRefused("too-long", f"The query has {len(tokens):,} words; at most {MAX_TOKENS:,} are allowed.")
    if _nesting(tokens) > MAX_NESTING:
        raise QueryRefused(
            "nesting", f"The query is nested more than {MAX_NESTING} levels deep. Use WITH to name its parts."
        )
    _require_one_query(tokens)
    return tokens


def _require_one_query(tokens: list[Token]) -> None:
    ends = [position for position, token in enumerate(tokens) if token.token_type == TokenType.SEMICOLON]
    if ends and any(token.token_type != TokenType.SEMICOLON for token in tokens[ends[0] :]):
        raise QueryRefused("one-statement", "Only one statement can be run at a time. Send the others on their own.")
    if not tokens or ends[:1] == [0]:
        raise QueryRefused("empty", "There is no query. Write one SELECT.")
    first = tokens[0].text.upper()
    if tokens[0].token_type in (TokenType.IDENTIFIER, TokenType.STRING) or first not in _STARTS:
        raise QueryRefused(
            "not-a-query",
            f"{first[:30]} is not how a query begins. Only SELECT can be run: data is read, never changed.",
        )


def _nesting(tokens: list[Token]) -> int:
    depth = deepest = run = 0
    before = None
    for token in tokens:
        kind = token.token_type
        if kind == TokenType.L_BRACKET and before == TokenType.R_BRACKET:
            run += 1  # a[1][1][1]...: each subscript wraps the one before
        elif kind == TokenType.R_BRACKET or before == TokenType.L_BRACKET:
            pass
        else:
            run = run + 1 if kind in _PREFIXES else 0
        before = kind
        if token.token_type in _OPENS:
            depth += 1
        elif token.token_type in _CLOSES:
            depth = max(0, depth - 1)
        deepest = max(deepest, depth + run)
    return deepest


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0].rstrip(".") + "."

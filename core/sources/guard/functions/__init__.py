"""The functions that may be called, a file for each engine beside this one, made from the engine's own catalogue."""

from functools import cache
from importlib.resources import files
from typing import NamedTuple

from sqlglot import exp

from core.errors import QueryRefused
from core.sources.guard.readable import fold


class Functions(NamedTuple):
    """*anywhere* may be called in an expression, *rows* in FROM."""

    anywhere: frozenset[str]
    rows: frozenset[str]


@cache
def functions_of(dialect: str) -> Functions:
    """Return the functions of *dialect* that only compute."""
    lines = files(__name__).joinpath(f"{dialect}.txt").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    anywhere, _, rows = text.partition("[rows]")
    calls = frozenset(anywhere.split())
    # PostgreSQL takes any function in FROM.
    return Functions(calls, frozenset(rows.split()) or (calls if dialect == "postgres" else frozenset()))


def require_known_functions(nodes: list[exp.Expr], dialect: str) -> None:
    """Raise QueryRefused unless every call names a function that is known only to compute."""
    known = functions_of(dialect)
    for node in nodes:
        if isinstance(node, exp.Anonymous):
            _require_known(node, known, dialect)
        elif isinstance(node, exp.Dot) and not isinstance(node.expression, (exp.Identifier, exp.Anonymous, exp.Star)):
            raise QueryRefused("qualified-function", "Something unexpected follows a dot. Write it another way.")


def called(call: exp.Anonymous, dialect: str) -> str:
    """Return the name that the engine will look up."""
    if isinstance(call.this, exp.Identifier):
        return fold(call.this, dialect)
    return str(call.this).lower()


def _require_known(call: exp.Anonymous, known: Functions, dialect: str) -> None:
    name = called(call, dialect)
    if isinstance(call.parent, exp.Dot) and call is call.parent.expression:
        raise QueryRefused(
            "qualified-function", f"{name}() is called with something before the dot. Write the plain function name."
        )
    in_from = isinstance(call.parent, (exp.Table, exp.Lateral))
    if name not in (known.rows if in_from else known.anywhere):
        where = "in FROM" if in_from else "here"
        raise QueryRefused(
            "unknown-function",
            f"{name}() can't be used {where}: it is not among the {dialect} functions known only to compute. "
            "Use one of the engine's own functions.",
        )

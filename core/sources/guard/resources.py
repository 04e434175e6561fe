"""Calls that could exhaust the server: generators without a bound, texts of any size, patterns of any length."""

import re
from datetime import UTC, datetime

from sqlglot import exp

from core.errors import QueryRefused
from core.sources.guard.constants import is_constant, number_of, seconds_of
from core.sources.guard.functions import called

MAX_JOINS = 30
MAX_ROWS = 1_000_000
MAX_TEXT = 100_000
MAX_PATTERN = 500

# Which argument of a call says how much it makes.
_SIZES = {
    "repeat": 1, "lpad": 1, "rpad": 1, "space": 0, "zeroblob": 0, "randomblob": 0, "random_bytes": 0, "array_fill": 1,
    "list_resize": 1, "array_resize": 1, "bar": 3, "bitstring": 1, "random_normal": 9,
}  # fmt: skip
SERIES = {"generate_series", "range", "sequence"}
_FORMATS = {"printf", "format", "sformat"}
_PATTERNS = ("regexp", "string_split_regex", "str_split_regex")
_WIDE_FORMAT = re.compile(r"\d{6,}|\*")


def require_bounded_calls(nodes: list[exp.Expr], dialect: str) -> None:
    """Raise QueryRefused when a call may make more than a server should hold."""
    joins = 0
    for node in nodes:
        if isinstance(node, exp.Anonymous):
            _require_bounded(node, called(node, dialect), dialect)
        elif isinstance(node, exp.RegexpLike | exp.RegexpILike | exp.SimilarTo):
            _require_short_pattern(node.expression)
        joins += isinstance(node, exp.Join)
    if joins > MAX_JOINS:
        raise QueryRefused("joins", f"The query joins {joins} times; at most {MAX_JOINS} are allowed. Split it up.")


def series_length(call: exp.Anonymous, dialect: str) -> float | None:
    """Return how many rows one of SERIES makes, or None when only the data can tell."""
    arguments = call.expressions
    if len(arguments) == 1:
        # SQLite counts from the argument to 4,294,967,295, DuckDB from 0 to the argument.
        return float("inf") if dialect == "sqlite" else number_of(arguments[0])
    numbers = [number_of(argument) for argument in arguments[:3]]
    seconds = [_instant(arguments[0]), _instant(arguments[1]), seconds_of(arguments[2])] if len(arguments) > 2 else []
    start, stop, step = [*numbers, 1.0][:3] if None not in numbers else [*seconds, None, None, None][:3]
    if start is None or stop is None or step is None:
        return None
    return abs((stop - start) / step) if step else float("inf")


def _require_bounded(call: exp.Anonymous, name: str, dialect: str) -> None:
    if name in SERIES:
        _require_short_series(call, name, dialect)
    elif name in _SIZES:
        _require_small(call, name)
    elif name in _FORMATS and any(isinstance(a, exp.Literal) and _WIDE_FORMAT.search(a.name) for a in call.expressions):
        raise QueryRefused("size", f"{name}() is asked for a very wide field. Use widths below 100,000.")
    elif name == "factorial" and (number_of(call.expressions[0]) or 0) > 1_000:
        raise QueryRefused("size", "factorial() of so large a number keeps the server busy. Stay below 1,000.")
    elif name.startswith(_PATTERNS):
        for argument in call.expressions:
            _require_short_pattern(argument)


def _require_short_series(call: exp.Anonymous, name: str, dialect: str) -> None:
    length = series_length(call, dialect)
    if length is not None and length > MAX_ROWS:
        raise QueryRefused("series", f"{name}() would make more than {MAX_ROWS:,} rows. Narrow its bounds.")
    if length is None and not _is_tame(call.expressions):
        raise QueryRefused(
            "series", f"{name}() needs bounds that are constants, dates or columns, so that it can't run on for ever."
        )


def _is_tame(arguments: list[exp.Expr]) -> bool:
    """Whether a series of unknown length follows the calendar in steps of a minute or more, or the data."""
    if len(arguments) < 2:
        return not all(is_constant(argument) for argument in arguments)
    if len(arguments) > 2 and (step := seconds_of(arguments[2])) is not None:
        return step >= 60
    return not all(is_constant(argument) for argument in arguments)


def _require_small(call: exp.Anonymous, name: str) -> None:
    if len(call.expressions) <= _SIZES[name]:
        return
    size, total = call.expressions[_SIZES[name]], 1.0
    for inner in call.find_all(exp.Anonymous):  # a repeat() of a repeat() multiplies
        position = _SIZES.get(called(inner, ""))
        if position is not None and len(inner.expressions) > position:
            total *= max(1.0, number_of(inner.expressions[position]) or 1.0)
    largest = max((number_of(literal) or 0 for literal in size.find_all(exp.Literal)), default=0)
    if max(total, largest) > MAX_TEXT or (number_of(size) is None and is_constant(size)):
        raise QueryRefused("size", f"{name}() would fill the memory. Ask for at most {MAX_TEXT:,}, as a plain number.")


def _require_short_pattern(pattern: exp.Expr | None) -> None:
    if isinstance(pattern, exp.Literal) and len(pattern.name) > MAX_PATTERN:
        raise QueryRefused("pattern", f"The pattern is longer than {MAX_PATTERN} characters. Shorten it.")


def _instant(argument: exp.Expr) -> float | None:
    """Return a written date or time as seconds, or None."""
    while isinstance(argument, exp.Cast | exp.TryCast | exp.Paren):
        argument = argument.this
    if not (isinstance(argument, exp.Literal) and argument.is_string):
        return None
    try:
        return datetime.fromisoformat(argument.name).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None

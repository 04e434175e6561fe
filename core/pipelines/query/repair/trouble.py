"""What a database's or the guard's words complain of, in the words of all engines."""

import re
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    COLUMN = "column"
    TABLE = "table"
    AMBIGUOUS = "ambiguous"
    GROUPING = "grouping"
    FUNCTION = "function"
    SYNTAX = "syntax"
    TYPES = "types"


@dataclass(frozen=True)
class Trouble:
    """*name* is what the words name: a column, perhaps with its table in *qualifier*, a table or a function."""

    kind: Kind
    name: str = ""
    qualifier: str = ""


_PATTERNS = [
    # The guard
    (Kind.TABLE, r"There is no table (?P<name>.+?) that you may read"),
    (Kind.COLUMN, r"There is no column (?P<name>.+?) that you may read"),
    (Kind.FUNCTION, r"(?P<name>\w+)\(\) can't be used (?:here|in FROM)"),
    (Kind.SYNTAX, r"can't be read as \w+ SQL|can't be written for|The query can't be read"),
    # All engines
    (Kind.SYNTAX, r"near \".*\": syntax error|syntax error at or near|error in your SQL syntax"),
    # SQLite
    (Kind.COLUMN, r"no such column: (?P<name>.+?)(?: - should this be|$)"),
    (Kind.TABLE, r"no such table: (?P<name>\S+)"),
    (Kind.AMBIGUOUS, r"ambiguous column name: (?P<name>\S+)"),
    (Kind.FUNCTION, r"no such function: (?P<name>\w+)"),
    (Kind.FUNCTION, r"wrong number of arguments to function (?P<name>\w+)"),
    # PostgreSQL; the types before the functions, since both say that a function does not exist
    (Kind.TYPES, r"function (?P<name>(?:sum|avg|min|max|round|abs|stddev|date_trunc))\((?!\))[^)]*\) does not exist"),
    (Kind.FUNCTION, r"function (?:\w+\.)?(?P<name>\w+)\([^)]*\) does not exist"),
    (Kind.TYPES, r"operator does not exist: (?P<name>.+)"),
    (Kind.TYPES, r"invalid input syntax for type (?P<name>\w+)"),
    (Kind.COLUMN, r"column \"?(?P<name>[^\"]+?)\"? does not exist"),
    (Kind.COLUMN, r"missing FROM-clause entry for table \"(?P<qualifier>[^\"]+)\""),
    (Kind.COLUMN, r"invalid reference to FROM-clause entry for table \"(?P<qualifier>[^\"]+)\""),
    (Kind.TABLE, r"relation \"(?P<name>[^\"]+)\" does not exist"),
    (Kind.AMBIGUOUS, r"column reference \"(?P<name>[^\"]+)\" is ambiguous"),
    (Kind.GROUPING, r"column \"(?P<name>.+)\" must appear in the GROUP BY clause"),
    # MySQL and MariaDB
    (Kind.COLUMN, r"Unknown column '(?P<name>[^']+)'"),
    (Kind.TABLE, r"Table '(?P<name>[^']+)' doesn't exist"),
    (Kind.AMBIGUOUS, r"Column '(?P<name>[^']+)' in .+ is ambiguous"),
    (Kind.GROUPING, r"nonaggregated column '(?P<name>[^']+)'"),
    (Kind.GROUPING, r"'(?P<name>[^']+)' isn't in GROUP BY"),
    (Kind.FUNCTION, r"FUNCTION (?:\w+\.)?(?P<name>\w+) does not exist"),
    # DuckDB
    (Kind.COLUMN, r"Referenced column \"(?P<name>[^\"]+)\" not found"),
    (Kind.COLUMN, r"does not have a column named \"(?P<name>[^\"]+)\""),
    (Kind.COLUMN, r"Referenced table \"(?P<qualifier>[^\"]+)\" not found"),
    (Kind.TABLE, r"Table with name (?P<name>\S+) does not exist"),
    (Kind.AMBIGUOUS, r"Ambiguous reference to column name \"(?P<name>[^\"]+)\""),
    (Kind.FUNCTION, r"Function with name \"?(?P<name>\w+)\"? does not exist"),
    (Kind.TYPES, r"Cannot compare values of type (?P<name>.+)|No function matches the given name and argument types"),
    (Kind.TYPES, r"Could not convert string|Cannot mix values of type"),
    # Trino
    (Kind.COLUMN, r"Column '(?P<name>[^']+)' cannot be resolved"),
    (Kind.TABLE, r"Table '(?P<name>[^']+)' does not exist"),
    (Kind.AMBIGUOUS, r"Column '(?P<name>[^']+)' is ambiguous"),
    (Kind.GROUPING, r"'(?P<name>[^']+)' must be an aggregate expression or appear in GROUP BY clause"),
    (Kind.FUNCTION, r"Function '(?P<name>[^']+)' not registered"),
    (Kind.TYPES, r"Unexpected parameters \(.*\) for function (?P<name>\w+)|Cannot apply operator|cannot be applied to"),
    (Kind.SYNTAX, r"mismatched input|extraneous input"),
]
_COMPILED = [(kind, re.compile(pattern, re.IGNORECASE | re.MULTILINE)) for kind, pattern in _PATTERNS]


def read(message: str) -> Trouble | None:
    """Return what *message* complains of, when a rule may help."""
    for kind, pattern in _COMPILED:
        if found := pattern.search(message):
            return _trouble(kind, found.groupdict())
    return None


def _trouble(kind: Kind, found: dict[str, str | None]) -> Trouble:
    name, qualifier = (found.get("name") or "").strip("\"'`"), found.get("qualifier") or ""
    if kind in (Kind.COLUMN, Kind.GROUPING, Kind.AMBIGUOUS) and "." in name and not qualifier:
        qualifier, _, name = name.rpartition(".")
    if kind is Kind.TABLE:
        name = name.rpartition(".")[2]
    return Trouble(kind, name.strip("\"'`"), qualifier.rpartition(".")[2].strip("\"'`"))

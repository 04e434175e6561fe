"""Reads the cases: a file for each dialect, a paragraph for each query; its first line says what must come of it."""

from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).with_name("cases")


class Case(NamedTuple):
    """A query, and the rule that must refuse it, or None when it must pass."""

    dialect: str
    sql: str
    rule: str | None
    why: str

    def __str__(self) -> str:
        return f"{self.dialect}: {self.why}"


def cases(dialect: str | None = None, *, allowed: bool | None = None) -> list[Case]:
    found = []
    for path in sorted(_FOLDER.glob("*.sql")):
        for paragraph in path.read_text().split("\n\n"):
            head, _, sql = paragraph.strip("\n").partition("\n")
            verdict, _, why = head.removeprefix("-- ").partition(": ")
            found.append(Case(path.stem, sql, verdict.removeprefix("deny ") if verdict != "allow" else None, why))
    return [
        case
        for case in found
        if dialect in (None, case.dialect) and (allowed is None or allowed == (case.rule is None))
    ]

"""A result as a prompt shows it: what was computed over all its rows, and the first of them, all of it as data."""

from collections.abc import Sequence

from core.models.base import Excerpt
from core.prompts import Ours, Part, quoted
from levada.v1.event_pb2 import Finding

_DIGITS = 12


def finding_lines(findings: Sequence[Finding]) -> list[Ours]:
    return [quoted(finding.text, 1_000) for finding in findings]


def head(excerpt: Excerpt) -> Ours:
    """Return the columns with their units."""
    named = zip(excerpt.columns, excerpt.units, strict=True)
    return Ours(", ".join(quoted(f"{name} ({unit})" if unit else name, 80) for name, unit in named))


def row_parts(excerpt: Excerpt) -> list[Part]:
    """Return the rows at hand, the first worth most."""
    rows = excerpt.rows
    return [Part(f"row {place}", _line(row), worth=1 - place / len(rows)) for place, row in enumerate(rows, start=1)]


def written(findings: Sequence[Finding], excerpt: Excerpt, most_rows: int) -> Ours:
    """Return a result as one text, with at most *most_rows* of its rows."""
    shown = excerpt.rows[:most_rows]
    count = f"{excerpt.total:,} row{'s' if excerpt.total != 1 else ''}"
    if len(shown) < excerpt.total:
        count += f", the first {len(shown)} of them here" if shown else ", none of them here"
    computed = [f"- {line}" for line in finding_lines(findings)]
    return Ours("\n".join([f"{count}. Columns: {head(excerpt)}", *map(_line, shown), "Computed over all:", *computed]))


def _line(row: Sequence[bool | float | str | None]) -> Ours:
    return Ours(f"[{', '.join(map(_cell, row))}]")


def _cell(value: bool | float | str | None) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return quoted(value, 80)
    return str(value) if isinstance(value, int) else f"{value:.{_DIGITS}g}"

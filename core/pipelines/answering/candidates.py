"""Several queries for one question: the one whose result most of them agree on is taken."""

import asyncio
from collections.abc import Sequence
from typing import Any

from core.models.base import Draft, Lookup, Probe

ROWS = 200
"""Rows of each result that are compared."""

# What two ways of dividing differ by is not another answer.
_DIGITS = 9
Key = tuple[tuple[str, ...], ...]


async def agreed(drafts: Sequence[Draft], lookup: Lookup) -> Draft:
    """Run *drafts* under the guard with small limits and return the one that most agree with, an earlier one rather.

    When none of them works the first is returned, to be mended.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(lookup.probe(draft.sql, ROWS)) for draft in drafts]
    probes = [task.result() for task in tasks]
    working = [(draft, result(probe)) for draft, probe in zip(drafts, probes, strict=True) if not probe.error]
    if not working:
        return drafts[0]
    keys = [key for _, key in working]
    best = max(keys, key=keys.count)
    share = keys.count(best)
    chosen = next(draft for draft, key in working if key == best)
    return chosen.model_copy(
        update={"confidence": share / len(drafts), "notes": [*chosen.notes, _said(share, len(working), len(drafts))]}
    )


def _said(share: int, working: int, asked: int) -> str:
    if working == 1:
        return f"Of {asked} queries that were written for it only this one works."
    if share == 1:
        return f"{asked} queries were written for it and no two give the same result, so this may not be what is meant."
    said = f"{share} of {asked} queries that were written for it give the same result; this is one of them."
    return said if working == asked else f"{said} {asked - working} did not work."


def result(probe: Probe) -> Key:
    """Return what *probe* gave, with no regard to the order of its rows and columns and to how figures are typed."""
    columns = sorted(([_plain(cell) for cell in column] for column in zip(*probe.rows, strict=True)), key=sorted)
    # What stands in a row together stays together: the same figures under other names are another answer.
    return tuple(sorted(zip(*columns, strict=True)))


def _plain(value: Any) -> str:
    try:
        return f"{float(value):.{_DIGITS}g}"
    except (TypeError, ValueError):
        return str(value).strip()

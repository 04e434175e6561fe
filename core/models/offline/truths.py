"""Columns that say yes or no, however they spell it."""

from core.models.offline.catalog import Column
from core.models.offline.reader import Reader

_SPELLINGS = (("y", "n"), ("yes", "no"), ("t", "f"), ("true", "false"))


def truth(r: Reader, column: Column) -> tuple[object, object] | None:
    """Return what *column* holds for yes and no, when that is all it holds."""
    if column.kind == "boolean":
        return True, False
    if column.numeric:
        return (1, 0) if not column.identifying and r.lookup.bounds(column.table, column.name) == (0, 1) else None
    held = {sample.lower(): sample for sample in column.samples}
    for yes, no in _SPELLINGS:
        if held and set(held) <= {yes, no}:
            upper = all(sample.isupper() for sample in held.values())
            return held.get(yes, yes.upper() if upper else yes.capitalize()), held.get(
                no, no.upper() if upper else no.capitalize()
            )
    return None

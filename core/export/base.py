"""What writes a file, and what all formats share: the names of columns."""

from collections.abc import Sequence
from typing import Protocol

from core.export.log import Columns, Table


class File(Protocol):
    """Writes the rows of one table: `begin`, `add` for each of its pieces, `end`; each returns the file's next bytes.

    *fits*: every piece has to go through `fit` before `begin`, which finds the types that hold all values.
    """

    content_type: str
    suffix: str
    fits: bool

    def fit(self, batches: Sequence[Columns]) -> None: ...

    def begin(self) -> bytes: ...

    def add(self, batches: Sequence[Columns]) -> bytes: ...

    def end(self) -> bytes: ...


def names(table: Table) -> list[str]:
    """Return the columns' names, each different: of two columns `id` the second is `id_2`, as rows go by name."""
    taken: dict[str, int] = {}
    given = {column.name for column in table.columns}
    found = []
    for column in table.columns:
        name, number = column.name, taken.get(column.name, 0) + 1
        while number > 1 and (name := f"{column.name}_{number}") in given:
            number += 1
        taken[column.name] = number
        found.append(name)
    return found

"""Values that one operation takes over from another: each once, and as many at a time as a query may be given."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from math import ceil, prod
from pathlib import Path
from typing import Any

from core.errors import QueryFailed
from core.pipelines.federated.operations import scratch
from core.pipelines.federated.operations.likeness import likeness

AT_ONCE = 1_000
MOST_AT_ONCE = 10_000
MOST_QUERIES = 50
MOST_BYTES = 2**25


class Different(Sequence[Any]):
    """The different values of a column, an Arrow array whose number and size are known before they are read."""

    def __init__(self, array: Any) -> None:
        self._array = array
        self.bytes: int = array.nbytes

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, place: Any) -> Any:
        return self._values[place]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    @cached_property
    def _values(self) -> list[Any]:
        found: list[Any] = self._array.to_pylist()
        return found


def different(path: Path, column: str) -> Different:
    """Return the different values of *column* in the kept rows at *path*, NULL left out. Blocks.

    Raises QueryFailed when there is no such column.
    """
    import pyarrow.compute as pc

    table = scratch.read(path)
    names = {name.casefold(): place for place, name in enumerate(table.column_names)}
    place = names.get(column.casefold())
    if place is None:
        raise QueryFailed(
            f"There is no column {column!r} to take values from; there are {', '.join(table.column_names)}."
        )
    return Different(pc.drop_null(pc.unique(table.column(place))))


def portions(values: Mapping[str, Sequence[Any]], *, divisible: bool) -> Iterator[dict[str, Sequence[Any]]]:
    """Yield *values* a portion for each query; all of them at once where the query must not be cut.

    Raises QueryFailed when there are too many.
    """
    if (size := sum(some.bytes for some in values.values() if isinstance(some, Different))) > MOST_BYTES:
        raise QueryFailed(
            f"It would be given values of {size / 2**20:,.0f} MiB; at most {MOST_BYTES / 2**20:,.0f} are sent. Hand on "
            "keys, not texts, or narrow down the operation that the values are from."
        )
    if not divisible:
        if (most := max(map(len, values.values()))) > MOST_AT_ONCE:
            raise QueryFailed(
                f"It would be given {most:,} values. One query takes {MOST_AT_ONCE:,}, and this one can't be cut into "
                "several: it adds up, sorts or limits over all rows. Have it give plain rows, and do that in combine."
            )
        yield dict(values)
        return
    if (queries := prod(max(1, ceil(len(some) / AT_ONCE)) for some in values.values())) > MOST_QUERIES:
        raise QueryFailed(
            f"It would be given so many values that it took {queries:,} queries; at most {MOST_QUERIES} are run. "
            "Narrow down the operation that the values are from."
        )
    parts = {name: _parts(some) for name, some in values.items()}
    for chosen in product(*parts.values()):
        yield dict(zip(parts, chosen, strict=True))


def _parts(values: Sequence[Any]) -> list[Sequence[Any]]:
    """Cut *values* so that those which may be the same to the database go together: else it gave their rows twice."""
    alike: dict[Any, list[Any]] = {}
    for value in values:
        alike.setdefault(likeness(value), []).append(value)
    parts: list[list[Any]] = [[]]
    for group in alike.values():
        if parts[-1] and len(parts[-1]) + len(group) > AT_ONCE:
            parts.append([])
        parts[-1] += group
    return list(parts)

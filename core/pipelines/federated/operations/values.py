"""Values that one operation takes over from another: each once, and as many at a time as a query may be given."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from core.errors import QueryFailed
from core.pipelines.federated.operations import scratch
from core.pipelines.federated.operations.likeness import likeness

AT_ONCE = 1_000
MOST_AT_ONCE = 10_000
MOST_QUERIES = 50


def different(path: Path, column: str) -> list[Any]:
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
    return [value for value in pc.unique(table.column(place)).to_pylist() if value is not None]


def portions(values: Mapping[str, Sequence[Any]], *, divisible: bool) -> Iterator[dict[str, Sequence[Any]]]:
    """Yield *values* a portion for each query; all of them at once where the query must not be cut.

    Raises QueryFailed when there are too many.
    """
    if not divisible:
        if (most := max(map(len, values.values()))) > MOST_AT_ONCE:
            raise QueryFailed(
                f"It would be given {most:,} values. One query takes {MOST_AT_ONCE:,}, and this one can't be cut into "
                "several: it adds up, sorts or limits over all rows. Have it give plain rows, and do that in combine."
            )
        yield dict(values)
        return
    parts = {name: _parts(some) for name, some in values.items()}
    if (queries := prod(map(len, parts.values()))) > MOST_QUERIES:
        raise QueryFailed(
            f"It would be given so many values that it took {queries:,} queries; at most {MOST_QUERIES} are run. "
            "Narrow down the operation that the values are from."
        )
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

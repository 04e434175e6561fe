"""What the collections hold: their vectors as configured, their fields as a bounded sample of points has them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.errors import SourceError
from core.sources.catalog import SAMPLE_ROWS, samples
from core.sources.looking import Looked, count
from core.sources.qdrant.connection import Points
from core.sources.qdrant.payload import ID, SCORE, column_of, leaves
from core.sources.qdrant.types import INDEXED, kind_of, kind_of_ids, merged, native_of
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Schema, Table
from levada.v1.event_pb2 import ColumnType

_AT_ONCE = 8
_MOST_FIELDS = 300
# Compared by these, what is more alike has the higher score; by others the lower one.
_LIKENESS = ("cosine", "dot")


class Space(NamedTuple):
    """What vectors are: of how many *dimensions*, and whether a higher score is nearer."""

    dimensions: int
    rising: bool


@dataclass(frozen=True)
class Description:
    """A schema, and what each collection's vectors are by their name; one that has only one has no name."""

    schema: Schema
    vectors: Mapping[str, Mapping[str, Space]]

    def kinds(self, collection: str) -> Iterator[tuple[str, ColumnType]]:
        """Yield the columns of *collection* with their types."""
        tables = (table for table in self.schema.tables if table.name == collection)
        return ((column.name, column.type) for table in tables for column in table.columns)


async def describe(points: Points, looked: Looked) -> Description:
    """Look at each collection, which *looked* hears of. One that can't be read is told among the problems.

    Raises SourceError.
    """
    answer = await points.ask("get_collections")
    names = sorted(entry.name for entry in answer.collections)
    turns = asyncio.Semaphore(_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        looks = [group.create_task(_look(points, name, turns)) for name in names]
        count(looks, looked)
    schema, vectors = Schema(), {}
    for name, look in zip(names, looks, strict=True):
        found = look.result()
        if isinstance(found, SourceError):
            schema.problems.append(f"The collection {name} could not be read: {found.message}")
            continue
        table, vectors[name], left_out = found
        schema.tables.append(table)
        if left_out:
            schema.problems.append(f"{left_out} rarer fields of the collection {name} are left out.")
    return Description(schema, vectors)


async def _look(
    points: Points, name: str, turns: asyncio.Semaphore
) -> tuple[Table, dict[str, Space], int] | SourceError:
    try:
        async with turns:
            info = await points.ask("get_collection", collection_name=name)
            seen, _ = await points.ask("scroll", collection_name=name, limit=SAMPLE_ROWS, with_payload=True)
    except SourceError as error:
        return error
    columns, left_out = _columns(seen, info)
    table = Table(name=name, primary_key=[ID], comment=_vectors_in_words(info), columns=columns)
    if info.points_count is not None:
        table.row_estimate = info.points_count
    spaces = {name: Space(one.size, one.distance.value.lower() in _LIKENESS) for name, one in _vectors(info).items()}
    return table, spaces, left_out


def _vectors(info: Any) -> Mapping[str, Any]:
    """Return the parameters of dense vectors by name; the only one of a collection has none."""
    vectors = info.config.params.vectors or {}
    return vectors if isinstance(vectors, dict) else {"": vectors}


def _vectors_in_words(info: Any) -> str:
    told = [
        f"{name or 'vectors'} of {params.size} dimensions compared by {params.distance.value.lower()}"
        for name, params in _vectors(info).items()
    ]
    return f"Points that can be searched by likeness: {', '.join(told)}." if told else ""


def _columns(seen: Sequence[Any], info: Any) -> tuple[list[Column], int]:
    """Return id, score and the payload's fields in the order they were met, and how many rarer ones are left out."""
    values: dict[str, list[Any]] = defaultdict(list)
    for point in seen:
        for path, value in leaves(point.payload or {}).items():
            values[path].append(value)
    kept = set(sorted(values, key=lambda path: -len(values[path]))[:_MOST_FIELDS])
    fields = [_column(path, found, len(seen)) for path, found in values.items() if path in kept]
    _add_indexed(fields, info.payload_schema or {})
    return [*_of_every_point([point.id for point in seen]), *fields], len(values) - len(kept)


def _of_every_point(ids: Sequence[int | str]) -> list[Column]:
    told = "How like the text or vector asked for, the higher the more alike; only there when one is."
    return [
        Column(name=ID, type=kind_of_ids(ids), unique=True, comment="The point's id."),
        Column(name=SCORE, type=events.COLUMN_TYPE_DOUBLE, nullable=True, comment=told),
    ]


def _column(path: str, values: Sequence[Any], looked_at: int) -> Column:
    kind = merged(map(kind_of, values))
    always = len(values) == looked_at
    return Column(
        name=column_of(path),
        type=kind,
        native_type=native_of(values),
        nullable=not always or None in values,
        comment="" if always else f"In {len(values) / looked_at:.0%} of the points looked at.",
        samples=samples((value for value in values if not isinstance(value, dict | list)), kind),
    )


def _add_indexed(columns: list[Column], indexes: Mapping[str, Any]) -> None:
    """An index knows the type of its field, also of one that no point looked at has."""
    known = {column.name: column for column in columns}
    for path, index in indexes.items():
        native, name = index.data_type.value, column_of(path)
        if native not in INDEXED:
            continue
        if name not in known:
            told = f"In {index.points:,} points."
            columns.append(Column(name=name, type=INDEXED[native], native_type=native, nullable=True, comment=told))
        elif known[name].type == events.COLUMN_TYPE_UNSPECIFIED:
            known[name].type, known[name].native_type = INDEXED[native], native

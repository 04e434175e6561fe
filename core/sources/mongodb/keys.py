"""Which collections belong together. MongoDB declares no foreign keys: names suggest them, values bear them out."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ExecutionTimeout

from core.sources.mongodb.fields import Field
from core.sources.mongodb.types import SEPARATOR
from levada.v1.catalog_pb2 import Column, ForeignKey, Table

Collections = Mapping[str, tuple[Table, Mapping[str, Field]]]

_REFERENCE = re.compile(r"(?P<stem>.+?)_?(?:ids?|Ids?|ID|refs?|Refs?)")
_LOOKED_UP = 20
_LOOK_SECONDS = 1.0
_LOOKING_SECONDS = 5.0
_KEYS = {"string", "int", "long", "objectId", "uuid"}


async def infer_keys(database: AsyncDatabase[dict[str, Any]], collections: Collections) -> bool:
    """Add the foreign keys of all collections, marked as inferred; say whether there was time to look for all of them.

    Raises what the driver raises.
    """
    until = time.monotonic() + _LOOKING_SECONDS
    for table, fields in collections.values():
        for column in (column for column in table.columns if column.name in fields):
            if time.monotonic() > until:
                return False
            if found := await _find(database, fields[column.name], _candidates(table, column, collections)):
                table.foreign_keys.append(
                    ForeignKey(
                        columns=[column.name], referenced_table=found[0], referenced_columns=[found[1]], inferred=True
                    )
                )
    return True


async def _find(
    database: AsyncDatabase[dict[str, Any]], field: Field, candidates: Iterable[tuple[str, str]]
) -> tuple[str, str] | None:
    for other, key in candidates:
        values = list(dict.fromkeys(field.values))[:_LOOKED_UP]
        if values and await _are_there(database, other, key, values):
            return other, key
    return None


def _candidates(table: Table, column: Column, collections: Collections) -> Iterator[tuple[str, str]]:
    """Yield collections and keys that *column* may refer to, the likeliest first."""
    name = column.name.rpartition(".")[2].removesuffix("[]")
    found = _REFERENCE.fullmatch(name)
    if name == "_id" or not (found or column.native_type == "objectId"):
        return
    stem = _plain(found["stem"] if found else name)
    for other, (theirs, _) in sorted(collections.items(), key=lambda pair: -len(pair[0])):
        if any(stem == one or stem.endswith(one) for one in _singulars(_plain(other))) and not theirs.is_view:
            for key in theirs.columns:
                same = key.name in ("_id", name, "id") and _kinds(key) & _kinds(column)
                if same and (other, key.name) != (table.name, column.name):
                    yield other, key.name


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _singulars(plural: str) -> Sequence[str]:
    found = [plural]
    if plural.endswith("ies"):
        found.append(plural[:-3] + "y")
    if plural.endswith("es"):
        found.append(plural[:-2])
    if plural.endswith("s"):
        found.append(plural[:-1])
    return found


def _kinds(column: Column) -> set[str]:
    kinds = set(column.native_type.split(SEPARATOR))
    return {"int" if kind == "long" else kind for kind in kinds} if kinds <= _KEYS else set()


async def _are_there(database: AsyncDatabase[dict[str, Any]], collection: str, key: str, values: Sequence[Any]) -> bool:
    """Whether at least half of *values* occur; looking for others than a key's may take a moment, and no longer."""
    looked = database[collection].find({key: {"$in": values}}, {key: 1}).limit(len(values))
    try:
        there = await looked.max_time_ms(round(_LOOK_SECONDS * 1000)).to_list()
    except ExecutionTimeout:
        return False
    return 2 * len({document.get(key) for document in there}) >= len(values)

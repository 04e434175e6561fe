"""What a MongoDB holds: its collections, and the fields that a bounded look at their documents shows."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, cast

import bson
from pymongo import errors
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from core.sources.looking import Looked, count
from core.sources.mongodb.fields import MOST_FIELDS, Field, infer
from core.sources.mongodb.keys import infer_keys
from levada.v1.catalog_pb2 import Schema, Table

SAMPLED = 1_000
"""Documents looked at in a collection: all of a small one, else the oldest and the newest half each."""

_SAMPLED_BYTES = 8 << 20
_SAMPLING_SECONDS = 10.0
_LOOK_SECONDS = 3.0
_AT_ONCE = 4
_CHANGING = {"insert", "update", "remove", "dropCollection", "dropDatabase"}
_FORBIDDEN = 13

Document = dict[str, Any]
Described = tuple[Table, dict[str, Field]]


async def describe(database: AsyncDatabase[Document], source: str, looked: Looked) -> Schema:
    """Return collections and views with their fields; *looked* hears of each. Raises what the driver raises."""
    schema = Schema()
    if await _may_write(database):
        schema.problems.append(
            f"The user of source {source} may change data; give Levada a user that has the role read and no other."
        )
    found = [one for one in await _collections(database) if not one["name"].startswith("system.")]
    sampling = _Sampling(database, schema, looked)
    described = await sampling.all(sorted(found, key=lambda one: one["name"]))
    try:
        if not await infer_keys(database, {table.name: (table, fields) for table, fields in described}):
            schema.problems.append("Not all keys between collections were looked for: it took too long.")
    except errors.OperationFailure as error:
        schema.problems.append(f"Not all keys between collections were looked for: {_words(error)}.")
    schema.tables.extend(table for table, _ in described)
    return schema


async def _may_write(database: AsyncDatabase[Document]) -> bool:
    status = await database.command("connectionStatus", showPrivileges=True)
    for privilege in status["authInfo"].get("authenticatedUserPrivileges", ()):
        place = privilege["resource"].get("db")
        if place in ("", database.name) and _CHANGING & set(privilege["actions"]):
            return True
    return False


async def _collections(database: AsyncDatabase[Document]) -> list[Mapping[str, Any]]:
    """List with what validators say, where the user may see it."""
    try:
        return list(await (await database.list_collections()).to_list())
    except errors.OperationFailure as error:
        if error.code != _FORBIDDEN:
            raise
    return list(await (await database.list_collections(authorizedCollections=True, nameOnly=True)).to_list())


class _Sampling:
    """Looks at many collections, a few at once, until it has taken long enough."""

    def __init__(self, database: AsyncDatabase[Document], schema: Schema, looked: Looked) -> None:
        self._database, self._schema, self._looked = database, schema, looked
        self._until = time.monotonic() + _SAMPLING_SECONDS
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._late = 0

    async def all(self, found: Sequence[Mapping[str, Any]]) -> list[Described]:
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._one(one)) for one in found]
                count(tasks, self._looked)
        except* errors.PyMongoError as several:
            raise several.exceptions[0] from None
        if self._late:
            self._schema.problems.append(f"{self._late} collections were not looked into: it took too long.")
        return [task.result() for task in tasks]

    async def _one(self, found: Mapping[str, Any]) -> Described:
        table = Table(name=found["name"], is_view=found.get("type") == "view")
        async with self._slots:
            if time.monotonic() > self._until:
                self._late += 1
                return table, {}
            try:
                fields = await self._look(table, simple=found.get("type", "collection") != "collection")
            except errors.OperationFailure as error:
                self._schema.problems.append(f"{table.name} could not be read: {_words(error)}.")
                return table, {}
        _add_comments(table, found.get("options", {}))
        return table, fields

    async def _look(self, table: Table, simple: bool) -> dict[str, Field]:
        collection = self._database[table.name]
        if not simple:
            table.row_estimate = await collection.estimated_document_count(maxTimeMS=round(_LOOK_SECONDS * 1000))
        documents = await _sample(collection, simple or table.row_estimate <= SAMPLED)
        found, cut = await asyncio.to_thread(infer, documents)
        if cut:
            self._schema.problems.append(
                f"{table.name} has more than {MOST_FIELDS} fields; the rarest are left out and can't be asked for."
            )
        table.columns.extend(column for column, _ in found)
        if not simple:
            await _add_keys(collection, table)
        return {column.name: one for column, one in found}


async def _sample(collection: AsyncCollection[Document], simple: bool) -> list[Document]:
    """Read some documents. Always the same ones, so that a schema changes only when the data does."""
    if simple:
        return await _read(collection, 0, SAMPLED)
    return [*await _read(collection, 1, SAMPLED // 2), *await _read(collection, -1, SAMPLED // 2)]


async def _read(collection: AsyncCollection[Document], order: int, most: int) -> list[Document]:
    """Read up to *most* documents, fewer when they are large."""
    cursor = collection.find_raw_batches(limit=most, max_time_ms=round(_LOOK_SECONDS * 1000), batch_size=100)
    if order:
        cursor = cursor.sort("_id", order)
    documents: list[Document] = []
    size = 0
    async with cursor:
        async for batch in cursor:
            documents += bson.decode_all(cast(bytes, batch), collection.codec_options)
            size += len(batch)
            if size > _SAMPLED_BYTES:
                break
    return documents


async def _add_keys(collection: AsyncCollection[Document], table: Table) -> None:
    names = {column.name: column for column in table.columns}
    if "_id" in names:
        table.primary_key.append("_id")
        names["_id"].unique = True
    for index in (await collection.index_information()).values():
        if index.get("unique") and len(index["key"]) == 1 and index["key"][0][0] in names:
            names[index["key"][0][0]].unique = True


def _add_comments(table: Table, options: Mapping[str, Any]) -> None:
    """A validator's descriptions are the comments of a collection and its fields."""
    rules = options.get("validator", {}).get("$jsonSchema", {})
    table.comment = rules.get("description", "") or rules.get("title", "")
    for column in table.columns:
        about = rules.get("properties", {}).get(column.name, {}).get("description", "")
        column.comment = " ".join(filter(None, (about, column.comment)))


def _words(error: errors.OperationFailure) -> str:
    return str((error.details or {}).get("errmsg", error)).rstrip(".")

"""Keys between tables of different sources, which nobody can have declared: found by names, types and sample values."""

from collections.abc import Iterator, Mapping

from core.models.offline.words import lemma, split_name
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Schema, Table

NUMBERS = {events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DECIMAL, events.COLUMN_TYPE_DOUBLE}
_KEYS = {events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_TEXT, events.COLUMN_TYPE_UUID}
_NATURAL = frozenset({"email", "mail", "sku", "isbn", "ean", "iban", "phone", "username", "login", "code", "number"})


def comparable(one: Column, other: Column) -> bool:
    """Say whether values of both are written alike, so that those of one can be looked for in the other."""
    return one.type == other.type or {one.type, other.type} <= NUMBERS


def shared_keys(schema: Schema, sources: Mapping[str, str]) -> None:
    """Add to *schema* the keys that lead from tables of one of *sources* to those of another, as inferred ones."""
    for table in schema.tables:
        declared = {name for key in table.foreign_keys for name in key.columns}
        for column in table.columns:
            if column.name in declared or column.type not in _KEYS or list(table.primary_key) == [column.name]:
                continue
            found = [
                (owner, key)
                for owner in schema.tables
                if sources[owner.name] != sources[table.name]
                for key in _matching(column, owner)
            ]
            if found and not _at_home(column, table, schema, sources):
                owner, key = max(found, key=lambda pair: _overlap(column, pair[1]))
                table.foreign_keys.add(
                    columns=[column.name], referenced_table=owner.name, referenced_columns=[key.name], inferred=True
                )


def _at_home(column: Column, table: Table, schema: Schema, sources: Mapping[str, str]) -> bool:
    """Say whether *column* refers to a table of its own source: that one is meant before another's."""
    return any(
        sources[owner.name] == sources[table.name] and owner.name != table.name and any(_matching(column, owner))
        for owner in schema.tables
    )


def _matching(column: Column, owner: Table) -> Iterator[Column]:
    """Yield the columns of *owner* that identify a row of it and that *column* may hold."""
    words, own = _words(column.name), _words(owner.name)
    for key in owner.columns:
        name = _words(key.name)
        if key.type not in _KEYS or not (key.unique or list(owner.primary_key) == [key.name]):
            continue
        tied = words != ("id",) and words in (name, (*own, *name), (*own, "id"))
        if tied or (words[-1] == name[-1] and name[-1] in _NATURAL and _overlap(column, key)):
            yield key


def _overlap(one: Column, other: Column) -> int:
    return len({sample.casefold() for sample in one.samples} & {sample.casefold() for sample in other.samples})


def _words(name: str) -> tuple[str, ...]:
    words = tuple(lemma(word) for word in split_name(name))
    return words or (name,)

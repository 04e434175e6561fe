"""Keys between tables of different sources, which nobody can have declared: found by names, types and sample values."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.models.offline.words import lemma, split_name
from levada.v1 import event_pb2 as events
from levada.v1.catalog_pb2 import Column, Schema, Table

NUMBERS = {events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_DECIMAL, events.COLUMN_TYPE_DOUBLE}
_KEYS = {events.COLUMN_TYPE_INTEGER, events.COLUMN_TYPE_TEXT, events.COLUMN_TYPE_UUID}
_NATURAL = frozenset({"email", "mail", "sku", "isbn", "ean", "iban", "phone", "username", "login", "code", "number"})
_ANY = ("id",)
"""A name that says of nothing what it identifies."""


def comparable(one: Column, other: Column) -> bool:
    """Say whether values of both are written alike, so that those of one can be looked for in the other."""
    return (one.type == other.type and not cased_apart(one, other)) or {one.type, other.type} <= NUMBERS


def cased_apart(one: Column, other: Column) -> bool:
    """Say whether texts of both differ in case by the samples there are: "ACM-17" here and "acm-17" there."""
    here, there = _cases(one), _cases(other)
    return one.type == other.type == events.COLUMN_TYPE_TEXT and bool(here and there) and here != there


def _cases(column: Column) -> set[str]:
    lettered = (sample for sample in column.samples if sample.lower() != sample.upper())
    return {"upper" if text.isupper() else "lower" if text.islower() else "mixed" for text in lettered}


@dataclass(frozen=True)
class Owner:
    """A *column* that identifies the rows of *table*."""

    table: Table
    column: Column


def shared_keys(schema: Schema, sources: Mapping[str, str]) -> None:
    """Add to *schema* the keys that lead from tables of one of *sources* to those of another, as inferred ones."""
    named, natural = _owners(schema)
    for table in schema.tables:
        declared = {name for key in table.foreign_keys for name in key.columns}
        for column in table.columns:
            words = _words(column.name)
            if column.name in declared or column.type not in _KEYS or list(table.primary_key) == [column.name]:
                continue
            found = [one for one in named.get(words, ()) if one.table.name != table.name]
            found += [one for one in natural.get(words[-1], ()) if one not in found and _overlap(column, one.column)]
            home = sources[table.name]
            abroad = [one for one in found if sources[one.table.name] != home]
            if abroad and len(abroad) == len([one for one in found if one.table.name != table.name]):
                best = max(abroad, key=lambda one: _overlap(column, one.column))
                table.foreign_keys.add(
                    columns=[column.name],
                    referenced_table=best.table.name,
                    referenced_columns=[best.column.name],
                    inferred=True,
                )
    _add_wide(schema, sources)


def _add_wide(schema: Schema, sources: Mapping[str, str]) -> None:
    """Add the keys of several columns: rates are those of a currency on a day."""
    for owner in schema.tables:
        referring = {name for key in owner.foreign_keys for name in key.columns}
        columns = [column for column in owner.columns if column.name in owner.primary_key]
        if len(columns) < 2 or {column.name for column in columns} <= referring:
            continue  # what only ties others together is nothing to refer to
        for table in schema.tables:
            found = [_like(column, owner, table) for column in columns]
            if sources[table.name] != sources[owner.name] and all(found) and len(set(found)) == len(columns):
                table.foreign_keys.add(
                    columns=found,
                    referenced_table=owner.name,
                    referenced_columns=[column.name for column in columns],
                    inferred=True,
                )


def _like(wanted: Column, owner: Table, table: Table) -> str:
    """Return the column of *table* that may hold what *wanted* of *owner* does: by its name, or as its only date."""
    words = _words(wanted.name)
    names = {words, (*_words(owner.name), *words)} - {_ANY}
    named = [one.name for one in table.columns if _words(one.name) in names and comparable(one, wanted)]
    dates = [one.name for one in table.columns if one.type == events.COLUMN_TYPE_DATE]
    if not named and wanted.type == events.COLUMN_TYPE_DATE and len(dates) == 1:
        return dates[0]
    return named[0] if len(named) == 1 else ""


def _owners(schema: Schema) -> tuple[dict[tuple[str, ...], list[Owner]], dict[str, list[Owner]]]:
    """Return what identifies rows, by the names that others may have for it, and by the last word of natural keys."""
    named: dict[tuple[str, ...], list[Owner]] = defaultdict(list)
    natural: dict[str, list[Owner]] = defaultdict(list)
    for table in schema.tables:
        own = _words(table.name)
        for column in table.columns:
            if column.type not in _KEYS or not (column.unique or list(table.primary_key) == [column.name]):
                continue
            words, owner = _words(column.name), Owner(table, column)
            names = {words, (*own, *words)} | ({(*own, "id")} if list(table.primary_key) == [column.name] else set())
            for name in names - {_ANY}:
                named[name].append(owner)
            if words[-1] in _NATURAL:
                natural[words[-1]].append(owner)
    return named, natural


def _overlap(one: Column, other: Column) -> int:
    return len({sample.casefold() for sample in one.samples} & {sample.casefold() for sample in other.samples})


@lru_cache(maxsize=50_000)
def _words(name: str) -> tuple[str, ...]:
    return tuple(lemma(word) for word in split_name(name)) or (name,)

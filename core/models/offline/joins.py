"""Which joins bring the tables of a question together: the smallest tree over the keys, and keys guessed from names
where none are declared."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from core.models.offline.catalog import Catalog, Key, Table


@dataclass(frozen=True)
class Join:
    """Add *table* to the joined *other* by *key*; it *multiplies* when a row of *other* may meet many."""

    table: str
    other: str
    key: Key

    @property
    def multiplies(self) -> bool:
        return self.key.table == self.table


class Unjoinable(Exception):
    """No chain of keys leads from one of the tables to the others."""


class Joins:
    """The keys of a catalog as a graph."""

    def __init__(self, catalog: Catalog) -> None:
        self._edges: dict[str, list[Key]] = defaultdict(list)
        self._tables = catalog.tables
        for key in _unique([*catalog.keys, *_guessed(catalog)]):
            if key.table != key.to_table:
                self._edges[key.table].append(key)
                self._edges[key.to_table].append(key)
        self._distances: dict[str, dict[str, int]] = {}

    def distance(self, one: str, other: str) -> int:
        """Return the number of joins between two tables, 99 when there is no way."""
        if one not in self._distances:
            self._distances[one] = self._reach(one)
        return self._distances[one].get(other, 99)

    def _reach(self, start: str) -> dict[str, int]:
        reached, edge = {start: 0}, [start]
        while edge:
            beyond = [(_far(key, near), near) for near in edge for key in self._edges[near]]
            edge = []
            for far, near in beyond:
                if far not in reached:
                    reached[far] = reached[near] + 1
                    edge.append(far)
        return reached

    def neighbours(self, table: str) -> Iterable[tuple[str, Key]]:
        return [(_far(key, table), key) for key in self._edges[table]]

    def tree(self, wanted: Sequence[str], said: AbstractSet[str] = frozenset(), outward: bool = False) -> list[Join]:
        """Return joins, in order, that bring *wanted* together from its first; keys whose columns are *said* win.

        With *outward* only from rows to what they refer to, so that none multiplies. Raises Unjoinable.
        """
        joined, joins = {wanted[0]}, []
        missing = [table for table in dict.fromkeys(wanted) if table not in joined]
        while missing:
            path = self._nearest(joined, set(missing), said, wanted[0], outward)
            for join in path:
                joins.append(join)
                joined.add(join.table)
            missing = [table for table in missing if table not in joined]
        return joins

    def _nearest(
        self,
        joined: AbstractSet[str],
        missing: AbstractSet[str],
        said: AbstractSet[str],
        first: str,
        outward: bool,
    ) -> list[Join]:
        counter = 0
        queue: list[tuple[float, int, str, list[Join]]] = []
        for table in sorted(joined):
            # Chains go on from what was said later rather than from the subject again.
            heapq.heappush(queue, (0.02 if table == first else 0.0, counter, table, []))
            counter += 1
        done: set[str] = set()
        while queue:
            cost, _, table, path = heapq.heappop(queue)
            if table in missing:
                return path
            if table in done:
                continue
            done.add(table)
            for key in self._edges[table]:
                far = _far(key, table)
                if outward and key.table != table:
                    continue
                if far not in done and far not in joined:
                    counter += 1
                    heapq.heappush(queue, (cost + self._cost(key, said), counter, far, [*path, Join(far, table, key)]))
        raise Unjoinable(", ".join(sorted(missing)))

    def _cost(self, key: Key, said: AbstractSet[str]) -> float:
        column = self._tables[key.table].column(key.column)
        words = set(column.words) - {"id", "code"} if column else set()
        own = set(self._tables[key.to_table].words)
        bonus = 0.05 * len((words - own) & said)
        role = 0.02 * len(words - own)
        if self._tables[key.table].linking:
            bonus += 0.04
        return 1.0 + (0.15 if key.inferred else 0.0) - bonus + role


def _far(key: Key, near: str) -> str:
    return key.to_table if key.table == near else key.table


def _unique(keys: Iterable[Key]) -> list[Key]:
    found: dict[tuple[str, str, str], Key] = {}
    for key in keys:
        found.setdefault((key.table.lower(), key.column.lower(), key.to_table.lower()), key)
    return list(found.values())


def _guessed(catalog: Catalog) -> Iterable[Key]:
    """Yield keys that names suggest, for columns without a declared one."""
    declared = {(key.table, key.column) for key in catalog.keys if key.table != key.to_table}
    linked = {frozenset((key.table, key.to_table)) for key in catalog.keys}
    owners: dict[tuple[str, ...], list[tuple[Table, str]]] = defaultdict(list)
    for table in catalog.tables.values():
        for column in table.primary_columns or table.columns[:1]:
            if len(table.primary) <= 1 and column.identifying:
                owners[column.words].append((table, column.name))
                owners[(*table.words, "id")].append((table, column.name))
                owners[(*table.words, *column.core)].append((table, column.name))
    for table in catalog.tables.values():
        for column in table.columns:
            if (table.id, column.name) in declared or list(table.primary) == [column.name] or not column.identifying:
                continue
            if column.words == ("id",):
                continue
            for words in (column.words, column.words[1:], column.words[2:]):
                found = [(owner, name) for owner, name in owners.get(words, ()) if owner.id != table.id]
                if len(words) > 1 and found:
                    owner, name = found[0]
                    if frozenset((table.id, owner.id)) not in linked:
                        yield Key(table.id, column.name, owner.id, name, inferred=True)
                    break

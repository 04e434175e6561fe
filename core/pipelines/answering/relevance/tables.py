"""Which tables of a schema a question needs: ranked, joined up along foreign keys, within a budget of tokens."""

from collections import Counter, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

from core import bm25
from core.pipelines.answering.relevance.words import telling, words
from levada.v1.catalog_pb2 import Schema, Table

MOST_TABLES = 30
MOST_TOKENS = 12_000
SEEDS = 8
# A table's own name says more than its columns' names, those more than comments, those more than sample values.
NAME, COLUMN, COMMENT, SAMPLE = 5, 3, 2, 1


def key(table: Table) -> str:
    """Return a table's name with its namespace, as checkpoints and events carry it."""
    return f"{table.namespace}.{table.name}" if table.namespace else table.name


def relevant(schema: Schema, question: str, wanted: Collection[str] = ()) -> list[str]:
    """Return the tables to keep, best first: all of a small schema, else those that *question* needs.

    *wanted* tables are kept first: something else than their words speaks for them.
    """
    postings = bm25.Postings([document(table) for table in schema.tables])
    return Tables(schema).kept(bm25.scores(telling(question), [postings])[0], wanted)


class Tables:
    """A schema's tables by their keys, and which of them are linked: worked out once for many questions."""

    def __init__(self, schema: Schema) -> None:
        self._keys = [key(table) for table in schema.tables]
        self._by_key = dict(zip(self._keys, schema.tables, strict=True))
        self._keyed = [-len(table.foreign_keys) for table in schema.tables]
        self._links = _links(self._by_key)

    def kept(self, scores: Sequence[float], wanted: Collection[str] = ()) -> list[str]:
        """Return the tables to keep, best first, when *scores* say how much of the question each of them knows."""
        order = zip(self._keys, scores, self._keyed, strict=True)
        ranked = [name for _, _, _, name in sorted((n not in wanted, -score, keyed, n) for n, score, keyed in order)]
        candidates: Iterable[str] = ranked
        if len(ranked) > MOST_TABLES:
            seeds = [*wanted, *(name for name in ranked if name not in wanted)][: max(SEEDS, len(wanted))]
            candidates = dict.fromkeys([*seeds, *self._between(seeds), *self._neighbours(seeds), *ranked])
        return _within_budget(candidates, self._by_key)

    def _between(self, seeds: Sequence[str]) -> list[str]:
        """Return the tables on the shortest ways between *seeds*: without them these can't be joined."""
        return [name for start, end in combinations(seeds, 2) for name in _way(self._links, start, end)]

    def _neighbours(self, seeds: Sequence[str]) -> list[str]:
        return [other for seed in seeds for other in self._links.get(seed, ())]


def document(table: Table) -> Counter[str]:
    """Return the words of *table* with their weights."""
    found: Counter[str] = Counter()
    for text, weight in _texts(table):
        for word in words(text):
            found[word] += weight
    return found


def _texts(table: Table) -> Iterable[tuple[str, int]]:
    yield table.name, NAME
    yield table.comment, COMMENT
    for column in table.columns:
        yield column.name, COLUMN
        yield column.comment, COMMENT
        for sample in column.samples:
            yield sample, SAMPLE


def _links(tables: Mapping[str, Table]) -> dict[str, list[str]]:
    links: dict[str, set[str]] = {name: set() for name in tables}
    for name, table in tables.items():
        for foreign in table.foreign_keys:
            other = ".".join(part for part in (foreign.referenced_namespace, foreign.referenced_table) if part)
            if other in links:
                links[name].add(other)
                links[other].add(name)
    return {name: sorted(others) for name, others in links.items()}


def _way(links: Mapping[str, Sequence[str]], start: str, end: str, longest: int = 4) -> list[str]:
    came: dict[str, str] = {start: ""}
    queue = deque([(start, 0)])
    while queue:
        at, length = queue.popleft()
        if at == end:
            return _back(came, end)
        for other in links.get(at, ()) if length < longest else ():
            if other not in came:
                came[other] = at
                queue.append((other, length + 1))
    return []


def _back(came: dict[str, str], end: str) -> list[str]:
    way = []
    while end:
        way.append(end)
        end = came[end]
    return way


def _within_budget(candidates: Iterable[str], by_key: Mapping[str, Table]) -> list[str]:
    kept: list[str] = []
    tokens = 0
    for name in candidates:
        tokens += tokens_of(by_key[name])
        if kept and (len(kept) >= MOST_TABLES or tokens > MOST_TOKENS):
            break
        kept.append(name)
    return kept


def tokens_of(table: Table) -> int:
    """Estimate what *table* takes of a model's prompt: four characters a token."""
    return sum(len(text) + 4 for text, _ in _texts(table)) // 4

"""Which tables of a schema a question needs: ranked, joined up along foreign keys, within a budget of tokens."""

from collections import Counter, deque
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

from core.pipelines.answering.relevance import bm25
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


def relevant(
    schema: Schema, question: str, wanted: Collection[str] = (), scores: Sequence[float] | None = None
) -> list[str]:
    """Return the tables to keep, best first: all of a small schema, else those that *question* needs.

    *wanted* tables are kept first: something else than their words speaks for them. *scores* say how much of the
    question each table knows, where an index has told already.
    """
    ranked = _ranked(schema, wanted, scores or scored(schema, question))
    by_key = {key(table): table for table in schema.tables}
    if len(ranked) <= MOST_TABLES:
        candidates: Iterable[str] = ranked
    else:
        seeds = [*wanted, *(name for name in ranked if name not in wanted)][: max(SEEDS, len(wanted))]
        candidates = dict.fromkeys([*seeds, *_between(schema, seeds), *_neighbours(schema, seeds), *ranked])
    return _within_budget(candidates, by_key)


def scored(schema: Schema, question: str) -> list[float]:
    """Return how much of *question* each table of *schema* knows."""
    return bm25.scores(telling(question), [bm25.Postings([document(table) for table in schema.tables])])[0]


def _ranked(schema: Schema, wanted: Collection[str], scores: Sequence[float]) -> list[str]:
    order = sorted(
        zip(schema.tables, scores, strict=True),
        key=lambda pair: (key(pair[0]) not in wanted, -pair[1], -len(pair[0].foreign_keys), key(pair[0])),
    )
    return [key(table) for table, _ in order]


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


def _links(schema: Schema) -> dict[str, set[str]]:
    links: dict[str, set[str]] = {key(table): set() for table in schema.tables}
    for table in schema.tables:
        for foreign in table.foreign_keys:
            other = ".".join(part for part in (foreign.referenced_namespace, foreign.referenced_table) if part)
            if other in links:
                links[key(table)].add(other)
                links[other].add(key(table))
    return links


def _between(schema: Schema, seeds: Sequence[str]) -> list[str]:
    """Return the tables on the shortest ways between *seeds*: without them these can't be joined."""
    links = _links(schema)
    found: list[str] = []
    for start, end in combinations(seeds, 2):
        found.extend(_way(links, start, end))
    return found


def _way(links: dict[str, set[str]], start: str, end: str, longest: int = 4) -> list[str]:
    came: dict[str, str] = {start: ""}
    queue = deque([(start, 0)])
    while queue:
        at, length = queue.popleft()
        if at == end:
            return _back(came, end)
        for other in sorted(links.get(at, ())) if length < longest else ():
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


def _neighbours(schema: Schema, seeds: Sequence[str]) -> list[str]:
    links = _links(schema)
    return [other for seed in seeds for other in sorted(links.get(seed, ()))]


def _within_budget(candidates: Iterable[str], by_key: dict[str, Table]) -> list[str]:
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

"""From a question to its readings, best first: cut into chunks, resolve, read, render."""

import threading
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from core.models.base import Ask
from core.models.offline import ir
from core.models.offline.catalog import Catalog, Column, Table
from core.models.offline.chunks import Chunk, cut
from core.models.offline.currencies import mixed
from core.models.offline.doubts import refuse_doubtful
from core.models.offline.features import large, measure
from core.models.offline.grammar import read
from core.models.offline.joins import Joins, Unjoinable
from core.models.offline.left_out import dropped, unread
from core.models.offline.names import Names
from core.models.offline.reader import Reader, Unread
from core.models.offline.render import Renderer
from core.models.offline.resolve import resolve
from core.models.offline.rewording import counts, reworded
from core.models.offline.words import Token, lemma, plain, tokenize
from levada.v1.catalog_pb2 import Definition, Schema

_KEPT_SCHEMAS = 16


@dataclass
class Reading:
    """One way to understand a question, the lemmas of whose words are *said*; *unused* are words without a meaning,
    *dropped* those whose meaning found no place in the query.

    *sql* is in the source's language; *meaning* the SQL that it was made of, where that is another.
    """

    query: ir.Query
    sql: str
    unused: list[str]
    notes: list[str]
    chunks: list[Chunk]
    said: frozenset[str] = frozenset()
    dropped: Sequence[str] = ()
    features: dict[str, float] = field(default_factory=dict)
    confidence: float = 0.0
    large: bool = False
    meaning: str = ""


@dataclass(frozen=True)
class Readings:
    """How a question, *ask* as it was read, can be understood; *found* are not ranked yet."""

    ask: Ask
    prepared: "Prepared"
    found: Sequence[Reading]


@dataclass
class Prepared:
    """What is worked out once for a schema."""

    catalog: Catalog
    names: Names
    joins: Joins
    metrics: dict[tuple[str, ...], ir.Metric]
    aliases: dict[tuple[str, ...], Table | Column]
    first_and_last: bool


class Preparation:
    """Keeps what was prepared for the schemas asked about last."""

    def __init__(self) -> None:
        self._kept: dict[bytes, Prepared] = {}
        self._lock = threading.Lock()

    def of(self, schema: Schema) -> Prepared:
        key = schema.SerializeToString(deterministic=True)
        with self._lock:
            if key not in self._kept:
                while len(self._kept) >= _KEPT_SCHEMAS:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[key] = prepare(schema)
            return self._kept[key]


def prepare(schema: Schema) -> Prepared:
    catalog = Catalog(schema)
    metrics: dict[tuple[str, ...], ir.Metric] = {}
    aliases: dict[tuple[str, ...], Table | Column] = {}
    for definition in catalog.definitions:
        phrases = [tuple(lemma(word) for word in said.split()) for said in (definition.name, *definition.synonyms)]
        if definition.expression:
            if metric := _metric(definition, catalog):
                metrics.update(dict.fromkeys(phrases, metric))
        elif element := _target(definition.target, catalog):
            aliases.update(dict.fromkeys(phrases, element))
    first_and_last = any(len(table.display) == 2 for table in catalog.tables.values())
    return Prepared(catalog, Names(catalog), Joins(catalog), metrics, aliases, first_and_last)


def _metric(definition: Definition, catalog: Catalog) -> ir.Metric | None:
    try:
        parts = [
            sqlglot.parse_one(sql, read=catalog.dialect) for sql in (definition.expression, definition.condition) if sql
        ]
    except SqlglotError:
        return None
    tables = []
    for column in (column for part in parts for column in part.find_all(exp.Column)):
        if not (table := catalog.table(column.table)):
            return None
        tables.append(table.id)
    return ir.Metric(definition.name, definition.expression, definition.condition, tuple(dict.fromkeys(tables)))


def _target(target: str, catalog: Catalog) -> Table | Column | None:
    table, _, column = target.partition(".")
    return catalog.column(table, column) if column else catalog.table(table)


def chunked(question: str, ask: Ask, prepared: Prepared) -> tuple[list[Token], list[Chunk]]:
    """Return the words of *question*, said again where the grammar wants other ones, and its chunks."""
    text = plain(reworded(question, prepared.catalog, prepared.metrics), prepared.first_and_last)
    tokens, chunks = _cut(text, ask, prepared)
    counted = counts(text, chunks)
    return (tokens, chunks) if counted == text else _cut(counted, ask, prepared)


def _cut(text: str, ask: Ask, prepared: Prepared) -> tuple[list[Token], list[Chunk]]:
    tokens = tokenize(text)
    return tokens, cut(text, tokens, prepared.names, ask.lookup, prepared.metrics, prepared.aliases)


def readings(ask: Ask, prepared: Prepared, limit: int = 5) -> list[Reading]:
    """Return up to *limit* different readings of the question, the first from the best meanings alone."""
    tokens, chunks = chunked(ask.question, ask, prepared)
    context = resolve(chunks, prepared.catalog, prepared.joins)
    found: list[Reading] = []
    for variant in _variants(chunks, context.margins):
        try:
            reading = _read(ask, prepared, variant, context, tokens)
        except (Unread, Unjoinable):
            continue
        if all(reading.sql != other.sql for other in found):
            found.append(reading)
        if len(found) >= limit:
            break
    return found


def rewritten(
    reading: Reading, conditions: Sequence[ir.Condition], notes: Sequence[str], prepared: Prepared
) -> Reading:
    """Return *reading* with *conditions* and *notes* besides its own."""
    query = replace(reading.query, where=[*reading.query.where, *conditions])
    sql = Renderer(prepared.catalog, prepared.joins, reading.said).sql(query)
    return replace(reading, query=query, sql=sql, notes=[*reading.notes, *notes])


def unknown_words(ask: Ask, prepared: Prepared) -> list[str]:
    """Return the words of the question that neither the schema, the data nor the grammar knows."""
    _, chunks = chunked(ask.question, ask, prepared)
    return [chunk.text for chunk in chunks if not chunk.chosen and not chunk.filler]


def _variants(chunks: Sequence[Chunk], margins: dict[int, float]) -> Iterable[list[Chunk]]:
    """Yield *chunks* as they are, then with the least sure meaning exchanged for the next."""
    yield deepcopy(list(chunks))
    for place in sorted(margins, key=lambda place: margins[place])[:4]:
        if margins[place] > 0.25:
            return
        other = deepcopy(list(chunks))
        chunk = other[place]
        if chunk.chosen == "name:column" and len(chunk.columns) > 1:
            chunk.columns = [chunk.columns[1], chunk.columns[0], *chunk.columns[2:]]
        elif chunk.values and len(chunk.values) > 1:
            chunk.values = [chunk.values[1], chunk.values[0], *chunk.values[2:]]
        else:
            continue
        yield other


def _read(ask: Ask, prepared: Prepared, chunks: list[Chunk], context, tokens: Sequence[Token]) -> Reading:
    reader = Reader(
        chunks,
        prepared.catalog,
        prepared.names,
        prepared.joins,
        ask.lookup,
        context,
        ask.today,
        metrics=prepared.metrics,
    )
    reader.words = [token.text for token in tokens]
    query = read(reader)
    figures = {chunk.metric for chunk in chunks if chunk.chosen == "metric" and chunk.metric}
    refuse_doubtful(query, tokens, reader.unranked, figures, prepared.catalog)
    said = frozenset(token.lemma for token in tokens)
    sql = Renderer(prepared.catalog, prepared.joins, said).sql(query)
    unused = unread(reader, tokens)
    notes = [*reader.notes, *mixed(query, prepared.catalog)]
    reading = Reading(query, sql, unused, notes, chunks, said, dropped(reader, query))
    reading.features = measure(reading.query, reading.sql, unused, reader, tokens)
    reading.large = large(reader, sql)
    return reading

"""Proposes what to ask next, from what was asked and what the data holds; whether each has an answer is tried later."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from core.pipelines.answering.analysis.roles import TIMES, Role
from core.pipelines.answering.analysis.statistics import Statistics
from core.pipelines.answering.analysis.view import by_row, naming_columns
from core.pipelines.answering.analysis.words import human, sentence, several, singular
from levada.v1.catalog_pb2 import Schema, Table
from levada.v1.event_pb2 import ResultColumn

MOST = 8
_TIME_PHRASE = re.compile(
    r"\b(?:(?:last|this|previous) (?:month|year|quarter|week)|(?:in )?(?:january|february|march|april|may|june|july"
    r"|august|september|october|november|december) \d{4}|in \d{4})\b",
    re.IGNORECASE,
)
_KINDS = {"status", "type", "method", "department", "device", "channel", "medium", "segment"}
# With more rows than this a table is ranked, with fewer it is what a figure is split by.
FEW_ROWS = 50
_NO_FIGURE = re.compile(r"(^|[\W_])(id|key|code)$")
_AGGREGATES = {exp.Sum: "total", exp.Avg: "average", exp.Max: "highest", exp.Min: "lowest"}


@dataclass(frozen=True)
class Topic:
    """What was asked about.

    *figure* is in words, *counted* the table whose rows it counts, if it does; it comes from *tables*, is split
    already by what *split* names, and within the time that *when* says. *things* are what its rows belong to.
    """

    stem: str
    figure: str
    counted: str
    tables: Sequence[Table]
    split: frozenset[str]
    when: str
    things: Sequence[Table]


def propose(schema: Schema, question: str, sql: str, columns: Sequence[ResultColumn], stats: Statistics) -> list[str]:
    """Return up to eight questions that may follow, the likeliest to be of use first."""
    topic = _topic(schema, question, sql)
    if topic is None:
        return []
    asked = _plain(question)
    found: dict[str, str] = {}
    for proposal in _proposals(topic, stats):
        if _plain(proposal) != asked:
            found.setdefault(_plain(proposal), proposal)
    return list(found.values())[:MOST]


def splits(schema: Schema, question: str, sql: str) -> tuple[list[str], list[str]]:
    """Return what the figure of *question*, whose query is *sql*, may be split by, and rankings by that figure."""
    topic = _topic(schema, question, sql)
    return (list(dict.fromkeys(_splits(topic))), list(_rankings(topic, ""))) if topic is not None else ([], [])


def _plain(question: str) -> str:
    return " ".join(re.findall(r"\w+", question.casefold()))


def _topic(schema: Schema, question: str, sql: str) -> Topic | None:
    try:
        tree = sqlglot.parse_one(sql, read=schema.dialect or None)
    except SqlglotError:
        return None
    used = list(tree.find_all(exp.Table))
    # What a subquery only looks at is not what was asked about.
    names = {table.name.casefold() for table in used if table.parent_select is tree} or {
        one.name.casefold() for one in used
    }
    tables = [table for table in schema.tables if table.name.casefold() in names]
    if not tables:
        return None
    when = _TIME_PHRASE.search(question)
    figure, counted = _figure(schema, question, tree, tables)
    return Topic(
        stem=" ".join(question.split()).rstrip("?.! "),
        figure=figure,
        counted=counted,
        tables=tables,
        split=frozenset(_split(tree)),
        when=when[0] if when and not re.search(r"\bbetween\b", question, re.IGNORECASE) else "",
        things=_things(schema, [table for table in tables if table.name == counted] or tables),
    )


def _figure(schema: Schema, question: str, tree: exp.Expr, tables: Sequence[Table]) -> tuple[str, str]:
    """Return the figure asked about: one the business has a word for, else what the query computes."""
    asked, computed = f" {_plain(question)} ", _bare(tree.sql())
    figures = [one for one in schema.definitions if one.expression]
    said = [one for one in figures if any(f" {_plain(word)} " in asked for word in (one.name, *one.synonyms))]
    meant = sorted(figures, key=lambda one: len(one.expression), reverse=True)
    meant = [one for one in meant if _bare(one.expression) in computed]
    if said or meant:
        return (said or meant)[0].name, ""
    for kind, word in _AGGREGATES.items():
        columns = (node.this for node in tree.find_all(kind))
        plain = (one for one in columns if isinstance(one, exp.Column) and not _NO_FIGURE.search(one.name.casefold()))
        if column := next(plain, None):
            return f"{word} {human(column.name)}", ""
    source = tree.find(exp.From)
    table = source.find(exp.Table) if source else None
    main = table.name if table else tables[0].name
    return f"number of {several(main)}", main


def _bare(sql: str) -> str:
    return re.sub(r"[\s\"`]|distinct", "", sql.casefold())


def _split(tree: exp.Expr) -> Iterator[str]:
    names = {table.alias_or_name.casefold(): table.name.casefold() for table in tree.find_all(exp.Table)}
    for group in tree.find_all(exp.Group):
        for column in group.find_all(exp.Column):
            yield column.name.casefold()
            yield names.get(column.table.casefold(), "")


def _things(schema: Schema, tables: Sequence[Table]) -> list[Table]:
    """Return what rows of *tables* belong to, two steps away at most: what all have before what some have."""
    known = {table.name: table for table in schema.tables}
    found: dict[str, tuple[int, bool]] = {}
    reached = [(table, False) for table in tables]
    for step in range(2):
        ahead = []
        for table, optional in reached:
            nullable = {column.name for column in table.columns if column.nullable}
            for key in table.foreign_keys:
                other = known.get(key.referenced_table)
                if other is not None and other.name not in found:
                    found[other.name] = step, optional or bool(nullable & set(key.columns))
                    ahead.append((other, found[other.name][1]))
        reached = ahead
    return sorted((known[name] for name in found), key=lambda one: (found[one.name][1], one.row_estimate))


def _proposals(topic: Topic, stats: Statistics) -> Iterator[str]:
    figure, when = sentence(topic.figure), f" {topic.when}" if topic.when else ""
    timed = _is_timed(topic) and not stats.having(Role.TIME)
    splits = list(_splits(topic))
    leader = _leader(stats)
    if leader and timed:
        yield f"{figure} of {leader} by month"
    if _is_conditional(topic, stats):
        # The figure alone would leave the conditions out: the whole question again, split by something.
        if timed and not topic.when:
            yield f"{topic.stem} by month?"
        yield from (f"{topic.stem} by {word}?" for word in splits[:1])
        splits = splits[1:]
    if timed or (stats.rows == 0 and _is_timed(topic)):
        yield f"{figure} by month"
    yield from (f"{figure} by {word}{when}" for word in splits[:2])
    yield from list(_rankings(topic, when))[:2]
    if _is_timed(topic):
        yield f"Compare {topic.figure} of this year and last year"
    yield from (f"{figure} by {word}{when}" for word in splits[2:])
    yield from _absences(topic)


def _is_conditional(topic: Topic, stats: Statistics) -> bool:
    """Tell whether a single figure was asked for under a condition on a value, as in "how many … in Germany"."""
    single = stats.rows == 1 and not topic.split and bool(stats.measures)
    values = (one for one in stats.shape.conditions if isinstance(one, exp.EQ | exp.Like | exp.ILike | exp.In))
    valued = any(literal.is_string for one in values for literal in one.find_all(exp.Literal))
    return single and valued and bool(re.match(r"(how|what)\b", topic.stem, re.IGNORECASE))


def _is_timed(topic: Topic) -> bool:
    """Tell whether the figure goes along time; a short list of things with a date does not."""
    counted = [table for table in topic.tables if table.name == topic.counted]
    if any(table.HasField("row_estimate") and table.row_estimate <= FEW_ROWS for table in counted):
        return False
    return any(
        column.type in TIMES and (table.row_estimate > 1000 or not table.HasField("row_estimate"))
        for table in ([*counted, *topic.things] if counted else topic.tables)
        for column in table.columns
    )


def _splits(topic: Topic) -> Iterator[str]:
    """Return what the figure may be split by: things with a name that rows belong to, and kinds of rows."""
    for table in topic.things:
        free = table.name.casefold() not in topic.split and table.name not in {one.name for one in topic.tables[:1]}
        if free and _named(table) and table.row_estimate <= FEW_ROWS:
            yield singular(human(table.name))
    for table in [*topic.tables, *topic.things]:
        kinds = (column.name.casefold() for column in table.columns)
        yield from (human(kind) for kind in kinds if kind in _KINDS - topic.split)


def _named(table: Table) -> bool:
    return any(is_name(table.name, column.name) for column in table.columns)


def is_name(table: str, column: str) -> bool:
    """Tell whether *column* names what the rows of *table* are."""
    return column.casefold() in ("name", "title", f"{singular(table)}_name")


def _is_people(table: Table) -> bool:
    return any("last_name" in column.name.casefold() for column in table.columns)


def _leader(stats: Statistics) -> str:
    """Return what has the highest figure, where a single column names it."""
    names, measures = naming_columns(stats), stats.measures
    if len(names) != 1 or not measures or stats.rows < 2 or names[0].role is not Role.CATEGORY:
        return ""
    ranked = by_row(stats, measures[0])
    return ranked.name(ranked.order[0])


def _rankings(topic: Topic, when: str) -> Iterator[str]:
    for table in topic.things:
        free = table.name.casefold() not in topic.split and table.name != topic.counted
        if free and table.row_estimate > FEW_ROWS and (_named(table) or _is_people(table)):
            yield f"Top 10 {several(table.name)} by {topic.figure}{when}"


def _absences(topic: Topic) -> Iterator[str]:
    """Ask for things that nothing belongs to."""
    things = {table.name: table for table in topic.things}
    for table in topic.tables:
        for key in table.foreign_keys:
            owner = things.get(key.referenced_table)
            if owner is not None and (_named(owner) or _is_people(owner)):
                yield f"Which {several(owner.name)} have no {several(table.name)}?"

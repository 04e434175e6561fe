"""What a prompt of `query` is given to work with: tables, definitions, values, questions, each as data and by worth."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.models.base import Ask, Turn
from core.pipelines.answering.relevance import links
from core.pipelines.answering.relevance.tables import key, relevant
from core.pipelines.answering.schema_lines import index_parts, last_day, named, table_parts
from core.prompts import Ours, Part, quoted
from levada.v1.catalog_pb2 import Definition

QUESTION = 10_000
QUERY = 20_000
MESSAGE = 2_000
DIALECTS = {
    "sqlite": "SQLite",
    "postgres": "PostgreSQL",
    "mysql": "MySQL",
    "duckdb": "DuckDB",
    "trino": "Trino",
    "mongodb": "MongoDB",
    "qdrant": "Qdrant",
    "slack": "Slack",
}

# Tables are worth 0 to 1 by their rank. Rules, and a definition that the question names, decide what is right; the
# others, and what was asked before, matter less than the better half of the tables.
RULE, NAMED_DEFINITION, DEFINITION, SIMILAR, TURN = 3.0, 2.0, 0.2, 0.5, 0.6
Parts = Mapping[str, Sequence[Part]]


def values(ask: Ask) -> dict[str, Any]:
    """Return what every prompt about *ask* shows in any case."""
    return {
        "question": quoted(ask.question, QUESTION),
        "dialect": Ours(DIALECTS.get(ask.schema.dialect, ask.schema.dialect)),
        "language": Ours(ask.language),
        "form": Ours(json.dumps(ask.form, ensure_ascii=False)) if ask.form else Ours(),
        "today": Ours(ask.today.isoformat()),
        "last_day": Ours(day.isoformat() if (day := last_day(ask)) else ""),
        "linked_values": [
            Ours(f"{quoted(found.words)} is {quoted(found.value)} in {named(f'{found.table}.{found.column}')}")
            for found in ask.linked_values
        ],
    }


def parts(ask: Ask) -> Parts:
    """Return what a prompt that is to make a query shows as far as there is room."""
    return {
        "tables": table_parts(ask),
        "rules": [Part(one.name, _rule(one), RULE) for one in ask.schema.definitions if _is_rule(one)],
        "definitions": _definitions(ask),
        "similar questions": _turns(ask.similar, SIMILAR),
        "earlier turns": _turns(list(reversed(ask.turns)), TURN)[::-1],
    }


def overview(ask: Ask) -> Parts:
    """Return what a prompt that only sorts questions shows: the tables' names, what was asked before."""
    by_key = {key(table): table for table in ask.schema.tables}
    tables = [by_key[name] for name in relevant(ask.schema, ask.question)]
    return {"tables": index_parts(tables), "earlier turns": _turns(list(reversed(ask.turns)), 2.0)[::-1]}


def _turns(turns: Sequence[Turn], worth: float) -> list[Part]:
    """Return *turns*, the first of them worth most."""
    found = []
    for place, turn in enumerate(turns):
        question = quoted(turn.question, QUESTION)
        text = Ours(f"{question} was answered by {quoted(turn.sql, QUERY)}") if turn.sql else question
        found.append(Part(turn.question[:60], text, worth - place / 100, question if turn.sql else None))
    return found


def _definitions(ask: Ask) -> list[Part]:
    asked = {definition.name for definition in links.definitions(ask.schema, ask.question)}
    return [
        Part(one.name, _definition(one), NAMED_DEFINITION if one.name in asked else DEFINITION - place / 1_000)
        for place, one in enumerate(ask.schema.definitions)
        if not _is_rule(one)
    ]


def _is_rule(one: Definition) -> bool:
    return not (one.expression or one.target)


def _rule(one: Definition) -> Ours:
    return Ours(f"{quoted(one.name)}: {quoted(one.description, MESSAGE)}")


def _definition(one: Definition) -> Ours:
    said = str(quoted(one.name))
    if one.synonyms:
        said += f" (also {', '.join(map(quoted, one.synonyms))})"
    if one.expression:
        said += f" = {quoted(one.expression, QUERY)}"
    if one.target:
        said += f" means {named(one.target)}"
    if one.condition:
        said += f" where {quoted(one.condition, QUERY)}"
    if one.unit:
        said += f", in {quoted(one.unit)}"
    return Ours(f"{said}. {quoted(one.description, MESSAGE)}" if one.description else said)

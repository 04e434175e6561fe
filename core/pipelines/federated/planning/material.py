"""What a prompt that is to make a plan is given: sources and their languages, tables, values, as data and by worth."""

import json
from typing import Any

from core.models.base import Ask
from core.models.plans import CrossAsk, Operation
from core.pipelines.answering import material
from core.pipelines.answering.material import DIALECTS, QUERY, QUESTION, Parts
from core.pipelines.answering.relevance import links
from core.pipelines.answering.schema_lines import named
from core.prompts import Ours, Part, quoted
from core.sources.base import SQL


def values(ask: CrossAsk) -> dict[str, Any]:
    """Return what every prompt about *ask* shows in any case."""
    return {
        "question": quoted(ask.question, QUESTION),
        "today": Ours(ask.today.isoformat()),
        "sources": [_source(ask, name) for name in ask.schemas],
        "turns": [quoted(turn.question, QUESTION) for turn in ask.turns],
        "languages": sorted(set(ask.languages.values())),
        "linked_values": [
            Ours(f"{quoted(one.words)} is {quoted(one.value)} in {named(name)}: {named(f'{one.table}.{one.column}')}")
            for name, lookup in ask.lookups.items()
            for one in links.values(lookup, ask.question)
        ],
    }


def parts(ask: CrossAsk) -> Parts:
    """Return what a prompt shows as far as there is room: every source's tables, definitions and values."""
    groups: dict[str, list[Part]] = {"tables": [], "definitions": [], "rules": []}
    for name, schema in ask.schemas.items():
        own = material.parts(Ask(ask.question, schema, ask.lookups[name], ask.today))
        for group, found in groups.items():
            found += [_of(name, part) for part in own[group]]
    return groups


def operation(planned: Operation) -> Ours:
    """Return an operation of a plan that did not work."""
    return quoted(planned.model_dump_json(exclude_defaults=True), QUERY)


def _of(source: str, part: Part) -> Part:
    lean = Ours(f"{named(source)}: {part.lean}") if part.lean is not None else None
    return Part(f"{source}: {part.name}", Ours(f"{named(source)}: {part.text}"), part.worth, lean)


def _source(ask: CrossAsk, name: str) -> Ours:
    language, dialect = ask.languages[name], ask.schemas[name].dialect
    if language == SQL:
        return Ours(f"{named(name)}: asked in SQL, the dialect of {DIALECTS.get(dialect, dialect)}")
    form = json.dumps(ask.forms.get(name, {}), ensure_ascii=False)
    return Ours(f"{named(name)}: asked in documents of the language {language}, whose JSON Schema is {form}")

"""What to say when a question is not understood: which words, and what the source does know about."""

import re
from collections.abc import Sequence

from core.errors import NotUnderstood
from core.models.offline.catalog import Catalog
from core.models.offline.planner import Reading
from core.models.offline.words import split_name

_NAMED = 6
_FOREIGN = 4
# What begins a request to change data, where no data goes by that name.
_CHANGING = re.compile(
    "add|alter|amend|append|change|clear|create|delete|destroy|drop|edit|erase|insert|modify|overwrite|purge|remove|"
    "rename|replace|reset|truncate|update|wipe|write",
    re.IGNORECASE,
)


def refusal(catalog: Catalog, readings: Sequence[Reading], unknown: Sequence[str]) -> NotUnderstood:
    """Return the error to raise: no reading, or none sure enough."""
    words = list(dict.fromkeys(readings[0].unused if readings else unknown))
    if words and _CHANGING.fullmatch(words[0]):
        problem = f"Data is only read here and never changed, so I can't {words[0].lower()} anything."
        return NotUnderstood(f"{problem} {_known(catalog)} Ask what you want to know of it.", unused=tuple(words))
    if words:
        problem = f"I found no meaning for {_quoted(words)} here."
    elif readings and (dropped := readings[0].dropped):
        problem = f"I know {_quoted(dropped)} here, but can't tell what part it has in this question."
    elif readings and readings[0].features.get("empty"):
        problem = "The way I read it, nothing in the data matches, so I may have misunderstood."
    elif readings:
        problem = "I am not sure enough that I understood this, and a wrong answer would be worse than none."
    else:
        problem = "I could not make a query of this."
    return NotUnderstood(f"{problem} {_known(catalog)} {_advice(words)}", unused=tuple(words))


def _known(catalog: Catalog) -> str:
    tables = sorted(catalog.tables.values(), key=lambda table: (table.linking, -(table.rows or 0)))
    names = [" ".join(split_name(table.name)) for table in tables[:_NAMED]]
    if not names:
        return "There are no tables that you may read."
    more = f" and {len(catalog.tables) - _NAMED} more" if len(catalog.tables) > _NAMED else ""
    figures = [definition.name for definition in catalog.definitions if definition.expression][:_NAMED]
    said = f"The data is about {', '.join(names)}{more}."
    return f"{said} Figures I know: {', '.join(figures)}." if figures else said


def _advice(words: Sequence[str]) -> str:
    if len(words) >= _FOREIGN:
        return "I understand English only; say it with those names."
    if words:
        return "Say it with those names, or put values in quotes."
    return "Try a shorter question, with one thing asked at a time."


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words[:_NAMED])

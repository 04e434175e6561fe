"""Whether a plan is one: ids, kinds, sources, references. What a query says is the guard's business."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.models.plans import COMBINE, OTHERWISE, Operation
from core.pipelines.federated.planning.graph import cycle, values_of
from core.sources.base import SQL

MOST_OPERATIONS = 20
MOST_VALUES = 4
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def problems(operations: Sequence[Operation], languages: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the form of a plan over sources that speak *languages*, each in a sentence."""
    if len(operations) > MOST_OPERATIONS + 1:
        return [f"The plan has {len(operations):,} operations; at most {MOST_OPERATIONS} and combine are allowed."]
    found = [*_ids(operations), *_last(operations)]
    ids = {operation.id for operation in operations if operation.kind != COMBINE}
    for operation in operations:
        checks = _combine(operation) if operation.kind == COMBINE else _asks(operation, languages)
        found += [f"{operation.id}: {problem}" for problem in (*checks, *_references(operation, ids))]
    if not found and (ring := cycle(operations)):
        found.append(f"These operations wait for each other, so that none could begin: {' → '.join(ring)}.")
    return found


def _ids(operations: Sequence[Operation]) -> Iterator[str]:
    for ref, count in Counter(operation.id.casefold() for operation in operations).items():
        if count > 1:
            yield f"{count} operations are named {ref}; each needs a name of its own."
    for operation in operations:
        if not _ID.fullmatch(operation.id):
            yield f"{operation.id[:80]!r} is no id: use letters, digits and _, a letter first, at most 63 of them."


def _last(operations: Sequence[Operation]) -> Iterator[str]:
    combining = [operation for operation in operations if operation.kind == COMBINE]
    if len(combining) != 1 or operations[-1].kind != COMBINE:
        yield "A plan ends in one operation of the kind combine, which joins what the others give."
    if len(operations) - len(combining) < 1:
        yield "The plan asks no source."


def _combine(operation: Operation) -> Iterator[str]:
    if not _text(operation.params.get("sql")):
        yield "combine needs its SQL in params.sql."
    if operation.source:
        yield "combine has no source: it runs over what the other operations gave."
    if unknown := operation.params.keys() - {"sql"}:
        yield f"combine takes nothing but sql; it has {', '.join(sorted(unknown))} too."


def _asks(operation: Operation, languages: Mapping[str, str]) -> Iterator[str]:
    language = languages.get(operation.source)
    if language is None:
        yield f"there is no source {operation.source[:80]!r} that may be asked; there are {', '.join(languages)}."
        return
    if operation.kind != language:
        yield f"{operation.source} is asked in {language}, not in {operation.kind[:80]!r}."
    if language == SQL and not _text(operation.params.get("query")):
        yield "an operation in SQL needs its text in params.query."
    if language == SQL and (unknown := operation.params.keys() - {"query", "values", OTHERWISE}):
        yield f"an operation in SQL takes query and values; it has {', '.join(sorted(unknown))} too."
    if (whole := operation.otherwise) is not None:
        yield from (f"in params.otherwise, {problem}" for problem in _asks(whole, languages))
        if whole.params.keys() & {"values", OTHERWISE}:
            yield "params.otherwise takes no values: it is what is asked where there are too many."
    elif OTHERWISE in operation.params:
        yield "params.otherwise has the params of a query, and is none."


def _references(operation: Operation, ids: set[str]) -> Iterator[str]:
    for ref in operation.depends_on:
        if ref not in ids:
            yield f"it depends on {ref[:80]!r}, which is no other operation."
    named = operation.params.get("values")
    if named is not None and not _places(named):
        yield "params.values maps names to places, each as operation.column."
        return
    values = values_of(operation)
    if len(values) > MOST_VALUES:
        yield f"it takes over {len(values)} lists of values; at most {MOST_VALUES} are allowed."
    for name, (ref, _) in values.items():
        if ref not in ids or ref == operation.id:
            yield f"the values {name} are those of {ref[:80]!r}, which is no other operation."
    # SQL has them as names, and its guard sees to them.
    if operation.kind != SQL and (unused := values.keys() - set(_taken(operation.params))):
        name = min(unused)
        yield f'the values {name} are nowhere in the query: put {{"$value": "{name}"}} where they belong.'


def _taken(node: Any) -> Iterator[str]:
    """Yield the names of values that a document takes."""
    if isinstance(node, Mapping):
        if isinstance(name := node.get("$value"), str):
            yield name
        yield from (name for part in node.values() for name in _taken(part))
    elif isinstance(node, list | tuple):
        yield from (name for part in node for name in _taken(part))


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _places(named: Any) -> bool:
    return isinstance(named, Mapping) and all(
        isinstance(name, str) and _NAME.fullmatch(name) and isinstance(place, str) and "." in place
        for name, place in named.items()
    )

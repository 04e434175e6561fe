"""An operation of a plan over several sources, for people: what it does, and what it asks in its source's language."""

import json

from levada.v1 import event_pb2 as events

_OWN = ("query", "sql")
"""What holds the whole query, where it is text; other languages' queries are documents."""


def asks(operation: events.PlannedOperation) -> tuple[str, str]:
    """Return the query of *operation*, empty for those who may not see it, and what it is written in."""
    if not operation.params_json:
        return "", "text"
    params = json.loads(operation.params_json)
    text = next((params[name] for name in _OWN if isinstance(params.get(name), str)), "")
    if text and operation.kind in {"sql", "combine"}:
        return text, "sql"
    return json.dumps(params, ensure_ascii=False), "json"


def does(operation: events.PlannedOperation) -> str:
    """Return what *operation* is for, and what has to come before it."""
    after = f" (after {', '.join(operation.depends_on)})" if operation.depends_on else ""
    return f"{operation.id}: {operation.description}{after}"

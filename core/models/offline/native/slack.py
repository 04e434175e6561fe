"""The planner's SQL as Slack's own searches and listings."""

from typing import Any

from sqlglot import exp

from core.models.offline.native.faults import CannotSay
from core.models.offline.native.listing import compared, listing, members, text_about, value_of
from levada.v1.catalog_pb2 import Schema

_METHODS = {"messages": "history", "users": "users", "channels": "channels"}
# What may be asked for by which name, in each table.
_NAMED = {
    "messages": {
        "channel": "channels", "channel_id": "channels", "author": "users", "author_id": "users", "thread": "thread"
    },
    "users": {"id": "users"},
    "channels": {"id": "channels", "name": "channels"},
}  # fmt: skip
_TIME = "sent_at"


def document(query: exp.Query, schema: Schema) -> dict[str, Any]:
    """Return *query* as {"method", …}. Raises CannotSay."""
    asked = listing(query)
    if asked.table not in _METHODS:
        raise CannotSay(f"there is no {asked.table}")
    found: dict[str, Any] = {"method": _METHODS[asked.table]}
    for condition in asked.conditions:
        _add(_said(condition, asked.table), found)
    if asked.table == "messages":
        _choose(found)
    if asked.order and (asked.order != (_TIME, True) or found["method"] == "thread" or "replies" in found):
        raise CannotSay("it lists the newest first, and replies with what they reply to")
    if asked.limit and (asked.order or asked.table != "messages"):
        found["limit"] = asked.limit
    elif asked.limit:
        raise CannotSay("it lists the newest first")
    return {**found, "fields": asked.fields}


def _choose(found: dict[str, Any]) -> None:
    """Say how messages are found: by words, in a thread, or by reading channels with all that was replied."""
    if "thread" in found:
        found["method"] = "thread"
    elif "query" in found:
        found["method"] = "search"
    else:
        found["replies"] = True
    if found["method"] == "thread" and "channels" in found:
        raise CannotSay("a thread is in one channel")


def _add(said: dict[str, Any], found: dict[str, Any]) -> None:
    if set(said) & set(found):
        raise CannotSay("it can be asked for that once only")
    found.update(said)


def _said(condition: exp.Expr, table: str) -> dict[str, Any]:
    if (text := text_about(condition)) is not None:
        return {"query": text}
    if isinstance(condition, exp.In):
        key, values = members(condition)
        return {_named(key, table): values if isinstance(values, dict) else [str(value) for value in values]}
    if not isinstance(condition, exp.EQ | exp.GTE | exp.LT):
        raise CannotSay("it can be asked for channels, people, times and words")
    key, right = compared(condition)
    value = str(value_of(right))
    if isinstance(condition, exp.EQ):
        return {_named(key, table): value}
    if table != "messages" or key != _TIME:
        raise CannotSay("it can be asked for the times of messages only")
    moment = value if len(value) > len("2026-01-31") else f"{value}T00:00:00Z"
    return {"date_from" if isinstance(condition, exp.GTE) else "date_to": moment}


def _named(key: str, table: str) -> str:
    if key not in _NAMED[table]:
        raise CannotSay("it can be asked for channels, people, times and words")
    return _NAMED[table][key]

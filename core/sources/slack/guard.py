"""The guard of queries to Slack: lets pass what reads messages, people and channels that its caller may read."""

import re
from collections.abc import Callable, Sequence

from pydantic import ValidationError

from core.errors import QueryRefused
from core.sources.base import CheckedQuery, Parameters
from core.sources.slack import words
from core.sources.slack.directory import Directory
from core.sources.slack.query import TABLE_OF, Bound, Method, SlackQuery, Texts
from core.sources.slack.spans import span
from levada.v1.catalog_pb2 import Schema, Table

_LONGEST = 200_000
_MOST_NAMES = 1_000
_MOST_SEARCHES = 20
_USED: dict[Method, set[str]] = {
    "search": {"query", "channels", "users", "date_from", "date_to"},
    "history": {"query", "channels", "users", "date_from", "date_to", "replies"},
    "thread": {"query", "thread", "users", "date_from", "date_to"},
    "users": {"query", "users"},
    "channels": {"query", "channels"},
}
_NEEDED: dict[Method, str] = {"search": "query", "thread": "thread"}
_ALWAYS = {"method", "limit", "fields"}
_THREAD = re.compile(r"[A-Z0-9]+/\d{1,12}\.\d{1,6}")
_ID = re.compile(r"[UWB][A-Z0-9]{6,}")


def check(text: str, readable: Schema, rows: int, parameters: Parameters, directory: Directory | None) -> CheckedQuery:
    """Return *text* as it may run, with the values of *parameters* in it.

    Names of channels and people are looked up in *directory* when it was read already. Raises QueryRefused.
    """
    asked = _read(text)
    table = _table(asked, readable)
    _require_fitting(asked)
    span(asked.date_from, asked.date_to)
    queries = _texts("query", asked.query, parameters, words.required, words.as_phrase)
    if asked.method == "search" and queries:
        _require_few(queries)
    checked = asked.model_copy(
        update={
            "query": queries,
            "channels": _texts("channels", asked.channels, parameters, _known_channel(directory)),
            "users": _texts("users", asked.users, parameters, _known_user(directory)),
            "thread": _texts("thread", asked.thread, parameters, _known_thread(directory)),
            "limit": asked.limit if asked.limit and asked.limit <= rows else rows + 1,
            "fields": _fields(asked, table),
        }
    )
    written = checked.model_dump_json(exclude_none=True, exclude_defaults=True)
    return CheckedQuery(written, "slack", rows, (table.name,), language="slack")


def _require_few(queries: Sequence[str]) -> None:
    if len(queries) > _MOST_SEARCHES:
        raise QueryRefused(
            "many-values",
            f"Each of {len(queries):,} texts takes a search of its own; at most {_MOST_SEARCHES} fit. Use method"
            " history, which reads the messages of channels and keeps those with one of the texts.",
        )


def _read(text: str) -> SlackQuery:
    if len(text) > _LONGEST:
        raise QueryRefused("length", f"The query is longer than {_LONGEST:,} characters. Ask for less at once.")
    try:
        return SlackQuery.model_validate_json(text)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the document'}: {e['msg']}" for e in error.errors()[:3])
        raise QueryRefused("form", f"The query is not of the form that Slack is asked in: {wrong}.") from None


def _table(asked: SlackQuery, readable: Schema) -> Table:
    name = TABLE_OF[asked.method]
    found = next((table for table in readable.tables if table.name == name), None)
    if found is None:
        raise QueryRefused("unknown-table", f"Method {asked.method} reads {name}, which can't be read here.")
    return found


def _require_fitting(asked: SlackQuery) -> None:
    superfluous = sorted(asked.model_fields_set - _USED[asked.method] - _ALWAYS)
    superfluous = [name for name in superfluous if getattr(asked, name) not in (None, False)]
    if superfluous:
        raise QueryRefused(
            "unused-field",
            f"Method {asked.method} has no {', '.join(superfluous)}. Leave it out or use another method.",
        )
    needed = _NEEDED.get(asked.method)
    if needed and getattr(asked, needed) is None:
        raise QueryRefused("missing-field", f"Method {asked.method} needs {needed}.")


def _texts(
    field: str,
    said: Texts | None,
    parameters: Parameters,
    require: Callable[[str], str],
    quote: Callable[[str], str] = str,
) -> list[str] | None:
    """Return what is *said* in *field* as a list: what the query itself says is required to be right, values go in."""
    if said is None:
        return None
    found: list[str] = []
    for one in said if isinstance(said, list) else [said]:
        if isinstance(one, Bound):
            found += filter(None, map(quote, _values(one, parameters)))
        else:
            found.append(require(one))
    if len(found) > _MOST_NAMES:
        raise QueryRefused("many-values", f"{field} has {len(found):,} values; at most {_MOST_NAMES:,} fit at once.")
    return list(dict.fromkeys(found))


def _values(bound: Bound, parameters: Parameters) -> list[str]:
    """Return the values as text that can be sent: half of a surrogate pair, as some databases hold, can't."""
    if bound.name not in parameters:
        raise QueryRefused("unknown-value", f"No value is called {bound.name!r}. Use the names that are given.")
    texts = [
        str(value).encode(errors="replace").decode().strip() for value in parameters[bound.name] if value is not None
    ]
    return [text for text in texts if text]


def _fields(asked: SlackQuery, table: Table) -> list[str]:
    readable = [column.name for column in table.columns]
    unknown = next((name for name in asked.fields or () if name not in readable), None)
    if unknown is not None:
        raise QueryRefused("unknown-column", f"{table.name} has no {unknown}; it has {', '.join(readable)}.")
    return list(dict.fromkeys(asked.fields or readable))


def _known_channel(directory: Directory | None) -> Callable[[str], str]:
    def require(name: str) -> str:
        if directory is not None and directory.channel_id(name) is None:
            near = _or(directory.near(name, channel=True))
            raise QueryRefused("unknown-channel", f"There is no channel {name!r} that can be read here{near}.")
        return name

    return require


def _known_user(directory: Directory | None) -> Callable[[str], str]:
    def require(name: str) -> str:
        if directory is not None and not directory.user_ids(name) and not _ID.fullmatch(name):
            near = _or(directory.near(name, channel=False))
            raise QueryRefused("unknown-user", f"Nobody known here is called {name!r}{near}.")
        return name

    return require


def _known_thread(directory: Directory | None) -> Callable[[str], str]:
    def require(name: str) -> str:
        if not _THREAD.fullmatch(name):
            raise QueryRefused("thread", f"{name!r} is no id of a thread; messages.thread has such ids.")
        if directory is not None and name.partition("/")[0] not in directory.channels:
            raise QueryRefused("unknown-channel", f"The channel of thread {name!r} can't be read here.")
        return name

    return require


def _or(near: Sequence[str]) -> str:
    return f"; near are {', '.join(near)}" if near else ""

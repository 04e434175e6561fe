"""From a checked query to Slack's objects that answer it; what Slack can't leave out is left out here."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from core.sources.slack import messages
from core.sources.slack.calls import Patience
from core.sources.slack.directory import Directory, Raw
from core.sources.slack.merging import Stream, newest_first
from core.sources.slack.query import SlackQuery
from core.sources.slack.spans import span
from core.sources.slack.tables import author_id, message_id, moment
from core.sources.slack.wording import plain
from core.sources.slack.words import Words

Objects = AsyncGenerator[Sequence[Raw], None]

# What people and bots wrote; the other kinds say who came, left, or renamed a channel.
_WRITTEN = {None, "bot_message", "file_share", "me_message", "thread_broadcast"}


class Reading:
    """Answers one query whose lists were bound and checked. A list that is empty asks for nothing."""

    def __init__(self, asked: SlackQuery, directory: Directory, patience: Patience) -> None:
        self._asked, self._directory, self._patience = asked, directory, patience
        self._span = span(asked.date_from, asked.date_to)
        self._channels = self._chosen_channels()
        self._users = self._chosen_users()
        self._words = None if asked.query is None else Words(_listed(asked.query))
        self._searching = asked.method == "search" and not directory.bot

    async def objects(self) -> Objects:
        """Yield what answers the query, page by page; some pages may be empty."""
        if self._asked.method == "search" and not self._searching:
            self._patience.tell("Slack lets bots search nothing: the channels are read and looked through.")
        wanted, found = self._plan()
        async with aclosing(found) as pages:
            async for page in pages:
                yield [thing for thing in page if wanted(thing)]

    def _plan(self) -> tuple[Callable[[Raw], bool], Objects]:
        match self._asked.method:
            case "users":
                return self._is_user, self._patience.pages("users.list", "members")
            case "channels":
                return self._is_channel, _one_page(list(self._directory.channels.values()))
            case "thread":
                return self._is_message(), _one_after_the_other(self._threads())
            case "search" if self._searching:
                return self._is_message(), newest_first(self._searches())
            case "search" | "history":
                return self._is_message(), newest_first(self._histories())

    def _histories(self) -> list[Stream]:
        chosen = [key for key in self._directory.channels if key in self._channels]
        replies = self._asked.replies or self._asked.method == "search"
        return [messages.history(self._patience, key, self._span, replies=replies) for key in chosen]

    def _threads(self) -> list[Stream]:
        ids = [thread.partition("/") for thread in _listed(self._asked.thread)]
        return [messages.thread(self._patience, key, ts) for key, _, ts in ids if key in self._channels]

    def _searches(self) -> list[Stream]:
        """One channel and one author are for Slack to look for; several mean either of them to nobody but us."""
        more = self._span.for_search
        if self._asked.channels is not None and len(self._channels) == 1:
            more += "".join(f" in:#{self._directory.channel_name(key)}" for key in self._channels)
        # A name that nobody has may be a value of another source, and is no part of what Slack is asked.
        if self._users is not None and len(self._users) == 1 and all(map(str.isalnum, self._users)):
            more += "".join(f" from:<@{key}>" for key in self._users)
        nothing = not self._channels or (self._users is not None and not self._users)
        queries = [] if nothing else _listed(self._asked.query)
        return [messages.search(self._patience, query + more, self._asked.limit or 0) for query in queries]

    def _is_message(self) -> Callable[[Raw], bool]:
        seen: set[str] = set()
        looked_for = None if self._searching else self._words

        def wanted(message: Raw) -> bool:
            """Pages of a search move when somebody writes, and replies that were sent to all come twice."""
            key = message_id(message, self._directory)
            if key in seen or message["channel_id"] not in self._channels or message.get("subtype") not in _WRITTEN:
                return False
            seen.add(key)
            return (
                self._span.holds(moment(message["ts"]))
                and (self._users is None or author_id(message) in self._users)
                and (looked_for is None or looked_for.occur(plain(message.get("text") or "", self._directory)))
            )

        return wanted

    def _is_user(self, user: Raw) -> bool:
        names = " ".join([str(user.get(key) or "") for key in ("id", "name", "real_name")])
        names += " ".join(str(value) for value in (user.get("profile") or {}).values() if isinstance(value, str))
        return (self._users is None or user["id"] in self._users) and (self._words is None or self._words.occur(names))

    def _is_channel(self, channel: Raw) -> bool:
        told = [channel.get("name"), *((channel.get(key) or {}).get("value") for key in ("topic", "purpose"))]
        said = " ".join(filter(None, told))
        return channel["id"] in self._channels and (self._words is None or self._words.occur(said))

    def _chosen_channels(self) -> set[str]:
        if self._asked.channels is None:
            return set(self._directory.channels)
        return {key for name in _listed(self._asked.channels) if (key := self._directory.channel_id(name))}

    def _chosen_users(self) -> set[str] | None:
        """A name that the directory does not have may be the id of somebody whom it does not have either."""
        if self._asked.users is None:
            return None
        named = [self._directory.user_ids(name) or {name} for name in _listed(self._asked.users)]
        return set().union(*named)


def _listed(texts: object) -> list[str]:
    return [str(text) for text in texts] if isinstance(texts, list) else []


async def _one_page(things: Sequence[Raw]) -> Objects:
    yield things


async def _one_after_the_other(streams: Sequence[Stream]) -> Objects:
    for stream in streams:
        async with aclosing(stream) as pages:
            async for page in pages:
                yield [message for _, message in page]

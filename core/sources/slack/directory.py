"""Who writes and where: the people and channels of a workspace by all their names, as far as the token may read."""

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Raw = Mapping[str, Any]
"""An object as Slack writes it."""


def shown_name(user: Raw) -> str:
    """Return the name that Slack shows for *user*."""
    profile = user.get("profile") or {}
    shown = profile.get("display_name") or profile.get("real_name") or user.get("real_name")
    return str(shown or user.get("name") or user["id"])


def _names(user: Raw) -> Iterable[str]:
    profile = user.get("profile") or {}
    yield user["id"]
    for name in (user.get("name"), user.get("real_name")):
        yield name or ""
    for key in ("display_name", "real_name", "email"):
        yield profile.get(key) or ""


def _folded(name: str) -> str:
    return name.strip().lstrip("#@").casefold()


@dataclass(frozen=True)
class Directory:
    """What was read of a workspace at *url*. *channels* are those whose messages may be read; *users* the first ones.

    *bot* says that the token is a bot's; *problems* what is missing, for people.
    """

    url: str
    channels: Mapping[str, Raw]
    users: Mapping[str, Raw]
    problems: Sequence[str] = ()
    bot: bool = False

    @cached_property
    def _channel_ids(self) -> dict[str, str]:
        by_name = {_folded(channel.get("name") or key): key for key, channel in self.channels.items()}
        return by_name | {_folded(key): key for key in self.channels}

    @cached_property
    def _user_ids(self) -> dict[str, set[str]]:
        ids: dict[str, set[str]] = defaultdict(set)
        for key, user in self.users.items():
            for name in _names(user):
                ids[_folded(name)].add(key)
        ids.pop("", None)
        return ids

    def channel_id(self, name: str) -> str | None:
        """Return the id of the channel that *name* names, with or without #."""
        return self._channel_ids.get(_folded(name))

    def user_ids(self, name: str) -> set[str]:
        """Return the ids of those whom *name* names: an id, a handle, a shown name, an address of mail."""
        return self._user_ids.get(_folded(name), set())

    def near(self, name: str, *, channel: bool) -> list[str]:
        """Return names that *name* may have meant."""
        known = self._channel_ids if channel else self._user_ids
        return difflib.get_close_matches(_folded(name), list(known), n=3)

    def channel_name(self, key: str) -> str:
        return str((self.channels.get(key) or {}).get("name") or key)

    def user_name(self, key: str) -> str | None:
        """Return how *key* is called, None when that is not known."""
        found = self.users.get(key)
        return shown_name(found) if found else None

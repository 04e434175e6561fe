"""The tables that a workspace is shown as, and where in Slack's objects each column's values are."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from core.sources.slack.directory import Directory, Raw, shown_name
from core.sources.slack.wording import plain
from levada.v1.event_pb2 import (
    COLUMN_TYPE_BOOLEAN,
    COLUMN_TYPE_INTEGER,
    COLUMN_TYPE_TEXT,
    COLUMN_TYPE_TIMESTAMP_ZONED,
    ColumnType,
)

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Field:
    """A column; *get* finds its value in an object of Slack's. Only the *unique* are always there."""

    name: str
    type: ColumnType
    comment: str
    get: Callable[[Raw, Directory], Any]
    unique: bool = False


def moment(ts: str) -> datetime.datetime:
    """Return when a message was sent: its id within the channel is that moment, in seconds with six decimals."""
    return EPOCH + datetime.timedelta(microseconds=int(Decimal(ts) * 1_000_000))


def message_id(message: Raw, _: Directory) -> str:
    return f"{message['channel_id']}/{message['ts']}"


def thread_id(message: Raw, _: Directory) -> str | None:
    """A hit of a search has its thread in its address only."""
    linked = parse_qs(urlsplit(message.get("permalink") or "").query).get("thread_ts", [None])[0]
    thread = message.get("thread_ts") or linked
    return f"{message['channel_id']}/{thread}" if thread else None


def author_id(message: Raw) -> str | None:
    return message.get("user") or message.get("bot_id")


def _author(message: Raw, directory: Directory) -> str | None:
    known = directory.user_name(author_id(message) or "")
    return known or message.get("username") or (message.get("bot_profile") or {}).get("name")


def _reactions(message: Raw, _: Directory) -> int | None:
    if "permalink" in message:  # a hit of a search says nothing of them
        return None
    return sum(reaction.get("count", 0) for reaction in message.get("reactions", ()))


def _replies(message: Raw, _: Directory) -> int | None:
    return None if "permalink" in message else message.get("reply_count", 0)


def _link(message: Raw, directory: Directory) -> str:
    own = f"{directory.url}archives/{message['channel_id']}/p{message['ts'].replace('.', '')}"
    return message.get("permalink") or own


def _profile(key: str) -> Callable[[Raw, Directory], Any]:
    return lambda user, _: (user.get("profile") or {}).get(key) or user.get(key) or None


def _said(key: str) -> Callable[[Raw, Directory], Any]:
    return lambda channel, _: (channel.get(key) or {}).get("value") or None


def _flag(key: str) -> Callable[[Raw, Directory], Any]:
    return lambda thing, _: bool(thing.get(key))


def _founded(channel: Raw, _: Directory) -> datetime.datetime | None:
    return moment(str(channel["created"])) if channel.get("created") else None


MESSAGES = (
    Field("id", COLUMN_TYPE_TEXT, "Channel and moment, which together name a message", message_id, unique=True),
    Field("sent_at", COLUMN_TYPE_TIMESTAMP_ZONED, "", lambda message, _: moment(message["ts"])),
    Field("channel", COLUMN_TYPE_TEXT, "Name of the channel", lambda m, d: d.channel_name(m["channel_id"])),
    Field("author", COLUMN_TYPE_TEXT, "Name of who wrote it, when known", _author),
    Field("text", COLUMN_TYPE_TEXT, "", lambda message, directory: plain(message.get("text") or "", directory)),
    Field("thread", COLUMN_TYPE_TEXT, "Id of the message that began its thread, if there is one", thread_id),
    Field("replies", COLUMN_TYPE_INTEGER, "Replies in the thread that it began; unknown in a search", _replies),
    Field("reactions", COLUMN_TYPE_INTEGER, "How often somebody reacted; unknown in a search", _reactions),
    Field("channel_id", COLUMN_TYPE_TEXT, "", lambda message, _: message["channel_id"]),
    Field("author_id", COLUMN_TYPE_TEXT, "", lambda message, _: author_id(message)),
    Field("link", COLUMN_TYPE_TEXT, "Where it can be read in Slack", _link),
)

USERS = (
    Field("id", COLUMN_TYPE_TEXT, "", lambda user, _: user["id"], unique=True),
    Field("name", COLUMN_TYPE_TEXT, "Name that Slack shows", lambda user, _: shown_name(user)),
    Field("handle", COLUMN_TYPE_TEXT, "", lambda user, _: user.get("name")),
    Field("real_name", COLUMN_TYPE_TEXT, "", _profile("real_name")),
    Field("email", COLUMN_TYPE_TEXT, "", _profile("email")),
    Field("title", COLUMN_TYPE_TEXT, "What they do", _profile("title")),
    Field("timezone", COLUMN_TYPE_TEXT, "", lambda user, _: user.get("tz")),
    Field("is_bot", COLUMN_TYPE_BOOLEAN, "", _flag("is_bot")),
    Field("has_left", COLUMN_TYPE_BOOLEAN, "", _flag("deleted")),
)

CHANNELS = (
    Field("id", COLUMN_TYPE_TEXT, "", lambda channel, _: channel["id"], unique=True),
    Field("name", COLUMN_TYPE_TEXT, "", lambda channel, _: channel.get("name")),
    Field("topic", COLUMN_TYPE_TEXT, "", _said("topic")),
    Field("purpose", COLUMN_TYPE_TEXT, "", _said("purpose")),
    Field("members", COLUMN_TYPE_INTEGER, "How many people are in it", lambda channel, _: channel.get("num_members")),
    Field("is_private", COLUMN_TYPE_BOOLEAN, "", _flag("is_private")),
    Field("is_archived", COLUMN_TYPE_BOOLEAN, "", _flag("is_archived")),
    Field("created_at", COLUMN_TYPE_TIMESTAMP_ZONED, "", _founded),
)

TABLES: dict[str, tuple[Field, ...]] = {"messages": MESSAGES, "users": USERS, "channels": CHANNELS}

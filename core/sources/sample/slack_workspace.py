"""A Slack workspace in memory: what each method of the Web API answers over given people, channels and messages."""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Raw = dict[str, Any]
Params = Mapping[str, str]

_READING = ("channels:read", "groups:read", "channels:history", "groups:history", "im:history")
EVERYTHING = frozenset([*_READING, "users:read", "users:read.email", "search:read"])
_TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


@dataclass(frozen=True)
class Token:
    """Whose token it is: that of *user*, or of a *bot*, which sees the channels that it is a member of."""

    user: str
    bot: bool = False
    scopes: frozenset[str] = EVERYTHING


@dataclass
class Workspace:
    """*channels*, *users* and *messages* (by channel) are as Slack writes them; members of a channel are `members`."""

    name: str = "acme"
    users: Sequence[Raw] = ()
    channels: Sequence[Raw] = ()
    messages: Mapping[str, Sequence[Raw]] = field(default_factory=dict)
    tokens: Mapping[str, Token] = field(default_factory=lambda: {"xoxp-test": Token("U0000001")})

    def answer(self, method: str, token: Token | None, params: Params) -> Raw:
        """Return what Slack answers."""
        if token is None:
            return {"ok": False, "error": "invalid_auth"}
        found = _METHODS.get(method)
        if found is None:
            return {"ok": False, "error": "unknown_method"}
        call, scopes = found
        missing = [scope for scope in scopes(params) if scope not in token.scopes]
        if missing:
            return {"ok": False, "error": "missing_scope", "needed": missing[0], "provided": ",".join(token.scopes)}
        return call(self, token, params)

    def _auth(self, token: Token, _: Params) -> Raw:
        whose = {"url": f"https://{self.name}.slack.com/", "team": self.name, "user_id": token.user}
        return {"ok": True, **whose, **({"bot_id": "B0000001"} if token.bot else {})}

    def _users(self, token: Token, params: Params) -> Raw:
        hidden = {} if "users:read.email" in token.scopes else {"email"}
        shown = [u | {"profile": {k: v for k, v in u["profile"].items() if k not in hidden}} for u in self.users]
        return _page(shown, "members", params)

    def _channels(self, token: Token, params: Params) -> Raw:
        kinds = params.get("types", "public_channel").split(",")
        private = "private_channel" in kinds
        seen = [c for c in self.channels if not c.get("is_im") and (not c["is_private"] or self._in(token, c))]
        listed = [c | {"is_member": self._in(token, c)} for c in seen if private or not c["is_private"]]
        return _page([{k: v for k, v in c.items() if k != "members"} for c in listed], "channels", params)

    def _in(self, token: Token, channel: Raw) -> bool:
        return token.user in channel["members"]

    def _refusal(self, token: Token, key: str) -> Raw | None:
        channel = next((c for c in self.channels if c["id"] == key), None)
        if channel is None or (channel["is_private"] and not self._in(token, channel)):
            return {"ok": False, "error": "channel_not_found"}
        if token.bot and not self._in(token, channel):
            return {"ok": False, "error": "not_in_channel"}
        return None

    def _history(self, token: Token, params: Params) -> Raw:
        key = params["channel"]
        if refusal := self._refusal(token, key):
            return refusal
        first, last = float(params.get("oldest", 0)), float(params.get("latest", 1e12))
        own = [m for m in self.messages.get(key, ()) if not _is_reply(m) and first <= float(m["ts"]) <= last]
        newest = sorted(own, key=lambda m: m["ts"], reverse=True)
        return _page([self._with_replies(key, m) for m in newest], "messages", params)

    def _with_replies(self, key: str, message: Raw) -> Raw:
        replies = [m["ts"] for m in self.messages[key] if m.get("thread_ts") == message["ts"] != m["ts"]]
        if not replies:
            return message
        return message | {"thread_ts": message["ts"], "reply_count": len(replies), "latest_reply": max(replies)}

    def _replies(self, token: Token, params: Params) -> Raw:
        key, ts = params["channel"], params["ts"]
        if refusal := self._refusal(token, key):
            return refusal
        thread = [m for m in self.messages.get(key, ()) if ts in (m["ts"], m.get("thread_ts"))]
        if not thread:
            return {"ok": False, "error": "thread_not_found"}
        return _page(sorted(thread, key=lambda m: m["ts"]), "messages", params)

    def _search(self, token: Token, params: Params) -> Raw:
        """Direct messages are found too, as Slack does for whoever takes part in them."""
        if token.bot:
            return {"ok": False, "error": "not_allowed_token_type"}
        readable = [c for c in self.channels if not c["is_private"] or self._in(token, c)]
        hits = [_hit(c, m) for c in readable for m in self.messages.get(c["id"], ()) if _found(params["query"], c, m)]
        hits.sort(key=lambda hit: hit["ts"], reverse=True)
        count, page = int(params.get("count", 20)), int(params.get("page", 1))
        paging = {"count": count, "total": len(hits), "page": page, "pages": -(-len(hits) // count)}
        return {"ok": True, "messages": {"matches": hits[(page - 1) * count : page * count], "paging": paging}}


def _is_reply(message: Raw) -> bool:
    replied = message.get("thread_ts", message["ts"]) != message["ts"]
    return replied and message.get("subtype") != "thread_broadcast"


def _page(things: Sequence[Raw], key: str, params: Params) -> Raw:
    first, size = int(params.get("cursor") or 0), int(params.get("limit", 100))
    more = str(first + size) if first + size < len(things) else ""
    return {"ok": True, key: things[first : first + size], "response_metadata": {"next_cursor": more}}


def _hit(channel: Raw, message: Raw) -> Raw:
    link = f"https://acme.slack.com/archives/{channel['id']}/p{message['ts'].replace('.', '')}"
    thread = f"?thread_ts={message['thread_ts']}" if "thread_ts" in message else ""
    kept = {key: message[key] for key in ("user", "username", "ts", "text") if key in message}
    return {
        "type": "message",
        "channel": {"id": channel["id"], "name": channel["name"]},
        "permalink": link + thread,
    } | kept


def _found(query: str, channel: Raw, message: Raw) -> bool:
    return all(_meets(word, phrase, channel, message) != bool(sign) for sign, phrase, word in _TERM.findall(query))


def _meets(word: str, phrase: str, channel: Raw, message: Raw) -> bool:
    name, colon, value = word.partition(":")
    day = datetime.datetime.fromtimestamp(float(message["ts"]), datetime.UTC).date().isoformat()
    match name if colon else "":
        case "in":
            return value.lstrip("#") == channel["name"]
        case "from":
            return value.strip("<@>") == message.get("user")
        case "after":
            return day > value
        case "before":
            return day < value
        case _:
            return (phrase or word).casefold() in message["text"].casefold()


def _reading(params: Params) -> Sequence[str]:
    return ["groups:history" if params.get("channel", "").startswith("G") else "channels:history"]


def _listing(params: Params) -> Sequence[str]:
    private = "private_channel" in params.get("types", "")
    return ["channels:read", "groups:read"] if private else ["channels:read"]


_METHODS: dict[str, tuple[Callable[[Workspace, Token, Params], Raw], Callable[[Params], Sequence[str]]]] = {
    "auth.test": (Workspace._auth, lambda _: []),
    "users.list": (Workspace._users, lambda _: ["users:read"]),
    "conversations.list": (Workspace._channels, _listing),
    "conversations.history": (Workspace._history, _reading),
    "conversations.replies": (Workspace._replies, _reading),
    "search.messages": (Workspace._search, lambda _: ["search:read"]),
}


def person(key: str, name: str, **more: Any) -> Raw:
    """Return somebody as users.list tells them."""
    handle = name.partition(" ")[0].lower()
    profile = {"real_name": name, "display_name": name, "email": f"{handle}@acme.example", **more.pop("profile", {})}
    return {"id": key, "name": handle, "real_name": name, "profile": profile, "is_bot": False, "deleted": False, **more}


def channel(key: str, name: str, *members: str, private: bool = False, **more: Any) -> Raw:
    """Return a channel as conversations.list tells it."""
    about = {"topic": {"value": f"All about {name}"}, "purpose": {"value": ""}, "created": 1_600_000_000}
    counted = {"num_members": len(members), "is_archived": False}
    return {"id": key, "name": name, "members": members, "is_private": private, **about, **counted, **more}


def message(ts: float, user: str, text: str, **more: Any) -> Raw:
    return {"type": "message", "ts": f"{ts:.6f}", "user": user, "text": text, **more}

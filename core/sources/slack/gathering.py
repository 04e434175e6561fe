"""Reads the directory of a workspace: whose token it is, which channels it may read, who is who."""

from collections.abc import Mapping
from contextlib import aclosing

from core.errors import QueryFailed
from core.sources.slack.address import Address, unusable
from core.sources.slack.calls import Patience
from core.sources.slack.directory import Directory, Raw

_MOST = 2_000
"""People and channels that are known by name: what can be read in a dozen calls each."""

_ALL_KINDS = "public_channel,private_channel"


async def gather(address: Address, patience: Patience) -> Directory:
    """Return the directory. What the token's scopes leave out is among its problems.

    Raises SourceUnavailable, QueryFailed when the token may not even list channels.
    """
    owner = await introduce(address, patience)
    problems: list[str] = []
    found = await _all_channels(patience, problems)
    channels = {key: channel for key, channel in found.items() if _offered(channel, address, owner)}
    try:
        users = await _first(patience, "users.list", "members", problems)
    except QueryFailed as error:
        problems.append(f"Nobody is known by name. {error.message}")
        users = {}
    return Directory(str(owner.get("url") or ""), channels, users, problems, bool(owner.get("bot_id")))


async def introduce(address: Address, patience: Patience) -> Raw:
    """Return whose token it is. Raises SourceUnavailable when it is not the workspace's that the URL names."""
    owner = await patience.call("auth.test")
    url = str(owner.get("url") or "")
    workspace = url.partition("://")[2].partition(".")[0].partition("/")[0]
    if workspace.casefold() != address.workspace.casefold():
        raise unusable(
            address.name, f"its token belongs to workspace {workspace!r}, its URL says {address.workspace!r}"
        )
    return owner


async def _all_channels(patience: Patience, problems: list[str]) -> Mapping[str, Raw]:
    try:
        return await _first(patience, "conversations.list", "channels", problems, types=_ALL_KINDS)
    except QueryFailed as error:
        found = await _first(patience, "conversations.list", "channels", problems, types="public_channel")
        problems.append(f"Private channels are left out. {error.message}")
        return found


def _offered(channel: Raw, address: Address, owner: Raw) -> bool:
    """A bot reads where it was invited; a person also in every public channel."""
    readable = channel.get("is_member") or not (channel.get("is_private") or owner.get("bot_id"))
    names = {str(channel.get("name")).casefold(), str(channel["id"]).casefold()}
    return bool(readable) and (not address.channels or not names.isdisjoint(address.channels))


async def _first(patience: Patience, method: str, key: str, problems: list[str], **arguments: str) -> Mapping[str, Raw]:
    found: dict[str, Raw] = {}
    async with aclosing(patience.pages(method, key, **arguments)) as pages:
        async for page in pages:
            found |= {str(thing["id"]): thing for thing in page}
            if len(found) >= _MOST:
                problems.append(f"Only the first {len(found):,} {key} are known by name.")
                break
    return found

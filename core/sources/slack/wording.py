"""Slack's markup, made into text as people see it."""

import re

from core.sources.slack.directory import Directory

_MARKUP = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


def plain(text: str, directory: Directory) -> str:
    """Return *text* with the names of people, channels and links in place of Slack's signs for them."""

    def said(match: re.Match[str]) -> str:
        target, label = match[1], match[2]
        match target[0]:
            case "@":
                return "@" + (directory.user_name(target[1:]) or label or target[1:])
            case "#":
                return "#" + (label or directory.channel_name(target[1:]))
            case "!":
                return label or "@" + target[1:].partition("^")[0]
            case _:
                return f"{label} ({target})" if label and label != target else target

    text = _MARKUP.sub(said, text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

"""A source's URL: which workspace, where it answers, which variable holds the token, which channels are offered."""

import os
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from core.errors import SourceUnavailable

_HOME = "https://slack.com/api/"
_VARIABLES = ("SLACK_USER_TOKEN", "SLACK_BOT_TOKEN")
_KNOWN = {"key_variable", "base_url", "channels"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Address:
    """slack://WORKSPACE?key_variable=NAME&channels=a,b&base_url=…; all after the workspace may be left out."""

    name: str
    workspace: str
    base_url: str
    variables: tuple[str, ...]
    channels: frozenset[str]

    @property
    def token(self) -> str:
        """The token, from the environment. Raises SourceUnavailable."""
        token = next((os.environ[name] for name in self.variables if os.environ.get(name)), None)
        if token is None:
            raise unusable(self.name, f"it has no token; put one into the variable {' or '.join(self.variables)}")
        return token


def unusable(name: str, why: str) -> SourceUnavailable:
    """Return an error that no other try will mend."""
    error = SourceUnavailable(f"Source {name} can't be used: {why}.")
    error.retryable = False
    return error


def parsed(name: str, url: str) -> Address:
    """Return what *url* says. Raises SourceUnavailable, without the URL, which may hold what is nobody's business."""
    try:
        parts = urlsplit(url)
        options = {key: values[-1] for key, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()}
        workspace, base = parts.hostname or "", urlsplit(options.get("base_url", _HOME))
    except ValueError:
        raise unusable(name, "its URL can't be read; write slack://WORKSPACE?channels=…") from None
    if not workspace or set(options) - _KNOWN or "@" in parts.netloc:
        raise unusable(name, f"its URL is not slack://WORKSPACE, followed by ? and some of {', '.join(sorted(_KNOWN))}")
    if base.scheme != "https" and not (base.scheme == "http" and base.hostname in _LOOPBACK):
        raise unusable(name, "its base_url is not https://, so anybody on the way could read the token")
    return Address(
        name,
        workspace.removesuffix(".slack.com"),
        base.geturl().rstrip("/") + "/",
        (options["key_variable"],) if options.get("key_variable") else _VARIABLES,
        frozenset(
            channel.strip().lstrip("#").casefold() for channel in options.get("channels", "").split(",") if channel
        ),
    )

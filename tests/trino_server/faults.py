"""What a coordinator or the network can do in place of an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event


@dataclass(frozen=True)
class Fail:
    """Answer with this status and body instead."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"no"


@dataclass(frozen=True)
class Half:
    """Send half of the answer, and break the connection."""


@dataclass(frozen=True)
class Drop:
    """Break the connection without an answer."""


@dataclass(frozen=True)
class Held:
    """Answer only when *until* is set."""

    until: Event = field(default_factory=Event)


Fault = Fail | Half | Drop | Held

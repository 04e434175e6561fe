"""Who asks. Tokens, keys and policies plug in here; until one is configured everybody is `local`, on loopback only."""

import ipaddress
from dataclasses import dataclass

from core.errors import LevadaError


@dataclass(frozen=True)
class Principal:
    """A caller: *subject* within *tenant*. *sees_prompts* lets them read prompts and model calls."""

    tenant: str
    subject: str
    sees_prompts: bool = False

    def owns(self, tenant: str, subject: str) -> bool:
        return (self.tenant, self.subject) == (tenant, subject)


LOCAL = Principal(tenant="local", subject="local", sees_prompts=True)


def sees_prompts(owner: Principal) -> bool:
    """Tell whether *owner* of a run may see its prompts, queries, and calls of models.

    A run remembers whose it is and not their role; without accounts everybody is local and sees everything.
    """
    return owner.sees_prompts or LOCAL.owns(owner.tenant, owner.subject)


class OpenToTheWorld(LevadaError):
    """Binding beyond this machine without authentication would let anyone read your data."""


def refuse_unless_loopback(address: str, *, allow_remote: bool) -> None:
    """Raise OpenToTheWorld when *address* ("host:port", "[::1]:port", "unix:path") can be reached from elsewhere.

    *allow_remote* says that somebody else sees to who gets here.
    """
    if allow_remote or address.startswith("unix:"):
        return
    host = address.rsplit(":", 1)[0].strip("[]")
    if host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise OpenToTheWorld(
            f"{address} can be reached from other machines, and no authentication is configured, so anyone could read "
            "your data. Bind to 127.0.0.1 (the default) and put an authenticating proxy in front."
        )

"""Ways to points: a server, or a folder in Qdrant's local mode, with one face."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

from core.errors import SourceUnavailable
from core.sources.qdrant.local import LocalQdrant
from core.sources.qdrant.remote import RemoteQdrant


class Points(Protocol):
    """Points that stay what they are while one query reads them.

    *in_memory*, they are all there at once, and a filter is worked out anew for each page.
    """

    in_memory: bool

    async def ask(self, method: str, **arguments: Any) -> Any:
        """Call *method* of Qdrant's client, which both kinds have alike. Raises SourceError."""


class Connection(Protocol):
    """A way to points. Safe for concurrent use."""

    def reading(self) -> AbstractAsyncContextManager[Points]:
        """Give the points as they are now. Raises SourceUnavailable."""

    async def close(self) -> None:
        """Give back connections, threads and memory."""


def connect(name: str, url: str) -> Connection:
    """Return the way to *url*: qdrant:///FOLDER, qdrant://HOST:PORT, or qdrants:// for TLS.

    Raises SourceUnavailable.
    """
    scheme, _, rest = url.partition("://")
    if not rest.startswith("/"):
        return RemoteQdrant(name, url)
    if scheme.lower() != "qdrant" or not rest[1:]:
        raise SourceUnavailable(f"Source {name} needs a path: qdrant:///relative or qdrant:////absolute.")
    return LocalQdrant(name, Path(unquote(rest[1:])))

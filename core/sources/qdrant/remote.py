"""A Qdrant server, asked over HTTP by its own client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from qdrant_client import AsyncQdrantClient

from core.errors import SourceUnavailable
from core.sources.qdrant.faults import remote_in_our_words

_PORT = 6333
_SECONDS = 60


class RemoteQdrant:
    """The server at *url*: qdrant://host:port, or qdrants:// with TLS; `:KEY@` before the host is the API key.

    Whoever leaves before an answer is there closes its connection; each search also bears its timeout.
    """

    in_memory = False

    def __init__(self, name: str, url: str) -> None:
        host = None
        with suppress(ValueError):
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or _PORT
        if not host or parts.query:
            raise SourceUnavailable(f"Source {name} has a URL that can't be read: give qdrant://HOST:PORT.")
        secure = parts.scheme.lower() == "qdrants"
        key = unquote(parts.password or parts.username or "")
        shown = f"[{host}]" if ":" in host else host
        self._name, self._place = name, f"{shown}:{port}"
        self._client = AsyncQdrantClient(
            url=f"{'https' if secure else 'http'}://{shown}:{port}{parts.path.rstrip('/')}",
            # As a header: told otherwise, the client writes a warning where there is no TLS, and nobody reads it.
            headers={"api-key": key} if key else None,
            check_compatibility=False,
            timeout=_SECONDS,
        )

    @asynccontextmanager
    async def reading(self) -> AsyncIterator["RemoteQdrant"]:
        yield self

    async def ask(self, method: str, **arguments: Any) -> Any:
        """Call *method* of Qdrant's client. Raises SourceError."""
        with remote_in_our_words(self._name, self._place):
            return await getattr(self._client, method)(**arguments)

    async def close(self) -> None:
        await self._client.close()

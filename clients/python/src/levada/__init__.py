"""Ask a question of your data in plain words and watch the answer being worked out.

async with levada.connect() as client:
    async for event in client.ask("What was revenue last month?"):
        print(event.sequence, event.WhichOneof("payload"))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from levada.batches import rows
    from levada.client import Client, connect
    from levada.errors import (
        CallFailed,
        CursorExpired,
        LevadaError,
        RunNotCompleted,
        ServerUnreachable,
        StreamInterrupted,
    )
    from levada.export import Export
    from levada.retry import Reconnect, Retry
    from levada.stream import Stream
    from levada.view import RunView

_HOMES = {
    "CallFailed": "errors",
    "Client": "client",
    "CursorExpired": "errors",
    "Export": "export",
    "LevadaError": "errors",
    "Reconnect": "retry",
    "Retry": "retry",
    "RunNotCompleted": "errors",
    "RunView": "view",
    "ServerUnreachable": "errors",
    "Stream": "stream",
    "StreamInterrupted": "errors",
    "connect": "client",
    "rows": "batches",
}

__all__ = [
    "CallFailed",
    "Client",
    "CursorExpired",
    "Export",
    "LevadaError",
    "Reconnect",
    "Retry",
    "RunNotCompleted",
    "RunView",
    "ServerUnreachable",
    "Stream",
    "StreamInterrupted",
    "connect",
    "rows",
]


def __getattr__(name: str) -> Any:
    # Looked up when used: who needs only levada.v1 does not wait for the client.
    if name not in _HOMES:
        raise AttributeError(f"module 'levada' has no attribute {name!r}")
    return getattr(import_module(f"levada.{_HOMES[name]}"), name)

"""Ask a question of your data in plain words and watch the answer being worked out.

async with levada.connect() as client:
    async for event in client.ask("What was revenue last month?"):
        print(event.sequence, event.WhichOneof("payload"))
"""

from levada.client import Client, Stream, connect
from levada.errors import CallFailed, LevadaError, RunNotCompleted, ServerUnreachable, StreamInterrupted
from levada.rows import rows
from levada.view import RunView

__all__ = [
    "CallFailed",
    "Client",
    "LevadaError",
    "RunNotCompleted",
    "RunView",
    "ServerUnreachable",
    "Stream",
    "StreamInterrupted",
    "connect",
    "rows",
]

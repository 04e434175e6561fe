"""The `workflow` dialect: named events of a workflow, its iterations and its tasks, after a nameless `connected`.

A task is one that the run planned, or a step of the pipeline itself. `workflow_completed` and `workflow_failed` end a
stream, nothing else does; a stream without events for a minute is closed with `timeout`, and the run goes on.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

import orjson

from gateway.dialects.base import Frame
from gateway.dialects.workflow.board import Board
from gateway.dialects.workflow.words import WORDS
from gateway.proto_json import timestamp
from levada.v1.event_pb2 import Event


class Workflow:
    name: ClassVar[str] = "workflow"
    remembers: ClassVar[bool] = True
    idle_seconds: ClassVar[float | None] = 60.0

    def __init__(self) -> None:
        self.board = Board()

    def encode(self, event: Event) -> Sequence[Frame]:
        frames = [] if event.sequence != 1 else [connected(event.run_id)]
        said = self.say(event)
        if said is not None:
            frames.append(Frame(said["event_type"], orjson.dumps(said)))
        return frames

    def say(self, event: Event) -> dict[str, Any] | None:
        """Return what is said of *event*, before it is put into JSON."""
        kind = event.WhichOneof("payload") or ""
        speak = WORDS.get(kind)
        said = speak(self.board, event, getattr(event, kind)) if speak else None
        if said is None:
            return None
        about = {"workflow_id": event.run_id, "progress_percent": round(event.progress * 100, 1)}
        return {**about, **said, "timestamp": timestamp(event.time)}

    def gap(self, oldest: int) -> Sequence[Frame]:
        message = f"What happened before number {oldest:,} is no longer kept."
        return (Frame("", orjson.dumps({"status": "gap", "message": message, "oldest": oldest})),)

    def idle(self) -> Sequence[Frame]:
        return (Frame("timeout", b"{}"),)


def connected(run_id: str) -> Frame:
    return Frame("", orjson.dumps({"status": "connected", "workflow_id": run_id}))

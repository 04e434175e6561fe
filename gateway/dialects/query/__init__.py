"""The `query` dialect: nameless frames of {type, timestamp, session_id, percentage, …}, a word for each thing done.

A session is a run. `stage` and `attempt` are the step's: when the attempt of a stage rises, what its earlier attempt
said is void. `complete` and `error` end a session, nothing else does.
"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import orjson

from gateway.dialects.base import Frame
from gateway.dialects.query import endings, planning, results, steps, writing
from gateway.dialects.query.memory import Memory, Said, Words
from gateway.proto_json import timestamp
from levada.v1.event_pb2 import Event

WORDS: Words = {**steps.WORDS, **planning.WORDS, **writing.WORDS, **results.WORDS, **endings.WORDS}


class Query:
    name: ClassVar[str] = "query"
    remembers: ClassVar[bool] = True
    idle_seconds: ClassVar[float | None] = None

    def __init__(self) -> None:
        self._memory = Memory()

    def encode(self, event: Event) -> Sequence[Frame]:
        return [Frame("", orjson.dumps(said)) for said in self.say(event)]

    def say(self, event: Event) -> Iterable[Said]:
        """Yield the frames that say *event*, before they are put into JSON."""
        kind = event.WhichOneof("payload") or ""
        speak = WORDS.get(kind)
        for said in speak(self._memory, event, getattr(event, kind)) if speak else ():
            yield {**said, **about(event)}

    def gap(self, oldest: int) -> Sequence[Frame]:
        message = f"What happened before number {oldest:,} is no longer kept."
        return (Frame("", orjson.dumps({"type": "status", "message": message, "oldest": oldest})),)

    def idle(self) -> Sequence[Frame]:
        return ()


def about(event: Event) -> dict[str, Any]:
    """Return what every frame says of its event."""
    return {
        "timestamp": timestamp(event.time),
        "session_id": event.run_id,
        "percentage": round(event.progress * 100),
        "stage": event.step,
        "attempt": event.attempt,
    }

"""Events on their way into the log: an envelope that gets its number last, and a payload serialised once."""

import time
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from core import framing
from levada.v1.event_pb2 import Channel, Event, TextDelta

_PAYLOADS = {
    field.message_type.full_name: field
    for field in Event.DESCRIPTOR.oneofs_by_name["payload"].fields
    if field.message_type is not None
}
_TAGS = {name: framing.tag(field.number) for name, field in _PAYLOADS.items()}


def make_event(run_id: str, trace_id: str, payload: Message) -> Event:
    """Return an Event without number or progress."""
    made: dict[str, Any] = {_PAYLOADS[payload.DESCRIPTOR.full_name].name: payload}
    event = envelope(run_id, trace_id)
    event.MergeFrom(Event(**made))
    return event


def envelope(run_id: str, trace_id: str, step: str = "", attempt: int = 0, progress: float = 0.0) -> Event:
    """Return an Event without number or payload."""
    event = Event(run_id=run_id, step=step, attempt=attempt, progress=progress, trace_id=trace_id)
    event.time.seconds, event.time.nanos = divmod(time.time_ns(), 1_000_000_000)
    return event


@dataclass(slots=True)
class Said:
    """An event whose payload is bytes already: a batch of rows is large, and copying it into an Event slow."""

    envelope: Event
    payload: bytes

    @classmethod
    def of(cls, envelope: Event, payload: Message) -> "Said":
        data = payload.SerializeToString()
        return cls(envelope, b"".join((_TAGS[payload.DESCRIPTOR.full_name], framing.length(data), data)))

    @property
    def size(self) -> int:
        return self.envelope.ByteSize() + len(self.payload)

    def numbered(self, number: int) -> bytes:
        # The payload's fields have the higher numbers, so this is what serialising the whole Event gives.
        self.envelope.sequence = number
        return self.envelope.SerializeToString() + self.payload


@dataclass(slots=True)
class Text:
    """Neighbouring pieces of one text, which become one event."""

    envelope: Event
    key: tuple[str, int, Channel]
    parts: list[str]
    size: int

    def numbered(self, number: int) -> bytes:
        delta = TextDelta(channel=self.key[-1], text=_sayable("".join(self.parts)))
        return Said.of(self.envelope, delta).numbered(number)


def _sayable(text: str) -> str:
    """Return *text* as UTF-8 can carry it: halves of a character are joined, and one without the other is U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text

"""What a run tells, freed of what differs from time to time: when, how long, which attempt, in which pieces."""

import json
from collections.abc import Sequence
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from levada.batches import texts
from levada.v1.event_pb2 import Event

# How far something was, which depends on who was faster, is told as long as it lasts.
# Where a run stood in the queue, who took it up, and questions of which only so many are offered as there was time for.
LEFT_OUT = {"queued", "resumed", "follow_ups"}


def story(events: Sequence[Event]) -> dict[str, list[Any]]:
    """Return by step, "" being the run itself, what its last attempt said; pieces of text and of tables are joined."""
    said: dict[str, list[Any]] = {}
    attempts: dict[str, int] = {}
    for event in events:
        kind = event.WhichOneof("payload") or ""
        if kind in LEFT_OUT or (kind == "step_progressed" and not event.step_progressed.lasting):
            continue
        if event.attempt > attempts.get(event.step, 0):
            said[event.step], attempts[event.step] = [], event.attempt
        parts = said.setdefault(event.step, [])
        payload = getattr(event, kind)
        if kind == "text_delta" and parts and parts[-1][:2] == (kind, payload.channel):
            parts[-1] = (kind, payload.channel, parts[-1][2] + payload.text)
        elif kind == "text_delta":
            parts.append((kind, payload.channel, payload.text))
        elif kind == "table_rows" and parts and parts[-1][0] == kind:
            parts[-1][1].extend(texts(payload))
        elif kind == "table_rows":
            parts.append((kind, list(texts(payload))))
        else:
            parts.append((kind, _timeless(payload)))
    return said


# What depends on who asked the same before; a model that an attempt in vain asked too was paid for that too.
_FIELDS_LEFT_OUT = {"similar_questions", "prompt", "input_tokens", "output_tokens"}


def _timeless(payload: Message) -> Any:
    """Return *payload* without durations, and without what other runs and attempts in vain have a hand in."""
    copy = type(payload)()
    copy.CopyFrom(payload)
    _strip(copy)
    return json.loads(json.dumps(MessageToDict(copy), sort_keys=True))  # maps are in no order


def _strip(message: Message) -> None:
    for field, value in message.ListFields():
        if isinstance(value, Duration) or field.name in _FIELDS_LEFT_OUT:
            message.ClearField(field.name)
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for one in value if field.is_repeated else [value]:
                _strip(one)

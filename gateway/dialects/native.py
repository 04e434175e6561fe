"""The native dialect: every event as it is, in proto3 JSON, under its payload's name."""

from collections.abc import Sequence
from typing import ClassVar

from gateway.dialects.base import Frame
from gateway.proto_json import event_json, to_json
from levada.v1.event_pb2 import Event
from levada.v1.run_service_pb2 import WatchGap


class Native:
    name: ClassVar[str] = "native"
    remembers: ClassVar[bool] = False
    idle_seconds: ClassVar[float | None] = None

    def encode(self, event: Event) -> Sequence[Frame]:
        return (Frame(*event_json(event)),)

    def gap(self, oldest: int) -> Sequence[Frame]:
        return (Frame("gap", to_json(WatchGap(oldest_sequence=oldest))),)

    def idle(self) -> Sequence[Frame]:
        return ()

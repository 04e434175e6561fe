"""What arrives over WatchRuns: events as the bytes that they are, parsed and put into a dialect's words once for all.

A message within a parsed message keeps all of it in memory. So the stream is read with events as bytes: a reader that
stands still then holds its own and nothing else.
"""

from collections.abc import Iterable
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from levada.v1 import run_service_pb2 as pb
from levada.v1.event_pb2 import Event


class Arrival:
    """Events of one run that arrived together, shared by all readers who stand at the same place.

    *first* is the number of the first one. `told` keeps what a dialect without memory made of them.
    """

    __slots__ = ("_data", "first", "size", "told")

    def __init__(self, first: int, data: Iterable[bytes]) -> None:
        self.first = first
        self.told: dict[str, tuple[bytes, int]] = {}
        self._data = tuple(data)
        self.size = sum(map(len, self._data))

    def __len__(self) -> int:
        return len(self._data)

    @property
    def last(self) -> int:
        return self.first + len(self._data) - 1

    def events(self) -> list[Event]:
        return [Event.FromString(data) for data in self._data]


def _with_events_as_bytes() -> Any:
    """Return WatchRunsResponse with `repeated bytes events`: the same bytes on the wire, read differently."""
    file = descriptor_pb2.FileDescriptorProto(name="gateway/arrivals.proto", package="gateway", syntax="proto3")
    file.dependency.append(pb.DESCRIPTOR.name)
    for message in (pb.WatchRunsResponse, pb.WatchBatch):
        message.DESCRIPTOR.CopyToProto(file.message_type.add())
    response, batch = file.message_type
    response.field[0].type_name = ".gateway.WatchBatch"
    (events,) = (field for field in batch.field if field.name == "events")
    events.type = descriptor_pb2.FieldDescriptorProto.TYPE_BYTES
    events.ClearField("type_name")
    descriptor_pool.Default().Add(file)
    return message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName("gateway.WatchRunsResponse"))


Response: Any = _with_events_as_bytes()

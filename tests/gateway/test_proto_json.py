"""The gateway's JSON is protobuf's own JSON, for whatever a message may hold."""

import json
import math

import pytest
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.proto_json import event_json, to_dict, to_json
from levada.v1 import catalog_service_pb2, event_pb2, query_service_pb2, run_service_pb2

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: st.integers(0, 2**64 - 1),
}
SECONDS = st.integers(-62_135_596_800, 253_402_300_799)
PAYLOADS = [field.name for field in event_pb2.Event.DESCRIPTOR.oneofs_by_name["payload"].fields]
RESPONSES = [
    descriptor
    for module in (run_service_pb2, query_service_pb2, catalog_service_pb2)
    for name, descriptor in module.DESCRIPTOR.message_types_by_name.items()
    if name.endswith("Response")
]


def scalars(field: FieldDescriptor) -> st.SearchStrategy:
    if field.enum_type:
        return st.sampled_from([*field.enum_type.values_by_number, 9_999])
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=20)
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return TEXT
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return st.booleans()
    return INTEGERS.get(field.cpp_type, st.floats())


@st.composite
def messages(draw: st.DrawFn, descriptor: Descriptor, depth: int = 0) -> Message:
    """Draw any message of a type: each field may be set, and only one of a oneof is."""
    message = message_factory.GetMessageClass(descriptor)()
    if descriptor.full_name == "google.protobuf.Timestamp":
        message.seconds, message.nanos = draw(SECONDS), draw(st.integers(0, 999_999_999))
    elif descriptor.full_name == "google.protobuf.Duration":
        message.FromNanoseconds(draw(st.integers(-(10**18), 10**18)))
    elif descriptor.full_name == "google.protobuf.Struct":
        leaves = st.none() | st.booleans() | TEXT | st.floats(allow_nan=False, allow_infinity=False)
        trees = st.recursive(leaves, lambda t: st.lists(t, max_size=2) | st.dictionaries(TEXT, t, max_size=2))
        message.update(draw(st.dictionaries(TEXT, trees, max_size=3)))
    else:
        for field in descriptor.fields:
            if draw(st.booleans()):
                fill(draw, message, field, depth + 1)
    return message


def fill(draw: st.DrawFn, message: Message, field: FieldDescriptor, depth: int) -> None:
    if field.message_type and field.message_type.GetOptions().map_entry:
        getattr(message, field.name).update(draw(st.dictionaries(TEXT, TEXT, max_size=2)))
    elif field.message_type:
        inner = messages(field.message_type, depth) if depth < 5 else st.just(None)
        drawn = draw(st.lists(inner, max_size=2) if field.is_repeated else inner)
        if field.is_repeated:
            getattr(message, field.name).extend(item for item in drawn if item is not None)
        elif drawn is not None:
            getattr(message, field.name).CopyFrom(drawn)
    elif field.is_repeated:
        getattr(message, field.name).extend(draw(st.lists(scalars(field), max_size=4)))
    else:
        setattr(message, field.name, draw(scalars(field)))


def theirs(message: Message) -> object:
    return json.loads(json_format.MessageToJson(message, ensure_ascii=False))


@pytest.mark.parametrize("payload", PAYLOADS)
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_payload_is_written_as_protobuf_writes_it(payload: str, data: st.DataObject) -> None:
    event = event_pb2.Event(run_id="r", sequence=data.draw(st.integers(0, 2**63 - 1)), step=data.draw(TEXT))
    event.progress = data.draw(st.floats(0, 1))
    event.time.seconds, event.time.nanos = data.draw(SECONDS), data.draw(st.integers(0, 999_999_999))
    field = event_pb2.Event.DESCRIPTOR.fields_by_name[payload]
    getattr(event, payload).CopyFrom(data.draw(messages(field.message_type)))
    name, text = event_json(event)
    assert name == payload
    assert json.loads(text) == theirs(event)
    assert to_dict(event) == theirs(event)


@pytest.mark.parametrize("descriptor", RESPONSES, ids=lambda d: d.name)
@given(data=st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_response_is_written_as_protobuf_writes_it(descriptor: Descriptor, data: st.DataObject) -> None:
    message = data.draw(messages(descriptor))
    assert json.loads(to_json(message)) == theirs(message)


def test_what_generated_clients_read_is_what_was_sent() -> None:
    rows = event_pb2.TableRows(columns=[event_pb2.ColumnValues(ints=event_pb2.IntValues(values=[2**63 - 1, -1]))])
    doubles = event_pb2.DoubleValues(values=[math.inf, -math.inf, 0.1, -0.0])
    rows.columns.add(doubles=doubles, nulls=b"\xff\x00")
    event = event_pb2.Event(run_id="r", sequence=3, table_rows=rows)
    assert json_format.Parse(event_json(event)[1], event_pb2.Event()) == event


def test_a_payload_from_a_newer_server_keeps_its_number() -> None:
    newer = event_pb2.Event(run_id="r", sequence=7).SerializeToString() + b"\xc2\x3e\x00"  # field 1000, a message
    assert event_json(event_pb2.Event.FromString(newer)) == ("unknown", b'{"runId":"r","sequence":"7"}')


def test_hostile_text_stays_on_one_line() -> None:
    event = event_pb2.Event(text_delta=event_pb2.TextDelta(text="a\nb\rc\r\nd\u2028e\u0000data: x\n\nid: 9"))
    text = event_json(event)[1]
    assert not {10, 13} & set(text)
    assert json.loads(text)["textDelta"]["text"] == event.text_delta.text

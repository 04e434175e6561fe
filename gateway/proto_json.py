"""Protobuf messages as proto3 JSON: converters built once per message type from its descriptor, then orjson.

Equal to protobuf's own json_format, several times faster. Reading JSON, which is rare, is left to json_format.
"""

import base64
import math
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from time import gmtime, strftime
from typing import Any

import orjson
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import ListValue, Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

from levada.v1.event_pb2 import Event

Convert = Callable[[Any], Any]

INT64 = {FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64}
PAYLOADS = {field.name: field.json_name for field in Event.DESCRIPTOR.oneofs_by_name["payload"].fields}


def to_json(message: Message) -> bytes:
    """Return *message* as JSON text."""
    return orjson.dumps(to_dict(message))


def to_dict(message: Message) -> Any:
    """Return *message* as the object that proto3 JSON prescribes."""
    return converter(message.DESCRIPTOR)(message)


def event_json(event: Event) -> tuple[str, bytes]:
    """Return the payload's name ("unknown" for one from a newer server) and the whole event as JSON text."""
    # By hand, because every event passes here: half the cost of walking the envelope's fields.
    out: dict[str, Any] = {}
    if event.run_id:
        out["runId"] = event.run_id
    if sequence := event.sequence:
        out["sequence"] = str(sequence)
    if event.HasField("time"):
        out["time"] = timestamp(event.time)
    if step := event.step:
        out["step"] = step
    if attempt := event.attempt:
        out["attempt"] = attempt
    if progress := event.progress:
        out["progress"] = double(progress)
    if trace_id := event.trace_id:
        out["traceId"] = trace_id
    name = event.WhichOneof("payload")
    if name:
        payload = getattr(event, name)
        out[PAYLOADS[name]] = converter(payload.DESCRIPTOR)(payload)
    return name or "unknown", orjson.dumps(out)


@cache
def converter(descriptor: Descriptor) -> Convert:
    """Return the function that turns messages of one type into JSON values."""
    if known := WELL_KNOWN.get(descriptor.full_name):
        return known
    fields: dict[int, tuple[str, Convert | None]] = {}

    def convert(message: Message) -> dict[str, Any]:
        out = {}
        for field, value in message.ListFields():
            name, inner = fields[field.number]
            out[name] = value if inner is None else inner(value)
        return out

    # Filled after `convert` exists, and each inner converter is looked up late, so that types may contain themselves.
    fields.update((field.number, (field.json_name, of_field(field))) for field in descriptor.fields)
    return convert


def of_field(field: FieldDescriptor) -> Convert | None:
    """Return what turns a field's value into JSON; None when it can stay as it is."""
    if field.message_type and field.message_type.GetOptions().map_entry:
        inner = of_value(field.message_type.fields_by_name["value"])
        return lambda values: {str(key): inner(values[key]) if inner else values[key] for key in values}
    inner = of_value(field)
    if not field.is_repeated:
        return inner
    return list if inner is None else lambda values: [inner(value) for value in values]


def of_value(field: FieldDescriptor) -> Convert | None:
    if field.message_type:
        message_type = field.message_type
        return lambda value: converter(message_type)(value)  # noqa: PLW0108 looked up late
    if field.enum_type:
        return of_enum(field.enum_type)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return base64_text
    if field.cpp_type in INT64:
        return str
    return double if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE else None


def of_enum(descriptor: EnumDescriptor) -> Convert:
    names = {number: value.name for number, value in descriptor.values_by_number.items()}
    return lambda number: names.get(number, number)


def base64_text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def double(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def timestamp(value: Timestamp) -> str:
    return f"{instant(value.seconds)}{fraction(value.nanos)}Z"


@lru_cache(maxsize=64)
def instant(seconds: int) -> str:
    """Return an instant in whole seconds; neighbouring events share it."""
    time = gmtime(seconds)
    return f"{time.tm_year:04d}{strftime('-%m-%dT%H:%M:%S', time)}"


def duration(value: Duration) -> str:
    sign = "-" if value.seconds < 0 or value.nanos < 0 else ""
    return f"{sign}{abs(value.seconds)}{fraction(abs(value.nanos))}s"


def seconds(value: Duration) -> float:
    """Return a duration in seconds, to the millisecond."""
    return round(value.ToTimedelta().total_seconds(), 3)


def fraction(nanos: int) -> str:
    """Return a second's fraction with 0, 3, 6 or 9 digits, as proto3 JSON writes it."""
    if not nanos:
        return ""
    if nanos % 1_000:
        return f".{nanos:09d}"
    return f".{nanos // 1_000:06d}" if nanos % 1_000_000 else f".{nanos // 1_000_000:03d}"


def struct(value: Struct) -> dict[str, Any]:
    return {key: any_value(item) for key, item in value.fields.items()}


def any_list(values: Iterable[Value]) -> list[Any]:
    return [any_value(item) for item in values]


def any_value(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return struct(value.struct_value)
    if kind == "list_value":
        return any_list(value.list_value.values)
    return None if kind in (None, "null_value") else getattr(value, kind)


WELL_KNOWN: dict[str, Convert] = {
    Timestamp.DESCRIPTOR.full_name: timestamp,
    Duration.DESCRIPTOR.full_name: duration,
    Struct.DESCRIPTOR.full_name: struct,
    Value.DESCRIPTOR.full_name: any_value,
    ListValue.DESCRIPTOR.full_name: lambda value: any_list(value.values),
}

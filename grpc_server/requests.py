"""Request bytes to messages. What can't be parsed becomes an InvalidRequest that names the field.

gRPC answers a failing deserializer with an opaque status of its own, so a failure is handed on as a value.
"""

from collections.abc import Callable
from typing import TypeVar

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from core.errors import InvalidRequest

Request = TypeVar("Request", bound=Message)


def parser(descriptor: Descriptor) -> Callable[[bytes], Message | InvalidRequest]:
    """Return a deserializer for the messages of *descriptor*."""
    parse = message_factory.GetMessageClass(descriptor).FromString

    def read(raw: bytes) -> Message | InvalidRequest:
        try:
            return parse(raw)
        except DecodeError:
            return _malformed(raw, descriptor)

    return read


def _malformed(raw: bytes, descriptor: Descriptor) -> InvalidRequest:
    try:
        field = _not_text(raw, descriptor)
    except DecodeError:
        field = ""
    if field:
        return InvalidRequest({field: f"{field} is not valid UTF-8. Send text encoded as UTF-8."})
    return InvalidRequest({"request": f"The request is not a {descriptor.name}: its bytes can't be parsed."})


def _not_text(raw: bytes, descriptor: Descriptor) -> str:
    """Return the path of the first string that is not UTF-8, found by reading the bytes without their types."""
    for found in UnknownFieldSet(Empty.FromString(raw)):  # type: ignore[attr-defined]
        field = descriptor.fields_by_number.get(found.field_number)
        if field is None or not isinstance(found.data, bytes):
            continue
        if field.type == FieldDescriptor.TYPE_STRING and not _is_utf8(found.data):
            return field.name
        if field.message_type is not None:
            inner = _not_text(found.data, field.message_type)
            if inner:
                return f"{field.name}.{inner}"
    return ""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True

"""OpenAPI 3.1 of this gateway: paths from its operations, schemas from the protos' descriptors."""

import re
from collections.abc import Iterable
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.operations import Operation, Parameter
from levada.v1.error_reason_pb2 import ErrorReason
from levada.v1.event_pb2 import Event

Schema = dict[str, Any]

REASONS = [name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()[1:]]
PROBLEM: Schema = {
    "type": "object",
    "description": "An error, as RFC 9457 wants it.",
    "required": ["type", "title", "status", "detail", "reason"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, what it means, what to do."},
        "reason": {"type": "string", "enum": REASONS},
        "violations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "description": {"type": "string"}},
            },
        },
        "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
        "traceId": {"type": "string"},
    },
}
WELL_KNOWN: dict[str, Schema] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?\d+(\.\d+)?s$", "description": "Seconds: 1.5s."},
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
}
NUMBER_OR_WORD: Schema = {"oneOf": [{"type": "number"}, {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]}]}
SCALARS: dict[int, Schema] = {
    FieldDescriptor.CPPTYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.CPPTYPE_DOUBLE: NUMBER_OR_WORD,
    FieldDescriptor.CPPTYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.CPPTYPE_UINT32: {"type": "integer", "minimum": 0},
    FieldDescriptor.CPPTYPE_INT64: {"type": "string", "pattern": r"^-?\d+$", "description": "A 64-bit integer."},
    FieldDescriptor.CPPTYPE_UINT64: {"type": "string", "pattern": r"^\d+$"},
    FieldDescriptor.CPPTYPE_STRING: {"type": "string"},
}


def document(operations: Iterable[Operation], version: str) -> Schema:
    """Return the whole document."""
    schemas: dict[str, Schema] = {"Problem": PROBLEM}
    paths: dict[str, Schema] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = described(operation, schemas)
    referred(Event.DESCRIPTOR, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Levada",
            "version": version,
            "description": "Ask a question of your data in plain words and watch the answer being worked out.",
        },
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def described(operation: Operation, schemas: dict[str, Schema]) -> Schema:
    names = re.findall(r"{(\w+)}", operation.path)
    in_path = [Parameter(name, f"The {name.replace('_', ' ')}.", "path") for name in names]
    out: Schema = {
        "summary": operation.summary,
        "operationId": re.sub(r"\W+", "_", f"{operation.method.lower()}{operation.path}").strip("_"),
        "parameters": [parameter(each) for each in (*in_path, *operation.parameters)],
        "responses": {str(operation.status): answer(operation, schemas)},
    }
    for status, text in operation.others:
        out["responses"][str(status)] = {"description": text}
    if operation.description:
        out["description"] = operation.description
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    out["responses"]["default"] = {
        "description": "A problem.",
        "content": {"application/problem+json": problem},
    }
    if operation.takes is not None:
        raw = isinstance(operation.takes, dict) and operation.takes.get("format") == "binary"
        media = "application/octet-stream" if raw else "application/json"
        body = {media: {"schema": reference(operation.takes, schemas)}}
        out["requestBody"] = {"content": body}
    return out


def answer(operation: Operation, schemas: dict[str, Schema]) -> Schema:
    content: Schema = {}
    for media in operation.media.split(", "):
        if media != "application/json":
            content[media] = {"schema": {"type": "string"}}
    if operation.gives is not None:
        content["application/json"] = {"schema": reference(operation.gives, schemas)}
    return {"description": "Done.", "content": content}


def parameter(each: Parameter) -> Schema:
    required = {"required": True} if each.where == "path" else {}
    schema = {"type": each.kind}
    return {"name": each.name, "in": each.where, "description": each.description, "schema": schema, **required}


def reference(shape: type[Message] | Schema, schemas: dict[str, Schema]) -> Schema:
    if not isinstance(shape, dict):
        return referred(shape.DESCRIPTOR, schemas)
    schemas.update(shape.get("$defs", {}))
    return {name: part for name, part in shape.items() if name != "$defs"}


def referred(descriptor: Any, schemas: dict[str, Schema]) -> Schema:
    """Return a reference to a message's schema, after making it and all that it refers to."""
    if descriptor.full_name in WELL_KNOWN:
        return WELL_KNOWN[descriptor.full_name]
    if descriptor.name not in schemas:
        properties: Schema = {}
        schemas[descriptor.name] = schema = {"type": "object", "properties": properties}
        for field in descriptor.fields:
            properties[field.json_name] = of_field(field, schemas)
        for oneof in descriptor.oneofs:
            if len(oneof.fields) > 1:
                names = ", ".join(field.json_name for field in oneof.fields)
                schema["description"] = f"At most one of these is set: {names}."
    return {"$ref": f"#/components/schemas/{descriptor.name}"}


def of_field(field: FieldDescriptor, schemas: dict[str, Schema]) -> Schema:
    if field.message_type and field.message_type.GetOptions().map_entry:
        values = of_value(field.message_type.fields_by_name["value"], schemas)
        return {"type": "object", "additionalProperties": values}
    schema = of_value(field, schemas)
    return {"type": "array", "items": schema} if field.is_repeated else schema


def of_value(field: FieldDescriptor, schemas: dict[str, Schema]) -> Schema:
    if field.message_type:
        return referred(field.message_type, schemas)
    if field.enum_type:
        return of_enum(field.enum_type, schemas)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return {"type": "string", "contentEncoding": "base64"}
    return SCALARS[field.cpp_type]


def of_enum(descriptor: EnumDescriptor, schemas: dict[str, Schema]) -> Schema:
    schemas.setdefault(descriptor.name, {"type": "string", "enum": list(descriptor.values_by_name)})
    return {"$ref": f"#/components/schemas/{descriptor.name}"}

from levada.v1 import event_pb2 as _event_pb2
from levada.v1 import run_pb2 as _run_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RunQueryRequest(_message.Message):
    __slots__ = ("run",)
    RUN_FIELD_NUMBER: _ClassVar[int]
    run: _run_pb2.RunRequest
    def __init__(self, run: _Optional[_Union[_run_pb2.RunRequest, _Mapping]] = ...) -> None: ...

class RunQueryResponse(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_event_pb2.Event]
    def __init__(self, events: _Optional[_Iterable[_Union[_event_pb2.Event, _Mapping]]] = ...) -> None: ...

class ClassifyRequest(_message.Message):
    __slots__ = ("question", "sources")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    question: str
    sources: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, question: _Optional[str] = ..., sources: _Optional[_Iterable[str]] = ...) -> None: ...

class ClassifyResponse(_message.Message):
    __slots__ = ("pipeline", "sources", "cause", "schemas", "problems")
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    SCHEMAS_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    pipeline: str
    sources: _containers.RepeatedCompositeFieldContainer[_event_pb2.SourceChoice]
    cause: str
    schemas: _containers.RepeatedCompositeFieldContainer[_event_pb2.SchemaMatched]
    problems: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, pipeline: _Optional[str] = ..., sources: _Optional[_Iterable[_Union[_event_pb2.SourceChoice, _Mapping]]] = ..., cause: _Optional[str] = ..., schemas: _Optional[_Iterable[_Union[_event_pb2.SchemaMatched, _Mapping]]] = ..., problems: _Optional[_Iterable[str]] = ...) -> None: ...

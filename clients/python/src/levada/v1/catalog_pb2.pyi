from levada.v1 import event_pb2 as _event_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SourceState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SOURCE_STATE_UNSPECIFIED: _ClassVar[SourceState]
    SOURCE_STATE_AVAILABLE: _ClassVar[SourceState]
    SOURCE_STATE_UNAVAILABLE: _ClassVar[SourceState]
SOURCE_STATE_UNSPECIFIED: SourceState
SOURCE_STATE_AVAILABLE: SourceState
SOURCE_STATE_UNAVAILABLE: SourceState

class Pipeline(_message.Message):
    __slots__ = ("name", "title", "description", "steps", "sample_questions", "needs_model", "choices")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    NEEDS_MODEL_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    description: str
    steps: _containers.RepeatedCompositeFieldContainer[_event_pb2.StepInfo]
    sample_questions: _containers.RepeatedScalarFieldContainer[str]
    needs_model: bool
    choices: _containers.RepeatedCompositeFieldContainer[ParameterChoices]
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., description: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[_event_pb2.StepInfo, _Mapping]]] = ..., sample_questions: _Optional[_Iterable[str]] = ..., needs_model: _Optional[bool] = ..., choices: _Optional[_Iterable[_Union[ParameterChoices, _Mapping]]] = ...) -> None: ...

class ParameterChoices(_message.Message):
    __slots__ = ("parameter", "options")
    PARAMETER_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    parameter: str
    options: _containers.RepeatedCompositeFieldContainer[ParameterOption]
    def __init__(self, parameter: _Optional[str] = ..., options: _Optional[_Iterable[_Union[ParameterOption, _Mapping]]] = ...) -> None: ...

class ParameterOption(_message.Message):
    __slots__ = ("value", "label", "description")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    value: str
    label: str
    description: str
    def __init__(self, value: _Optional[str] = ..., label: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class Source(_message.Message):
    __slots__ = ("name", "description", "kind", "dialect", "state", "problem")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DIALECT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    name: str
    description: str
    kind: str
    dialect: str
    state: SourceState
    problem: str
    def __init__(self, name: _Optional[str] = ..., description: _Optional[str] = ..., kind: _Optional[str] = ..., dialect: _Optional[str] = ..., state: _Optional[_Union[SourceState, str]] = ..., problem: _Optional[str] = ...) -> None: ...

class Schema(_message.Message):
    __slots__ = ("source", "dialect", "tables", "definitions", "problems")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DIALECT_FIELD_NUMBER: _ClassVar[int]
    TABLES_FIELD_NUMBER: _ClassVar[int]
    DEFINITIONS_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    source: str
    dialect: str
    tables: _containers.RepeatedCompositeFieldContainer[Table]
    definitions: _containers.RepeatedCompositeFieldContainer[Definition]
    problems: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, source: _Optional[str] = ..., dialect: _Optional[str] = ..., tables: _Optional[_Iterable[_Union[Table, _Mapping]]] = ..., definitions: _Optional[_Iterable[_Union[Definition, _Mapping]]] = ..., problems: _Optional[_Iterable[str]] = ...) -> None: ...

class Table(_message.Message):
    __slots__ = ("name", "namespace", "comment", "columns", "primary_key", "foreign_keys", "row_estimate", "is_view")
    NAME_FIELD_NUMBER: _ClassVar[int]
    NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_KEY_FIELD_NUMBER: _ClassVar[int]
    FOREIGN_KEYS_FIELD_NUMBER: _ClassVar[int]
    ROW_ESTIMATE_FIELD_NUMBER: _ClassVar[int]
    IS_VIEW_FIELD_NUMBER: _ClassVar[int]
    name: str
    namespace: str
    comment: str
    columns: _containers.RepeatedCompositeFieldContainer[Column]
    primary_key: _containers.RepeatedScalarFieldContainer[str]
    foreign_keys: _containers.RepeatedCompositeFieldContainer[ForeignKey]
    row_estimate: int
    is_view: bool
    def __init__(self, name: _Optional[str] = ..., namespace: _Optional[str] = ..., comment: _Optional[str] = ..., columns: _Optional[_Iterable[_Union[Column, _Mapping]]] = ..., primary_key: _Optional[_Iterable[str]] = ..., foreign_keys: _Optional[_Iterable[_Union[ForeignKey, _Mapping]]] = ..., row_estimate: _Optional[int] = ..., is_view: _Optional[bool] = ...) -> None: ...

class Column(_message.Message):
    __slots__ = ("name", "type", "native_type", "nullable", "comment", "samples", "unit", "unique")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NATIVE_TYPE_FIELD_NUMBER: _ClassVar[int]
    NULLABLE_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    UNIQUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: _event_pb2.ColumnType
    native_type: str
    nullable: bool
    comment: str
    samples: _containers.RepeatedScalarFieldContainer[str]
    unit: str
    unique: bool
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[_event_pb2.ColumnType, str]] = ..., native_type: _Optional[str] = ..., nullable: _Optional[bool] = ..., comment: _Optional[str] = ..., samples: _Optional[_Iterable[str]] = ..., unit: _Optional[str] = ..., unique: _Optional[bool] = ...) -> None: ...

class ForeignKey(_message.Message):
    __slots__ = ("columns", "referenced_namespace", "referenced_table", "referenced_columns", "inferred")
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    REFERENCED_NAMESPACE_FIELD_NUMBER: _ClassVar[int]
    REFERENCED_TABLE_FIELD_NUMBER: _ClassVar[int]
    REFERENCED_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    INFERRED_FIELD_NUMBER: _ClassVar[int]
    columns: _containers.RepeatedScalarFieldContainer[str]
    referenced_namespace: str
    referenced_table: str
    referenced_columns: _containers.RepeatedScalarFieldContainer[str]
    inferred: bool
    def __init__(self, columns: _Optional[_Iterable[str]] = ..., referenced_namespace: _Optional[str] = ..., referenced_table: _Optional[str] = ..., referenced_columns: _Optional[_Iterable[str]] = ..., inferred: _Optional[bool] = ...) -> None: ...

class Definition(_message.Message):
    __slots__ = ("name", "synonyms", "expression", "target", "condition", "unit", "description")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SYNONYMS_FIELD_NUMBER: _ClassVar[int]
    EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    name: str
    synonyms: _containers.RepeatedScalarFieldContainer[str]
    expression: str
    target: str
    condition: str
    unit: str
    description: str
    def __init__(self, name: _Optional[str] = ..., synonyms: _Optional[_Iterable[str]] = ..., expression: _Optional[str] = ..., target: _Optional[str] = ..., condition: _Optional[str] = ..., unit: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class Model(_message.Message):
    __slots__ = ("name", "provider", "roles", "is_default", "forms", "context_tokens", "input_usd_per_million", "output_usd_per_million", "problem")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    IS_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    FORMS_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    INPUT_USD_PER_MILLION_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_USD_PER_MILLION_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    name: str
    provider: str
    roles: _containers.RepeatedScalarFieldContainer[str]
    is_default: bool
    forms: _containers.RepeatedScalarFieldContainer[str]
    context_tokens: int
    input_usd_per_million: float
    output_usd_per_million: float
    problem: str
    def __init__(self, name: _Optional[str] = ..., provider: _Optional[str] = ..., roles: _Optional[_Iterable[str]] = ..., is_default: _Optional[bool] = ..., forms: _Optional[_Iterable[str]] = ..., context_tokens: _Optional[int] = ..., input_usd_per_million: _Optional[float] = ..., output_usd_per_million: _Optional[float] = ..., problem: _Optional[str] = ...) -> None: ...

import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from levada.v1 import error_reason_pb2 as _error_reason_pb2
from levada.v1 import event_pb2 as _event_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RunState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUN_STATE_UNSPECIFIED: _ClassVar[RunState]
    RUN_STATE_QUEUED: _ClassVar[RunState]
    RUN_STATE_RUNNING: _ClassVar[RunState]
    RUN_STATE_WAITING: _ClassVar[RunState]
    RUN_STATE_PAUSED: _ClassVar[RunState]
    RUN_STATE_COMPLETED: _ClassVar[RunState]
    RUN_STATE_FAILED: _ClassVar[RunState]
    RUN_STATE_CANCELLED: _ClassVar[RunState]

class Analysis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ANALYSIS_UNSPECIFIED: _ClassVar[Analysis]
    ANALYSIS_NONE: _ClassVar[Analysis]
    ANALYSIS_STANDARD: _ClassVar[Analysis]
    ANALYSIS_DEEP: _ClassVar[Analysis]

class ResearchTaskKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESEARCH_TASK_KIND_UNSPECIFIED: _ClassVar[ResearchTaskKind]
    RESEARCH_TASK_KIND_SEQUENTIAL: _ClassVar[ResearchTaskKind]
    RESEARCH_TASK_KIND_PARALLEL: _ClassVar[ResearchTaskKind]
    RESEARCH_TASK_KIND_HYBRID: _ClassVar[ResearchTaskKind]

class AgentsMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AGENTS_MODE_UNSPECIFIED: _ClassVar[AgentsMode]
    AGENTS_MODE_SEQUENTIAL: _ClassVar[AgentsMode]
    AGENTS_MODE_PARALLEL: _ClassVar[AgentsMode]
    AGENTS_MODE_COLLABORATIVE: _ClassVar[AgentsMode]
    AGENTS_MODE_DEBATE: _ClassVar[AgentsMode]
RUN_STATE_UNSPECIFIED: RunState
RUN_STATE_QUEUED: RunState
RUN_STATE_RUNNING: RunState
RUN_STATE_WAITING: RunState
RUN_STATE_PAUSED: RunState
RUN_STATE_COMPLETED: RunState
RUN_STATE_FAILED: RunState
RUN_STATE_CANCELLED: RunState
ANALYSIS_UNSPECIFIED: Analysis
ANALYSIS_NONE: Analysis
ANALYSIS_STANDARD: Analysis
ANALYSIS_DEEP: Analysis
RESEARCH_TASK_KIND_UNSPECIFIED: ResearchTaskKind
RESEARCH_TASK_KIND_SEQUENTIAL: ResearchTaskKind
RESEARCH_TASK_KIND_PARALLEL: ResearchTaskKind
RESEARCH_TASK_KIND_HYBRID: ResearchTaskKind
AGENTS_MODE_UNSPECIFIED: AgentsMode
AGENTS_MODE_SEQUENTIAL: AgentsMode
AGENTS_MODE_PARALLEL: AgentsMode
AGENTS_MODE_COLLABORATIVE: AgentsMode
AGENTS_MODE_DEBATE: AgentsMode

class Run(_message.Message):
    __slots__ = ("run_id", "state", "request", "last_sequence", "oldest_sequence", "progress", "create_time", "start_time", "end_time", "trace_id", "summary", "outcome", "reason", "message", "input", "forked_from", "queue_position", "pause_by")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    OLDEST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    INPUT_FIELD_NUMBER: _ClassVar[int]
    FORKED_FROM_FIELD_NUMBER: _ClassVar[int]
    QUEUE_POSITION_FIELD_NUMBER: _ClassVar[int]
    PAUSE_BY_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    state: RunState
    request: RunRequest
    last_sequence: int
    oldest_sequence: int
    progress: float
    create_time: _timestamp_pb2.Timestamp
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    trace_id: str
    summary: str
    outcome: _event_pb2.Outcome
    reason: _error_reason_pb2.ErrorReason
    message: str
    input: _event_pb2.InputRequested
    forked_from: str
    queue_position: int
    pause_by: str
    def __init__(self, run_id: _Optional[str] = ..., state: _Optional[_Union[RunState, str]] = ..., request: _Optional[_Union[RunRequest, _Mapping]] = ..., last_sequence: _Optional[int] = ..., oldest_sequence: _Optional[int] = ..., progress: _Optional[float] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., trace_id: _Optional[str] = ..., summary: _Optional[str] = ..., outcome: _Optional[_Union[_event_pb2.Outcome, str]] = ..., reason: _Optional[_Union[_error_reason_pb2.ErrorReason, str]] = ..., message: _Optional[str] = ..., input: _Optional[_Union[_event_pb2.InputRequested, _Mapping]] = ..., forked_from: _Optional[str] = ..., queue_position: _Optional[int] = ..., pause_by: _Optional[str] = ...) -> None: ...

class RunRequest(_message.Message):
    __slots__ = ("pipeline", "question", "sources", "conversation_id", "request_id", "priority", "options", "query", "federated", "research", "agents", "assessment")
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    FEDERATED_FIELD_NUMBER: _ClassVar[int]
    RESEARCH_FIELD_NUMBER: _ClassVar[int]
    AGENTS_FIELD_NUMBER: _ClassVar[int]
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    pipeline: str
    question: str
    sources: _containers.RepeatedScalarFieldContainer[str]
    conversation_id: str
    request_id: str
    priority: int
    options: RunOptions
    query: QueryParameters
    federated: FederatedParameters
    research: ResearchParameters
    agents: AgentsParameters
    assessment: AssessmentParameters
    def __init__(self, pipeline: _Optional[str] = ..., question: _Optional[str] = ..., sources: _Optional[_Iterable[str]] = ..., conversation_id: _Optional[str] = ..., request_id: _Optional[str] = ..., priority: _Optional[int] = ..., options: _Optional[_Union[RunOptions, _Mapping]] = ..., query: _Optional[_Union[QueryParameters, _Mapping]] = ..., federated: _Optional[_Union[FederatedParameters, _Mapping]] = ..., research: _Optional[_Union[ResearchParameters, _Mapping]] = ..., agents: _Optional[_Union[AgentsParameters, _Mapping]] = ..., assessment: _Optional[_Union[AssessmentParameters, _Mapping]] = ...) -> None: ...

class RunOptions(_message.Message):
    __slots__ = ("analyze", "dry_run", "interactive", "require_approval", "cancel_on_disconnect", "row_limit", "timeout", "max_attempts", "breadth", "depth", "models", "row_encoding", "deadline", "candidates", "hold")
    class ModelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ANALYZE_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    INTERACTIVE_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_APPROVAL_FIELD_NUMBER: _ClassVar[int]
    CANCEL_ON_DISCONNECT_FIELD_NUMBER: _ClassVar[int]
    ROW_LIMIT_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    MAX_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    BREADTH_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    ROW_ENCODING_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    HOLD_FIELD_NUMBER: _ClassVar[int]
    analyze: Analysis
    dry_run: bool
    interactive: bool
    require_approval: bool
    cancel_on_disconnect: bool
    row_limit: int
    timeout: _duration_pb2.Duration
    max_attempts: int
    breadth: int
    depth: int
    models: _containers.ScalarMap[str, str]
    row_encoding: _event_pb2.RowEncoding
    deadline: _duration_pb2.Duration
    candidates: int
    hold: bool
    def __init__(self, analyze: _Optional[_Union[Analysis, str]] = ..., dry_run: _Optional[bool] = ..., interactive: _Optional[bool] = ..., require_approval: _Optional[bool] = ..., cancel_on_disconnect: _Optional[bool] = ..., row_limit: _Optional[int] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., max_attempts: _Optional[int] = ..., breadth: _Optional[int] = ..., depth: _Optional[int] = ..., models: _Optional[_Mapping[str, str]] = ..., row_encoding: _Optional[_Union[_event_pb2.RowEncoding, str]] = ..., deadline: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., candidates: _Optional[int] = ..., hold: _Optional[bool] = ...) -> None: ...

class QueryParameters(_message.Message):
    __slots__ = ("query",)
    QUERY_FIELD_NUMBER: _ClassVar[int]
    query: str
    def __init__(self, query: _Optional[str] = ...) -> None: ...

class FederatedParameters(_message.Message):
    __slots__ = ("operations",)
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    operations: _containers.RepeatedCompositeFieldContainer[_event_pb2.PlannedOperation]
    def __init__(self, operations: _Optional[_Iterable[_Union[_event_pb2.PlannedOperation, _Mapping]]] = ...) -> None: ...

class ResearchParameters(_message.Message):
    __slots__ = ("name", "tasks")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TASKS_FIELD_NUMBER: _ClassVar[int]
    name: str
    tasks: _containers.RepeatedCompositeFieldContainer[ResearchTask]
    def __init__(self, name: _Optional[str] = ..., tasks: _Optional[_Iterable[_Union[ResearchTask, _Mapping]]] = ...) -> None: ...

class ResearchTask(_message.Message):
    __slots__ = ("task_id", "name", "objective", "kind", "priority", "depends_on", "timeout", "retries", "context", "parts", "sources")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    DEPENDS_ON_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    name: str
    objective: str
    kind: ResearchTaskKind
    priority: int
    depends_on: _containers.RepeatedScalarFieldContainer[str]
    timeout: _duration_pb2.Duration
    retries: int
    context: _struct_pb2.Struct
    parts: _containers.RepeatedCompositeFieldContainer[ResearchTask]
    sources: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, task_id: _Optional[str] = ..., name: _Optional[str] = ..., objective: _Optional[str] = ..., kind: _Optional[_Union[ResearchTaskKind, str]] = ..., priority: _Optional[int] = ..., depends_on: _Optional[_Iterable[str]] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., retries: _Optional[int] = ..., context: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., parts: _Optional[_Iterable[_Union[ResearchTask, _Mapping]]] = ..., sources: _Optional[_Iterable[str]] = ...) -> None: ...

class AgentsParameters(_message.Message):
    __slots__ = ("mode", "primary_agent", "supporting_agents")
    MODE_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_AGENT_FIELD_NUMBER: _ClassVar[int]
    SUPPORTING_AGENTS_FIELD_NUMBER: _ClassVar[int]
    mode: AgentsMode
    primary_agent: str
    supporting_agents: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, mode: _Optional[_Union[AgentsMode, str]] = ..., primary_agent: _Optional[str] = ..., supporting_agents: _Optional[_Iterable[str]] = ...) -> None: ...

class AssessmentParameters(_message.Message):
    __slots__ = ("difficulty", "sub_topic", "seed")
    DIFFICULTY_FIELD_NUMBER: _ClassVar[int]
    SUB_TOPIC_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    difficulty: str
    sub_topic: str
    seed: int
    def __init__(self, difficulty: _Optional[str] = ..., sub_topic: _Optional[str] = ..., seed: _Optional[int] = ...) -> None: ...

class InputAnswer(_message.Message):
    __slots__ = ("input_id", "decision", "text")
    INPUT_ID_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    input_id: str
    decision: _event_pb2.Decision
    text: str
    def __init__(self, input_id: _Optional[str] = ..., decision: _Optional[_Union[_event_pb2.Decision, str]] = ..., text: _Optional[str] = ...) -> None: ...

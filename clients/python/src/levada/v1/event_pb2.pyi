import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from levada.v1 import error_reason_pb2 as _error_reason_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Category(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CATEGORY_UNSPECIFIED: _ClassVar[Category]
    CATEGORY_THINKING: _ClassVar[Category]
    CATEGORY_ACTION: _ClassVar[Category]
    CATEGORY_CHECK: _ClassVar[Category]
    CATEGORY_ERROR: _ClassVar[Category]

class InputKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INPUT_KIND_UNSPECIFIED: _ClassVar[InputKind]
    INPUT_KIND_APPROVAL: _ClassVar[InputKind]
    INPUT_KIND_CLARIFICATION: _ClassVar[InputKind]

class Decision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_UNSPECIFIED: _ClassVar[Decision]
    DECISION_APPROVE: _ClassVar[Decision]
    DECISION_EDIT: _ClassVar[Decision]
    DECISION_REJECT: _ClassVar[Decision]

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_ANSWERED: _ClassVar[Outcome]
    OUTCOME_REPLIED: _ClassVar[Outcome]
    OUTCOME_CLARIFICATION_NEEDED: _ClassVar[Outcome]
    OUTCOME_PLANNED: _ClassVar[Outcome]
    OUTCOME_REJECTED: _ClassVar[Outcome]

class Channel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANNEL_UNSPECIFIED: _ClassVar[Channel]
    CHANNEL_SQL: _ClassVar[Channel]
    CHANNEL_EXPLANATION: _ClassVar[Channel]
    CHANNEL_ANSWER: _ClassVar[Channel]
    CHANNEL_REPORT: _ClassVar[Channel]
    CHANNEL_REASONING: _ClassVar[Channel]
    CHANNEL_CONTRIBUTION: _ClassVar[Channel]

class ColumnType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COLUMN_TYPE_UNSPECIFIED: _ClassVar[ColumnType]
    COLUMN_TYPE_BOOLEAN: _ClassVar[ColumnType]
    COLUMN_TYPE_INTEGER: _ClassVar[ColumnType]
    COLUMN_TYPE_DOUBLE: _ClassVar[ColumnType]
    COLUMN_TYPE_DECIMAL: _ClassVar[ColumnType]
    COLUMN_TYPE_TEXT: _ClassVar[ColumnType]
    COLUMN_TYPE_BINARY: _ClassVar[ColumnType]
    COLUMN_TYPE_DATE: _ClassVar[ColumnType]
    COLUMN_TYPE_TIME: _ClassVar[ColumnType]
    COLUMN_TYPE_TIMESTAMP: _ClassVar[ColumnType]
    COLUMN_TYPE_TIMESTAMP_ZONED: _ClassVar[ColumnType]
    COLUMN_TYPE_INTERVAL: _ClassVar[ColumnType]
    COLUMN_TYPE_UUID: _ClassVar[ColumnType]
    COLUMN_TYPE_JSON: _ClassVar[ColumnType]

class RowEncoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROW_ENCODING_UNSPECIFIED: _ClassVar[RowEncoding]
    ROW_ENCODING_COLUMNS: _ClassVar[RowEncoding]
    ROW_ENCODING_ARROW: _ClassVar[RowEncoding]

class Truncation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRUNCATION_UNSPECIFIED: _ClassVar[Truncation]
    TRUNCATION_ROW_LIMIT: _ClassVar[Truncation]
    TRUNCATION_BYTE_LIMIT: _ClassVar[Truncation]

class FindingKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FINDING_KIND_UNSPECIFIED: _ClassVar[FindingKind]
    FINDING_KIND_TOTAL: _ClassVar[FindingKind]
    FINDING_KIND_EXTREME: _ClassVar[FindingKind]
    FINDING_KIND_SHARE: _ClassVar[FindingKind]
    FINDING_KIND_TREND: _ClassVar[FindingKind]
    FINDING_KIND_CHANGE: _ClassVar[FindingKind]
    FINDING_KIND_OUTLIER: _ClassVar[FindingKind]
    FINDING_KIND_EMPTY: _ClassVar[FindingKind]

class Severity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEVERITY_UNSPECIFIED: _ClassVar[Severity]
    SEVERITY_MEDIUM: _ClassVar[Severity]
    SEVERITY_HIGH: _ClassVar[Severity]

class ChartKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHART_KIND_UNSPECIFIED: _ClassVar[ChartKind]
    CHART_KIND_LINE: _ClassVar[ChartKind]
    CHART_KIND_BAR: _ClassVar[ChartKind]
    CHART_KIND_ARC: _ClassVar[ChartKind]
    CHART_KIND_POINT: _ClassVar[ChartKind]
    CHART_KIND_FIGURE: _ClassVar[ChartKind]
    CHART_KIND_TABLE: _ClassVar[ChartKind]
CATEGORY_UNSPECIFIED: Category
CATEGORY_THINKING: Category
CATEGORY_ACTION: Category
CATEGORY_CHECK: Category
CATEGORY_ERROR: Category
INPUT_KIND_UNSPECIFIED: InputKind
INPUT_KIND_APPROVAL: InputKind
INPUT_KIND_CLARIFICATION: InputKind
DECISION_UNSPECIFIED: Decision
DECISION_APPROVE: Decision
DECISION_EDIT: Decision
DECISION_REJECT: Decision
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_ANSWERED: Outcome
OUTCOME_REPLIED: Outcome
OUTCOME_CLARIFICATION_NEEDED: Outcome
OUTCOME_PLANNED: Outcome
OUTCOME_REJECTED: Outcome
CHANNEL_UNSPECIFIED: Channel
CHANNEL_SQL: Channel
CHANNEL_EXPLANATION: Channel
CHANNEL_ANSWER: Channel
CHANNEL_REPORT: Channel
CHANNEL_REASONING: Channel
CHANNEL_CONTRIBUTION: Channel
COLUMN_TYPE_UNSPECIFIED: ColumnType
COLUMN_TYPE_BOOLEAN: ColumnType
COLUMN_TYPE_INTEGER: ColumnType
COLUMN_TYPE_DOUBLE: ColumnType
COLUMN_TYPE_DECIMAL: ColumnType
COLUMN_TYPE_TEXT: ColumnType
COLUMN_TYPE_BINARY: ColumnType
COLUMN_TYPE_DATE: ColumnType
COLUMN_TYPE_TIME: ColumnType
COLUMN_TYPE_TIMESTAMP: ColumnType
COLUMN_TYPE_TIMESTAMP_ZONED: ColumnType
COLUMN_TYPE_INTERVAL: ColumnType
COLUMN_TYPE_UUID: ColumnType
COLUMN_TYPE_JSON: ColumnType
ROW_ENCODING_UNSPECIFIED: RowEncoding
ROW_ENCODING_COLUMNS: RowEncoding
ROW_ENCODING_ARROW: RowEncoding
TRUNCATION_UNSPECIFIED: Truncation
TRUNCATION_ROW_LIMIT: Truncation
TRUNCATION_BYTE_LIMIT: Truncation
FINDING_KIND_UNSPECIFIED: FindingKind
FINDING_KIND_TOTAL: FindingKind
FINDING_KIND_EXTREME: FindingKind
FINDING_KIND_SHARE: FindingKind
FINDING_KIND_TREND: FindingKind
FINDING_KIND_CHANGE: FindingKind
FINDING_KIND_OUTLIER: FindingKind
FINDING_KIND_EMPTY: FindingKind
SEVERITY_UNSPECIFIED: Severity
SEVERITY_MEDIUM: Severity
SEVERITY_HIGH: Severity
CHART_KIND_UNSPECIFIED: ChartKind
CHART_KIND_LINE: ChartKind
CHART_KIND_BAR: ChartKind
CHART_KIND_ARC: ChartKind
CHART_KIND_POINT: ChartKind
CHART_KIND_FIGURE: ChartKind
CHART_KIND_TABLE: ChartKind

class Event(_message.Message):
    __slots__ = ("run_id", "sequence", "time", "step", "attempt", "progress", "trace_id", "queued", "started", "paused", "resumed", "input_requested", "input_received", "completed", "failed", "cancelled", "step_started", "step_progressed", "step_completed", "step_failed", "step_skipped", "text_delta", "text_completed", "sources_selected", "schema_matched", "plan_drafted", "plan_validated", "query_proposed", "query_validated", "query_refused", "operation_started", "operation_completed", "table_started", "table_rows", "table_completed", "finding", "chart", "follow_ups", "quality_checked", "assessment_ended", "agent_started", "agent_completed", "agent_interaction", "iteration_started", "iteration_completed", "task_planned", "model_called")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    STEP_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    QUEUED_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    PAUSED_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    INPUT_REQUESTED_FIELD_NUMBER: _ClassVar[int]
    INPUT_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    STEP_STARTED_FIELD_NUMBER: _ClassVar[int]
    STEP_PROGRESSED_FIELD_NUMBER: _ClassVar[int]
    STEP_COMPLETED_FIELD_NUMBER: _ClassVar[int]
    STEP_FAILED_FIELD_NUMBER: _ClassVar[int]
    STEP_SKIPPED_FIELD_NUMBER: _ClassVar[int]
    TEXT_DELTA_FIELD_NUMBER: _ClassVar[int]
    TEXT_COMPLETED_FIELD_NUMBER: _ClassVar[int]
    SOURCES_SELECTED_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_MATCHED_FIELD_NUMBER: _ClassVar[int]
    PLAN_DRAFTED_FIELD_NUMBER: _ClassVar[int]
    PLAN_VALIDATED_FIELD_NUMBER: _ClassVar[int]
    QUERY_PROPOSED_FIELD_NUMBER: _ClassVar[int]
    QUERY_VALIDATED_FIELD_NUMBER: _ClassVar[int]
    QUERY_REFUSED_FIELD_NUMBER: _ClassVar[int]
    OPERATION_STARTED_FIELD_NUMBER: _ClassVar[int]
    OPERATION_COMPLETED_FIELD_NUMBER: _ClassVar[int]
    TABLE_STARTED_FIELD_NUMBER: _ClassVar[int]
    TABLE_ROWS_FIELD_NUMBER: _ClassVar[int]
    TABLE_COMPLETED_FIELD_NUMBER: _ClassVar[int]
    FINDING_FIELD_NUMBER: _ClassVar[int]
    CHART_FIELD_NUMBER: _ClassVar[int]
    FOLLOW_UPS_FIELD_NUMBER: _ClassVar[int]
    QUALITY_CHECKED_FIELD_NUMBER: _ClassVar[int]
    ASSESSMENT_ENDED_FIELD_NUMBER: _ClassVar[int]
    AGENT_STARTED_FIELD_NUMBER: _ClassVar[int]
    AGENT_COMPLETED_FIELD_NUMBER: _ClassVar[int]
    AGENT_INTERACTION_FIELD_NUMBER: _ClassVar[int]
    ITERATION_STARTED_FIELD_NUMBER: _ClassVar[int]
    ITERATION_COMPLETED_FIELD_NUMBER: _ClassVar[int]
    TASK_PLANNED_FIELD_NUMBER: _ClassVar[int]
    MODEL_CALLED_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    sequence: int
    time: _timestamp_pb2.Timestamp
    step: str
    attempt: int
    progress: float
    trace_id: str
    queued: RunQueued
    started: RunStarted
    paused: RunPaused
    resumed: RunResumed
    input_requested: InputRequested
    input_received: InputReceived
    completed: RunCompleted
    failed: RunFailed
    cancelled: RunCancelled
    step_started: StepStarted
    step_progressed: StepProgressed
    step_completed: StepCompleted
    step_failed: StepFailed
    step_skipped: StepSkipped
    text_delta: TextDelta
    text_completed: TextCompleted
    sources_selected: SourcesSelected
    schema_matched: SchemaMatched
    plan_drafted: PlanDrafted
    plan_validated: PlanValidated
    query_proposed: QueryProposed
    query_validated: QueryValidated
    query_refused: QueryRefused
    operation_started: OperationStarted
    operation_completed: OperationCompleted
    table_started: TableStarted
    table_rows: TableRows
    table_completed: TableCompleted
    finding: Finding
    chart: Chart
    follow_ups: FollowUps
    quality_checked: QualityChecked
    assessment_ended: AssessmentEnded
    agent_started: AgentStarted
    agent_completed: AgentCompleted
    agent_interaction: AgentInteraction
    iteration_started: IterationStarted
    iteration_completed: IterationCompleted
    task_planned: TaskPlanned
    model_called: ModelCalled
    def __init__(self, run_id: _Optional[str] = ..., sequence: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., step: _Optional[str] = ..., attempt: _Optional[int] = ..., progress: _Optional[float] = ..., trace_id: _Optional[str] = ..., queued: _Optional[_Union[RunQueued, _Mapping]] = ..., started: _Optional[_Union[RunStarted, _Mapping]] = ..., paused: _Optional[_Union[RunPaused, _Mapping]] = ..., resumed: _Optional[_Union[RunResumed, _Mapping]] = ..., input_requested: _Optional[_Union[InputRequested, _Mapping]] = ..., input_received: _Optional[_Union[InputReceived, _Mapping]] = ..., completed: _Optional[_Union[RunCompleted, _Mapping]] = ..., failed: _Optional[_Union[RunFailed, _Mapping]] = ..., cancelled: _Optional[_Union[RunCancelled, _Mapping]] = ..., step_started: _Optional[_Union[StepStarted, _Mapping]] = ..., step_progressed: _Optional[_Union[StepProgressed, _Mapping]] = ..., step_completed: _Optional[_Union[StepCompleted, _Mapping]] = ..., step_failed: _Optional[_Union[StepFailed, _Mapping]] = ..., step_skipped: _Optional[_Union[StepSkipped, _Mapping]] = ..., text_delta: _Optional[_Union[TextDelta, _Mapping]] = ..., text_completed: _Optional[_Union[TextCompleted, _Mapping]] = ..., sources_selected: _Optional[_Union[SourcesSelected, _Mapping]] = ..., schema_matched: _Optional[_Union[SchemaMatched, _Mapping]] = ..., plan_drafted: _Optional[_Union[PlanDrafted, _Mapping]] = ..., plan_validated: _Optional[_Union[PlanValidated, _Mapping]] = ..., query_proposed: _Optional[_Union[QueryProposed, _Mapping]] = ..., query_validated: _Optional[_Union[QueryValidated, _Mapping]] = ..., query_refused: _Optional[_Union[QueryRefused, _Mapping]] = ..., operation_started: _Optional[_Union[OperationStarted, _Mapping]] = ..., operation_completed: _Optional[_Union[OperationCompleted, _Mapping]] = ..., table_started: _Optional[_Union[TableStarted, _Mapping]] = ..., table_rows: _Optional[_Union[TableRows, _Mapping]] = ..., table_completed: _Optional[_Union[TableCompleted, _Mapping]] = ..., finding: _Optional[_Union[Finding, _Mapping]] = ..., chart: _Optional[_Union[Chart, _Mapping]] = ..., follow_ups: _Optional[_Union[FollowUps, _Mapping]] = ..., quality_checked: _Optional[_Union[QualityChecked, _Mapping]] = ..., assessment_ended: _Optional[_Union[AssessmentEnded, _Mapping]] = ..., agent_started: _Optional[_Union[AgentStarted, _Mapping]] = ..., agent_completed: _Optional[_Union[AgentCompleted, _Mapping]] = ..., agent_interaction: _Optional[_Union[AgentInteraction, _Mapping]] = ..., iteration_started: _Optional[_Union[IterationStarted, _Mapping]] = ..., iteration_completed: _Optional[_Union[IterationCompleted, _Mapping]] = ..., task_planned: _Optional[_Union[TaskPlanned, _Mapping]] = ..., model_called: _Optional[_Union[ModelCalled, _Mapping]] = ...) -> None: ...

class StepInfo(_message.Message):
    __slots__ = ("step", "title", "icon", "category", "progress", "conditional", "estimated_duration")
    STEP_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    ICON_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    CONDITIONAL_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_DURATION_FIELD_NUMBER: _ClassVar[int]
    step: str
    title: str
    icon: str
    category: Category
    progress: float
    conditional: bool
    estimated_duration: _duration_pb2.Duration
    def __init__(self, step: _Optional[str] = ..., title: _Optional[str] = ..., icon: _Optional[str] = ..., category: _Optional[_Union[Category, str]] = ..., progress: _Optional[float] = ..., conditional: _Optional[bool] = ..., estimated_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class RunQueued(_message.Message):
    __slots__ = ("position",)
    POSITION_FIELD_NUMBER: _ClassVar[int]
    position: int
    def __init__(self, position: _Optional[int] = ...) -> None: ...

class RunStarted(_message.Message):
    __slots__ = ("pipeline", "question", "steps", "forked_from", "kept_steps")
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    FORKED_FROM_FIELD_NUMBER: _ClassVar[int]
    KEPT_STEPS_FIELD_NUMBER: _ClassVar[int]
    pipeline: str
    question: str
    steps: _containers.RepeatedCompositeFieldContainer[StepInfo]
    forked_from: str
    kept_steps: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, pipeline: _Optional[str] = ..., question: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[StepInfo, _Mapping]]] = ..., forked_from: _Optional[str] = ..., kept_steps: _Optional[_Iterable[str]] = ...) -> None: ...

class RunPaused(_message.Message):
    __slots__ = ("by",)
    BY_FIELD_NUMBER: _ClassVar[int]
    by: str
    def __init__(self, by: _Optional[str] = ...) -> None: ...

class RunResumed(_message.Message):
    __slots__ = ("by", "cause")
    BY_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    by: str
    cause: str
    def __init__(self, by: _Optional[str] = ..., cause: _Optional[str] = ...) -> None: ...

class InputRequested(_message.Message):
    __slots__ = ("input_id", "kind", "prompt", "options", "query", "language")
    INPUT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    input_id: str
    kind: InputKind
    prompt: str
    options: _containers.RepeatedCompositeFieldContainer[InputOption]
    query: str
    language: str
    def __init__(self, input_id: _Optional[str] = ..., kind: _Optional[_Union[InputKind, str]] = ..., prompt: _Optional[str] = ..., options: _Optional[_Iterable[_Union[InputOption, _Mapping]]] = ..., query: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...

class InputOption(_message.Message):
    __slots__ = ("value", "label")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    value: str
    label: str
    def __init__(self, value: _Optional[str] = ..., label: _Optional[str] = ...) -> None: ...

class InputReceived(_message.Message):
    __slots__ = ("input_id", "by", "decision", "text")
    INPUT_ID_FIELD_NUMBER: _ClassVar[int]
    BY_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    input_id: str
    by: str
    decision: Decision
    text: str
    def __init__(self, input_id: _Optional[str] = ..., by: _Optional[str] = ..., decision: _Optional[_Union[Decision, str]] = ..., text: _Optional[str] = ...) -> None: ...

class Totals(_message.Message):
    __slots__ = ("duration", "rows", "input_tokens", "output_tokens", "cost_usd")
    DURATION_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COST_USD_FIELD_NUMBER: _ClassVar[int]
    duration: _duration_pb2.Duration
    rows: int
    input_tokens: int
    output_tokens: int
    cost_usd: float
    def __init__(self, duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., rows: _Optional[int] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., cost_usd: _Optional[float] = ...) -> None: ...

class RunCompleted(_message.Message):
    __slots__ = ("outcome", "summary", "totals", "clarification")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    CLARIFICATION_FIELD_NUMBER: _ClassVar[int]
    outcome: Outcome
    summary: str
    totals: Totals
    clarification: InputRequested
    def __init__(self, outcome: _Optional[_Union[Outcome, str]] = ..., summary: _Optional[str] = ..., totals: _Optional[_Union[Totals, _Mapping]] = ..., clarification: _Optional[_Union[InputRequested, _Mapping]] = ...) -> None: ...

class RunFailed(_message.Message):
    __slots__ = ("reason", "message", "tried", "retryable", "totals")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    TRIED_FIELD_NUMBER: _ClassVar[int]
    RETRYABLE_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    reason: _error_reason_pb2.ErrorReason
    message: str
    tried: _containers.RepeatedScalarFieldContainer[str]
    retryable: bool
    totals: Totals
    def __init__(self, reason: _Optional[_Union[_error_reason_pb2.ErrorReason, str]] = ..., message: _Optional[str] = ..., tried: _Optional[_Iterable[str]] = ..., retryable: _Optional[bool] = ..., totals: _Optional[_Union[Totals, _Mapping]] = ...) -> None: ...

class RunCancelled(_message.Message):
    __slots__ = ("by", "cause", "totals")
    BY_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    by: str
    cause: str
    totals: Totals
    def __init__(self, by: _Optional[str] = ..., cause: _Optional[str] = ..., totals: _Optional[_Union[Totals, _Mapping]] = ...) -> None: ...

class StepStarted(_message.Message):
    __slots__ = ("title", "icon", "category", "estimated_duration")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    ICON_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_DURATION_FIELD_NUMBER: _ClassVar[int]
    title: str
    icon: str
    category: Category
    estimated_duration: _duration_pb2.Duration
    def __init__(self, title: _Optional[str] = ..., icon: _Optional[str] = ..., category: _Optional[_Union[Category, str]] = ..., estimated_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class StepProgressed(_message.Message):
    __slots__ = ("message", "fraction", "lasting")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    FRACTION_FIELD_NUMBER: _ClassVar[int]
    LASTING_FIELD_NUMBER: _ClassVar[int]
    message: str
    fraction: float
    lasting: bool
    def __init__(self, message: _Optional[str] = ..., fraction: _Optional[float] = ..., lasting: _Optional[bool] = ...) -> None: ...

class StepCompleted(_message.Message):
    __slots__ = ("duration", "summary")
    DURATION_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    duration: _duration_pb2.Duration
    summary: str
    def __init__(self, duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., summary: _Optional[str] = ...) -> None: ...

class StepFailed(_message.Message):
    __slots__ = ("reason", "message", "will_retry", "duration")
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    WILL_RETRY_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    reason: _error_reason_pb2.ErrorReason
    message: str
    will_retry: bool
    duration: _duration_pb2.Duration
    def __init__(self, reason: _Optional[_Union[_error_reason_pb2.ErrorReason, str]] = ..., message: _Optional[str] = ..., will_retry: _Optional[bool] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class StepSkipped(_message.Message):
    __slots__ = ("cause",)
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    cause: str
    def __init__(self, cause: _Optional[str] = ...) -> None: ...

class TextDelta(_message.Message):
    __slots__ = ("channel", "text")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    channel: Channel
    text: str
    def __init__(self, channel: _Optional[_Union[Channel, str]] = ..., text: _Optional[str] = ...) -> None: ...

class TextCompleted(_message.Message):
    __slots__ = ("channel", "text")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    channel: Channel
    text: str
    def __init__(self, channel: _Optional[_Union[Channel, str]] = ..., text: _Optional[str] = ...) -> None: ...

class SourcesSelected(_message.Message):
    __slots__ = ("sources", "pipeline", "cause", "steps")
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    sources: _containers.RepeatedCompositeFieldContainer[SourceChoice]
    pipeline: str
    cause: str
    steps: _containers.RepeatedCompositeFieldContainer[StepInfo]
    def __init__(self, sources: _Optional[_Iterable[_Union[SourceChoice, _Mapping]]] = ..., pipeline: _Optional[str] = ..., cause: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[StepInfo, _Mapping]]] = ...) -> None: ...

class SourceChoice(_message.Message):
    __slots__ = ("source", "cause")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    source: str
    cause: str
    def __init__(self, source: _Optional[str] = ..., cause: _Optional[str] = ...) -> None: ...

class SchemaMatched(_message.Message):
    __slots__ = ("source", "tables", "tables_total", "columns", "linked_values", "similar_questions", "definitions", "problems")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TABLES_FIELD_NUMBER: _ClassVar[int]
    TABLES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    LINKED_VALUES_FIELD_NUMBER: _ClassVar[int]
    SIMILAR_QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    DEFINITIONS_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    source: str
    tables: _containers.RepeatedScalarFieldContainer[str]
    tables_total: int
    columns: _containers.RepeatedScalarFieldContainer[str]
    linked_values: _containers.RepeatedCompositeFieldContainer[LinkedValue]
    similar_questions: _containers.RepeatedScalarFieldContainer[str]
    definitions: _containers.RepeatedScalarFieldContainer[str]
    problems: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, source: _Optional[str] = ..., tables: _Optional[_Iterable[str]] = ..., tables_total: _Optional[int] = ..., columns: _Optional[_Iterable[str]] = ..., linked_values: _Optional[_Iterable[_Union[LinkedValue, _Mapping]]] = ..., similar_questions: _Optional[_Iterable[str]] = ..., definitions: _Optional[_Iterable[str]] = ..., problems: _Optional[_Iterable[str]] = ...) -> None: ...

class LinkedValue(_message.Message):
    __slots__ = ("words", "table", "column", "value")
    WORDS_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    COLUMN_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    words: str
    table: str
    column: str
    value: str
    def __init__(self, words: _Optional[str] = ..., table: _Optional[str] = ..., column: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class PlannedOperation(_message.Message):
    __slots__ = ("id", "source", "kind", "params", "depends_on", "description", "params_json")
    ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    DEPENDS_ON_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PARAMS_JSON_FIELD_NUMBER: _ClassVar[int]
    id: str
    source: str
    kind: str
    params: _struct_pb2.Struct
    depends_on: _containers.RepeatedScalarFieldContainer[str]
    description: str
    params_json: str
    def __init__(self, id: _Optional[str] = ..., source: _Optional[str] = ..., kind: _Optional[str] = ..., params: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., depends_on: _Optional[_Iterable[str]] = ..., description: _Optional[str] = ..., params_json: _Optional[str] = ...) -> None: ...

class PlanDrafted(_message.Message):
    __slots__ = ("operation", "description")
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    operation: PlannedOperation
    description: str
    def __init__(self, operation: _Optional[_Union[PlannedOperation, _Mapping]] = ..., description: _Optional[str] = ...) -> None: ...

class PlanValidated(_message.Message):
    __slots__ = ("operations", "estimated_duration")
    OPERATIONS_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_DURATION_FIELD_NUMBER: _ClassVar[int]
    operations: _containers.RepeatedCompositeFieldContainer[PlannedOperation]
    estimated_duration: _duration_pb2.Duration
    def __init__(self, operations: _Optional[_Iterable[_Union[PlannedOperation, _Mapping]]] = ..., estimated_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class QueryProposed(_message.Message):
    __slots__ = ("query_id", "source", "language", "text", "explanation", "confidence", "unused_words", "author")
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    UNUSED_WORDS_FIELD_NUMBER: _ClassVar[int]
    AUTHOR_FIELD_NUMBER: _ClassVar[int]
    query_id: str
    source: str
    language: str
    text: str
    explanation: str
    confidence: float
    unused_words: _containers.RepeatedScalarFieldContainer[str]
    author: str
    def __init__(self, query_id: _Optional[str] = ..., source: _Optional[str] = ..., language: _Optional[str] = ..., text: _Optional[str] = ..., explanation: _Optional[str] = ..., confidence: _Optional[float] = ..., unused_words: _Optional[_Iterable[str]] = ..., author: _Optional[str] = ...) -> None: ...

class QueryValidated(_message.Message):
    __slots__ = ("query_id", "text", "row_limit")
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    ROW_LIMIT_FIELD_NUMBER: _ClassVar[int]
    query_id: str
    text: str
    row_limit: int
    def __init__(self, query_id: _Optional[str] = ..., text: _Optional[str] = ..., row_limit: _Optional[int] = ...) -> None: ...

class QueryRefused(_message.Message):
    __slots__ = ("query_id", "rule", "message")
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    query_id: str
    rule: str
    message: str
    def __init__(self, query_id: _Optional[str] = ..., rule: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class OperationStarted(_message.Message):
    __slots__ = ("operation_id", "source", "kind")
    OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    operation_id: str
    source: str
    kind: str
    def __init__(self, operation_id: _Optional[str] = ..., source: _Optional[str] = ..., kind: _Optional[str] = ...) -> None: ...

class OperationCompleted(_message.Message):
    __slots__ = ("operation_id", "rows", "duration")
    OPERATION_ID_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    operation_id: str
    rows: int
    duration: _duration_pb2.Duration
    def __init__(self, operation_id: _Optional[str] = ..., rows: _Optional[int] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ResultColumn(_message.Message):
    __slots__ = ("name", "type", "nullable", "unit")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NULLABLE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: ColumnType
    nullable: bool
    unit: str
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[ColumnType, str]] = ..., nullable: _Optional[bool] = ..., unit: _Optional[str] = ...) -> None: ...

class TableStarted(_message.Message):
    __slots__ = ("table_id", "columns", "query_id", "encoding", "arrow_schema")
    TABLE_ID_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    ARROW_SCHEMA_FIELD_NUMBER: _ClassVar[int]
    table_id: str
    columns: _containers.RepeatedCompositeFieldContainer[ResultColumn]
    query_id: str
    encoding: RowEncoding
    arrow_schema: bytes
    def __init__(self, table_id: _Optional[str] = ..., columns: _Optional[_Iterable[_Union[ResultColumn, _Mapping]]] = ..., query_id: _Optional[str] = ..., encoding: _Optional[_Union[RowEncoding, str]] = ..., arrow_schema: _Optional[bytes] = ...) -> None: ...

class TableRows(_message.Message):
    __slots__ = ("table_id", "offset", "row_count", "columns", "arrow")
    TABLE_ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    COLUMNS_FIELD_NUMBER: _ClassVar[int]
    ARROW_FIELD_NUMBER: _ClassVar[int]
    table_id: str
    offset: int
    row_count: int
    columns: _containers.RepeatedCompositeFieldContainer[ColumnValues]
    arrow: bytes
    def __init__(self, table_id: _Optional[str] = ..., offset: _Optional[int] = ..., row_count: _Optional[int] = ..., columns: _Optional[_Iterable[_Union[ColumnValues, _Mapping]]] = ..., arrow: _Optional[bytes] = ...) -> None: ...

class ColumnValues(_message.Message):
    __slots__ = ("nulls", "bools", "ints", "doubles", "texts", "binaries")
    NULLS_FIELD_NUMBER: _ClassVar[int]
    BOOLS_FIELD_NUMBER: _ClassVar[int]
    INTS_FIELD_NUMBER: _ClassVar[int]
    DOUBLES_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    BINARIES_FIELD_NUMBER: _ClassVar[int]
    nulls: bytes
    bools: BoolValues
    ints: IntValues
    doubles: DoubleValues
    texts: TextValues
    binaries: BytesValues
    def __init__(self, nulls: _Optional[bytes] = ..., bools: _Optional[_Union[BoolValues, _Mapping]] = ..., ints: _Optional[_Union[IntValues, _Mapping]] = ..., doubles: _Optional[_Union[DoubleValues, _Mapping]] = ..., texts: _Optional[_Union[TextValues, _Mapping]] = ..., binaries: _Optional[_Union[BytesValues, _Mapping]] = ...) -> None: ...

class BoolValues(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[bool]
    def __init__(self, values: _Optional[_Iterable[bool]] = ...) -> None: ...

class IntValues(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, values: _Optional[_Iterable[int]] = ...) -> None: ...

class DoubleValues(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, values: _Optional[_Iterable[float]] = ...) -> None: ...

class TextValues(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, values: _Optional[_Iterable[str]] = ...) -> None: ...

class BytesValues(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, values: _Optional[_Iterable[bytes]] = ...) -> None: ...

class TableCompleted(_message.Message):
    __slots__ = ("table_id", "rows", "truncated", "truncation", "message")
    TABLE_ID_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    TRUNCATION_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    table_id: str
    rows: int
    truncated: bool
    truncation: Truncation
    message: str
    def __init__(self, table_id: _Optional[str] = ..., rows: _Optional[int] = ..., truncated: _Optional[bool] = ..., truncation: _Optional[_Union[Truncation, str]] = ..., message: _Optional[str] = ...) -> None: ...

class Figure(_message.Message):
    __slots__ = ("name", "value", "unit", "label")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    unit: str
    label: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ..., unit: _Optional[str] = ..., label: _Optional[str] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("kind", "text", "figures", "query_id", "severity")
    KIND_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    kind: FindingKind
    text: str
    figures: _containers.RepeatedCompositeFieldContainer[Figure]
    query_id: str
    severity: Severity
    def __init__(self, kind: _Optional[_Union[FindingKind, str]] = ..., text: _Optional[str] = ..., figures: _Optional[_Iterable[_Union[Figure, _Mapping]]] = ..., query_id: _Optional[str] = ..., severity: _Optional[_Union[Severity, str]] = ...) -> None: ...

class Chart(_message.Message):
    __slots__ = ("kind", "vega_lite", "cause", "table_id", "title", "explanation")
    KIND_FIELD_NUMBER: _ClassVar[int]
    VEGA_LITE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    TABLE_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_FIELD_NUMBER: _ClassVar[int]
    kind: ChartKind
    vega_lite: str
    cause: str
    table_id: str
    title: str
    explanation: str
    def __init__(self, kind: _Optional[_Union[ChartKind, str]] = ..., vega_lite: _Optional[str] = ..., cause: _Optional[str] = ..., table_id: _Optional[str] = ..., title: _Optional[str] = ..., explanation: _Optional[str] = ...) -> None: ...

class FollowUps(_message.Message):
    __slots__ = ("questions",)
    QUESTIONS_FIELD_NUMBER: _ClassVar[int]
    questions: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, questions: _Optional[_Iterable[str]] = ...) -> None: ...

class QualityChecked(_message.Message):
    __slots__ = ("checks",)
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    checks: _containers.RepeatedCompositeFieldContainer[QualityCheck]
    def __init__(self, checks: _Optional[_Iterable[_Union[QualityCheck, _Mapping]]] = ...) -> None: ...

class QualityCheck(_message.Message):
    __slots__ = ("name", "passed", "message")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PASSED_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    name: str
    passed: bool
    message: str
    def __init__(self, name: _Optional[str] = ..., passed: _Optional[bool] = ..., message: _Optional[str] = ...) -> None: ...

class AssessmentEnded(_message.Message):
    __slots__ = ("success", "differentiation_achieved", "total_attempts", "stopped_at_step", "quality_score", "difficulty", "sub_topic", "assessment", "message")
    SUCCESS_FIELD_NUMBER: _ClassVar[int]
    DIFFERENTIATION_ACHIEVED_FIELD_NUMBER: _ClassVar[int]
    TOTAL_ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    STOPPED_AT_STEP_FIELD_NUMBER: _ClassVar[int]
    QUALITY_SCORE_FIELD_NUMBER: _ClassVar[int]
    DIFFICULTY_FIELD_NUMBER: _ClassVar[int]
    SUB_TOPIC_FIELD_NUMBER: _ClassVar[int]
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    success: bool
    differentiation_achieved: bool
    total_attempts: int
    stopped_at_step: int
    quality_score: float
    difficulty: str
    sub_topic: str
    assessment: Assessment
    message: str
    def __init__(self, success: _Optional[bool] = ..., differentiation_achieved: _Optional[bool] = ..., total_attempts: _Optional[int] = ..., stopped_at_step: _Optional[int] = ..., quality_score: _Optional[float] = ..., difficulty: _Optional[str] = ..., sub_topic: _Optional[str] = ..., assessment: _Optional[_Union[Assessment, _Mapping]] = ..., message: _Optional[str] = ...) -> None: ...

class Assessment(_message.Message):
    __slots__ = ("title", "difficulty", "content_type", "content", "errors")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DIFFICULTY_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    title: str
    difficulty: str
    content_type: str
    content: _containers.RepeatedScalarFieldContainer[str]
    errors: _containers.RepeatedCompositeFieldContainer[AssessmentError]
    def __init__(self, title: _Optional[str] = ..., difficulty: _Optional[str] = ..., content_type: _Optional[str] = ..., content: _Optional[_Iterable[str]] = ..., errors: _Optional[_Iterable[_Union[AssessmentError, _Mapping]]] = ...) -> None: ...

class AssessmentError(_message.Message):
    __slots__ = ("id", "description")
    ID_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    id: str
    description: str
    def __init__(self, id: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class AgentStarted(_message.Message):
    __slots__ = ("agent", "role")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    agent: str
    role: str
    def __init__(self, agent: _Optional[str] = ..., role: _Optional[str] = ...) -> None: ...

class AgentCompleted(_message.Message):
    __slots__ = ("agent", "text", "partial", "duration", "citations")
    AGENT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    CITATIONS_FIELD_NUMBER: _ClassVar[int]
    agent: str
    text: str
    partial: bool
    duration: _duration_pb2.Duration
    citations: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, agent: _Optional[str] = ..., text: _Optional[str] = ..., partial: _Optional[bool] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., citations: _Optional[_Iterable[str]] = ...) -> None: ...

class AgentInteraction(_message.Message):
    __slots__ = ("from_agent", "to_agent", "query", "response", "duration", "input_tokens", "output_tokens", "metadata")
    FROM_AGENT_FIELD_NUMBER: _ClassVar[int]
    TO_AGENT_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    from_agent: str
    to_agent: str
    query: str
    response: str
    duration: _duration_pb2.Duration
    input_tokens: int
    output_tokens: int
    metadata: _struct_pb2.Struct
    def __init__(self, from_agent: _Optional[str] = ..., to_agent: _Optional[str] = ..., query: _Optional[str] = ..., response: _Optional[str] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class IterationStarted(_message.Message):
    __slots__ = ("iteration", "depth")
    ITERATION_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    iteration: int
    depth: int
    def __init__(self, iteration: _Optional[int] = ..., depth: _Optional[int] = ...) -> None: ...

class IterationCompleted(_message.Message):
    __slots__ = ("iteration", "tasks_completed", "tasks_total", "decision")
    ITERATION_FIELD_NUMBER: _ClassVar[int]
    TASKS_COMPLETED_FIELD_NUMBER: _ClassVar[int]
    TASKS_TOTAL_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    iteration: int
    tasks_completed: int
    tasks_total: int
    decision: str
    def __init__(self, iteration: _Optional[int] = ..., tasks_completed: _Optional[int] = ..., tasks_total: _Optional[int] = ..., decision: _Optional[str] = ...) -> None: ...

class TaskPlanned(_message.Message):
    __slots__ = ("task_id", "name", "depends_on", "priority", "iteration", "cause", "objective", "parent")
    TASK_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DEPENDS_ON_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    ITERATION_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    OBJECTIVE_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    task_id: str
    name: str
    depends_on: _containers.RepeatedScalarFieldContainer[str]
    priority: int
    iteration: int
    cause: str
    objective: str
    parent: str
    def __init__(self, task_id: _Optional[str] = ..., name: _Optional[str] = ..., depends_on: _Optional[_Iterable[str]] = ..., priority: _Optional[int] = ..., iteration: _Optional[int] = ..., cause: _Optional[str] = ..., objective: _Optional[str] = ..., parent: _Optional[str] = ...) -> None: ...

class ModelCalled(_message.Message):
    __slots__ = ("provider", "model", "role", "prompt", "response", "input_tokens", "output_tokens", "cached_tokens", "cost_usd", "duration", "time_to_first_token", "finish_reason", "template", "attempt", "problem", "from_cache", "estimated")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    PROMPT_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    INPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    OUTPUT_TOKENS_FIELD_NUMBER: _ClassVar[int]
    CACHED_TOKENS_FIELD_NUMBER: _ClassVar[int]
    COST_USD_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    TIME_TO_FIRST_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FINISH_REASON_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    PROBLEM_FIELD_NUMBER: _ClassVar[int]
    FROM_CACHE_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_FIELD_NUMBER: _ClassVar[int]
    provider: str
    model: str
    role: str
    prompt: str
    response: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cost_usd: float
    duration: _duration_pb2.Duration
    time_to_first_token: _duration_pb2.Duration
    finish_reason: str
    template: str
    attempt: int
    problem: str
    from_cache: bool
    estimated: bool
    def __init__(self, provider: _Optional[str] = ..., model: _Optional[str] = ..., role: _Optional[str] = ..., prompt: _Optional[str] = ..., response: _Optional[str] = ..., input_tokens: _Optional[int] = ..., output_tokens: _Optional[int] = ..., cached_tokens: _Optional[int] = ..., cost_usd: _Optional[float] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., time_to_first_token: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., finish_reason: _Optional[str] = ..., template: _Optional[str] = ..., attempt: _Optional[int] = ..., problem: _Optional[str] = ..., from_cache: _Optional[bool] = ..., estimated: _Optional[bool] = ...) -> None: ...

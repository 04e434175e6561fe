"""Operations as events tell them: what they ask is shown to those who may see queries."""

import json

from google.protobuf.json_format import MessageToDict, ParseDict

from core.identity import sees_prompts
from core.models.plans import Operation
from core.pipeline import Run
from levada.v1.event_pb2 import PlannedOperation


def planned(run: Run, operation: Operation) -> PlannedOperation:
    """Return *operation* for an event that the run's owner reads."""
    told = PlannedOperation(
        id=operation.id,
        source=operation.source,
        kind=operation.kind,
        depends_on=operation.depends_on,
        description=operation.description,
    )
    if sees_prompts(run.owner):
        ParseDict(json.loads(json.dumps(operation.params, default=str)), told.params)
    return told


def given(operation: PlannedOperation) -> Operation:
    """Return an operation that a request has brought."""
    return Operation(
        id=operation.id,
        source=operation.source,
        kind=operation.kind,
        params=_whole(MessageToDict(operation.params)),
        depends_on=list(operation.depends_on),
        description=operation.description,
    )


def _whole(value: object) -> object:
    """Return *value* with whole numbers as such: a Struct knows doubles only."""
    if isinstance(value, dict):
        return {name: _whole(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_whole(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value

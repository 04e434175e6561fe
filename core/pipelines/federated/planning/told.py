"""Operations as events and requests carry them: what they ask is JSON text, and shown to those who may see queries."""

import json
from typing import Any

from google.protobuf.json_format import MessageToDict
from pydantic_core import from_json

from core.identity import sees_prompts
from core.models.plans import Operation
from core.pipeline import Run
from levada.v1.event_pb2 import PlannedOperation

# From here on a double, which is all that a Struct has, no longer tells whole numbers apart.
_LARGE = 2**53


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
        told.params_json = json.dumps(operation.params, ensure_ascii=False, separators=(",", ":"), default=str)
    return told


def given(operation: PlannedOperation) -> Operation:
    """Return an operation that a request has brought. Raises ValueError, for people, when it says not what it asks."""
    return Operation(
        id=operation.id,
        source=operation.source,
        kind=operation.kind,
        params=_written(operation.params_json) if operation.params_json else _whole(MessageToDict(operation.params)),
        depends_on=list(operation.depends_on),
        description=operation.description,
    )


def _written(text: str) -> dict[str, Any]:
    try:
        found = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise ValueError("its params_json is no JSON that can be read.") from error
    if not isinstance(found, dict):
        raise ValueError("its params_json is no JSON object, such as {…}.")
    return found


def _whole(value: Any) -> Any:
    """Return *value* with whole numbers as such. Raises ValueError for what a Struct has lost."""
    if isinstance(value, dict):
        if len(value.get("$sort") or ()) > 1:
            raise ValueError("params keep no order, which a $sort by several fields needs; give them as params_json.")
        return {name: _whole(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_whole(part) for part in value]
    if not isinstance(value, float) or not value.is_integer():
        return value
    if abs(value) >= _LARGE:
        raise ValueError("params keep no numbers of so many digits; give them as params_json.")
    return int(value)

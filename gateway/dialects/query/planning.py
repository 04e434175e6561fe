"""What is asked where, as the `query` dialect says it: databases, schema chunks, the plan."""

import json
from collections.abc import Iterable

from gateway.dialects.query.memory import Memory, Said, Words, seconds
from gateway.proto_json import to_dict
from levada.v1 import event_pb2 as pb


def sources_selected(memory: Memory, event: pb.Event, it: pb.SourcesSelected) -> Iterable[Said]:
    memory.announce(it.steps)
    memory.databases = [choice.source for choice in it.sources]
    said = selected(it.sources)
    yield said | ({"pipeline": it.pipeline, "reason": it.cause} if it.pipeline else {})


def selected(choices: Iterable[pb.SourceChoice]) -> Said:
    """Return the frame that says which databases were chosen, and why."""
    told = [{"database": choice.source, "reason": choice.cause} for choice in choices]
    return {"type": "databases_selected", "databases": [each["database"] for each in told], "choices": told}


def schema_matched(memory: Memory, event: pb.Event, it: pb.SchemaMatched) -> Iterable[Said]:
    return looked_at(it)


def looked_at(it: pb.SchemaMatched) -> Iterable[Said]:
    """Yield what says that a database's schema was looked at, and what of it matters."""
    yield {"type": "schema_loading", "database": it.source, "progress": 1.0}
    chunks = [{"table": table, "columns": columns_of(it, table)} for table in it.tables]
    yield {"type": "schema_chunks", "database": it.source, "chunks": chunks}
    loaded = {"tables": list(it.tables), "tables_total": it.tables_total, "problems": list(it.problems)}
    values = [to_dict(value) for value in it.linked_values]
    yield {"type": "schema_loaded", "database": it.source, "linked_values": values, **loaded}


def columns_of(it: pb.SchemaMatched, table: str) -> list[str]:
    return [column.removeprefix(f"{table}.") for column in it.columns if column.startswith(f"{table}.")]


def plan_drafted(memory: Memory, event: pb.Event, it: pb.PlanDrafted) -> Iterable[Said]:
    step = it.operation.description or f"Planning {it.operation.id}"
    whole = {"plan": it.description} if it.description else {}
    yield {"type": "planning", "step": step, "operation": operation(it.operation), **whole}


def plan_validated(memory: Memory, event: pb.Event, it: pb.PlanValidated) -> Iterable[Said]:
    for each in it.operations:
        if text := query_of(each):
            memory.sql = text
            about = {"database": each.source, "language": each.kind, "query_id": each.id}
            yield {"type": "sql_generated", "sql": text, **about}
    estimate = {"estimated_time": seconds(it.estimated_duration)} if it.HasField("estimated_duration") else {}
    plan = [operation(each) for each in it.operations]
    yield {"type": "plan_validated", "operations": len(plan), **estimate, "plan": plan}


def operation(it: pb.PlannedOperation) -> Said:
    return {
        "id": it.id,
        "database": it.source,
        "kind": it.kind,
        "query": query_of(it),
        "depends_on": list(it.depends_on),
        "description": it.description,
    }


def query_of(it: pb.PlannedOperation) -> str:
    """Return what an operation asks; a document as JSON. Empty where the caller may not see it."""
    name = {"sql": "query", "combine": "sql"}.get(it.kind)
    if not it.params_json or name is None:
        return it.params_json
    text = json.loads(it.params_json).get(name)
    return str(text) if text is not None else it.params_json


WORDS: Words = {
    "sources_selected": sources_selected,
    "schema_matched": schema_matched,
    "plan_drafted": plan_drafted,
    "plan_validated": plan_validated,
}

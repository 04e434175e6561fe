"""What databases give and what is made of it, in the `query` dialect: status, aggregating, partial_results."""

import base64
from collections.abc import Iterable

import orjson

from gateway import rows
from gateway.dialects.query.memory import Memory, Said, Words, seconds
from gateway.proto_json import to_dict
from levada.v1 import event_pb2 as pb


def operation_started(memory: Memory, event: pb.Event, it: pb.OperationStarted) -> Iterable[Said]:
    about = {"operation": it.operation_id, "database": it.source}
    if not it.source:
        asked = list(dict.fromkeys(memory.sources.values()))
        names = " and ".join(filter(None, [", ".join(asked[:-1]), *asked[-1:]]))
        yield {"type": "aggregating", "step": f"Joining {names} results", **about}
        return
    memory.sources[it.operation_id] = it.source
    yield {"type": "status", "message": f"Executing on {it.source}...", **about}


def operation_completed(memory: Memory, event: pb.Event, it: pb.OperationCompleted) -> Iterable[Said]:
    database, took = memory.sources.get(it.operation_id, ""), seconds(it.duration)
    about = {"operation": it.operation_id, "database": database, "row_count": it.rows, "duration": took}
    count = f"{it.rows:,} row{'s' if it.rows != 1 else ''}"
    if database:
        yield {"type": "status", "message": f"{count} from {database} in {took}", **about}
    else:
        yield {"type": "aggregating", "step": f"{count} joined in {took}", **about}


def table_started(memory: Memory, event: pb.Event, it: pb.TableStarted) -> Iterable[Said]:
    keys = memory.columns[it.table_id] = rows.names(it.columns)
    columns = [
        {"name": key, "type": pb.ColumnType.Name(column.type).removeprefix("COLUMN_TYPE_").lower(), "unit": column.unit}
        for key, column in zip(keys, it.columns, strict=True)
    ]
    arrow = {"arrow_schema": base64.b64encode(it.arrow_schema).decode()} if it.arrow_schema else {}
    yield part(it.table_id, 0, 0) | {"columns": columns, "query_id": it.query_id} | arrow


def table_rows(memory: Memory, event: pb.Event, it: pb.TableRows) -> Iterable[Said]:
    said = part(it.table_id, it.offset, it.row_count)
    if it.arrow:
        yield said | {"arrow": base64.b64encode(it.arrow).decode()}
    elif it.table_id in memory.columns:  # else its beginning is no longer kept
        yield said | {"rows": rows.objects(it, memory.columns[it.table_id])}


def table_completed(memory: Memory, event: pb.Event, it: pb.TableCompleted) -> Iterable[Said]:
    yield part(it.table_id, it.rows, 0) | {"complete": True, "truncated": it.truncated, "message": it.message}


def part(table: str, offset: int, count: int) -> Said:
    """Return a frame of partial results: *count* rows from number *offset* on."""
    return {
        "type": "partial_results",
        "table": table,
        "offset": offset,
        "row_count": count,
        "rows": [],
        "complete": False,
    }


def finding(memory: Memory, event: pb.Event, it: pb.Finding) -> Iterable[Said]:
    yield {
        "type": "partial_content",
        "kind": "finding",
        "content": it.text,
        "figures": [to_dict(each) for each in it.figures],
    }


def chart(memory: Memory, event: pb.Event, it: pb.Chart) -> Iterable[Said]:
    about = {"chart": pb.ChartKind.Name(it.kind).removeprefix("CHART_KIND_").lower(), "table": it.table_id}
    drawn = {"vega_lite": orjson.loads(it.vega_lite)} if it.vega_lite else {}
    yield {"type": "partial_content", "kind": "chart", "content": it.cause, "title": it.title, **about, **drawn}


def follow_ups(memory: Memory, event: pb.Event, it: pb.FollowUps) -> Iterable[Said]:
    questions = list(it.questions)
    yield {"type": "partial_content", "kind": "follow_ups", "content": "\n".join(questions), "questions": questions}


WORDS: Words = {
    "operation_started": operation_started,
    "operation_completed": operation_completed,
    "table_started": table_started,
    "table_rows": table_rows,
    "table_completed": table_completed,
    "finding": finding,
    "chart": chart,
    "follow_ups": follow_ups,
}

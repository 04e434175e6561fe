"""A run over two databases, said by hand: one operation is tried twice, then the rows are joined and explained."""

import json
from copy import deepcopy

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from levada.v1 import error_reason_pb2 as reasons
from levada.v1 import event_pb2 as pb
from levada.v1.event_pb2 import Event

TEXT, INTEGER = pb.COLUMN_TYPE_TEXT, pb.COLUMN_TYPE_INTEGER
TITLES = {
    "classify_sources": "Determining relevant databases...",
    "search_schemas": "Looking up your data structures...",
    "plan": "Planning the queries...",
    "execute_operations": "Asking your data sources...",
    "combine": "Joining the results...",
    "analyze_results": "Finding patterns in your data...",
}
TICKETS, COMBINE = "SELECT customer_id FROM tickets", "SELECT country, count(*) FROM customers JOIN tickets USING (id)"


def planned(name: str, source: str, kind: str, *needs: str, **params: object) -> pb.PlannedOperation:
    said = json.dumps(params, separators=(",", ":"))
    return pb.PlannedOperation(
        id=name, source=source, kind=kind, params_json=said, depends_on=needs, description=f"Get {name}."
    )


PLAN = [
    planned("tickets", "support", "sql", query=TICKETS),
    planned("customers", "crm", "mongodb", collection="customers", pipeline=[{"$limit": 5}]),
    planned("combine", "", "combine", "tickets", "customers", sql=COMBINE),
]


def infos(*names: str) -> list[pb.StepInfo]:
    return [pb.StepInfo(step=name, title=TITLES[name]) for name in names]


def step(name: str, *said: Event, attempt: int = 1, ends: bool = True, **more: object) -> list[Event]:
    """Return a step that says *said*."""
    begun = Event(step_started=pb.StepStarted(title=TITLES.get(name, name), **more))
    out = [begun, *map(deepcopy, said), *([Event(step_completed=pb.StepCompleted())] if ends else [])]
    for event in out:
        event.step, event.attempt = name, attempt
    return out


def progressed(message: str, fraction: float | None = None) -> Event:
    return Event(step_progressed=pb.StepProgressed(message=message, fraction=fraction))


def table(name: str, columns: dict[str, int], *rows: tuple, query: str = "") -> list[Event]:
    """Return a table of texts and whole numbers, whole."""
    described = [pb.ResultColumn(name=column, type=kind) for column, kind in columns.items()]
    values = [
        pb.ColumnValues(texts={"values": column}) if kind == TEXT else pb.ColumnValues(ints={"values": column})
        for kind, column in zip(columns.values(), zip(*rows, strict=True), strict=True)
    ]
    return [
        Event(table_started=pb.TableStarted(table_id=name, columns=described, query_id=query)),
        Event(table_rows=pb.TableRows(table_id=name, row_count=len(rows), columns=values)),
        Event(table_completed=pb.TableCompleted(table_id=name, rows=len(rows))),
    ]


def operation(name: str, source: str, *said: Event, kind: str = "sql", rows: int = 2) -> list[Event]:
    took = Duration(nanos=250_000_000)
    return [
        Event(operation_started=pb.OperationStarted(operation_id=name, source=source, kind=kind)),
        *said,
        Event(operation_completed=pb.OperationCompleted(operation_id=name, rows=rows, duration=took)),
    ]


def choosing() -> list[Event]:
    choices = [pb.SourceChoice(source="crm", cause="It knows customers."), pb.SourceChoice(source="support")]
    ahead = infos("search_schemas", "plan", "execute_operations", "combine", "analyze_results")
    told = pb.SourcesSelected(sources=choices, pipeline="federated", cause="It takes both.", steps=ahead)
    looked = progressed("Looked at crm: 3 tables.", 0.5)
    crm = pb.SchemaMatched(source="crm", tables=["customers"], tables_total=3, columns=["customers.country"])
    crm.linked_values.add(words="norway", table="customers", column="country", value="Norway")
    support = pb.SchemaMatched(source="support", tables=["tickets"], tables_total=1)
    return [
        Event(started=pb.RunStarted(pipeline="auto", question="Tickets by country?", steps=infos("classify_sources"))),
        *step("classify_sources", progressed(TITLES["classify_sources"]), looked, Event(sources_selected=told)),
        *step("search_schemas", Event(schema_matched=crm), Event(schema_matched=support)),
    ]


def planning() -> list[Event]:
    drafted = [Event(plan_drafted=pb.PlanDrafted(operation=each)) for each in PLAN]
    drafted[0].plan_drafted.description = "Asks both, then joins."
    validated = pb.PlanValidated(operations=PLAN, estimated_duration=Duration(seconds=30))
    said = [progressed("Analyzing query dependencies"), *drafted, Event(plan_validated=validated)]
    return step("plan", *said, estimated_duration=Duration(seconds=1, nanos=400_000_000))


def executing() -> list[Event]:
    tickets = table("t-tickets", {"customer_id": INTEGER}, (1,), (2,))
    lost = pb.StepFailed(reason=reasons.ERROR_REASON_SOURCE_LOST, message="support went away.", will_retry=True)
    cut = operation("tickets", "support", *tickets[:2])[:3]
    again = operation("tickets", "support", *tickets)
    first, asking, done = "execute_operations", "execute_operations/tickets", progressed("1 of 2 operations done.", 0.5)
    begun, told, ended = step(first, done)
    tried = step(asking, *cut, Event(step_failed=lost), ends=False)
    customers = step("execute_operations/customers", *operation("customers", "crm", kind="mongodb", rows=5))
    return [begun, *tried, *step(asking, *again, attempt=2), *customers, told, ended]


def answering() -> list[Event]:
    joined = table("t-combine", {"country": TEXT, "tickets": INTEGER}, ("Norway", 1), ("Japan", 2**60), query="combine")
    texts = [Event(text_delta=pb.TextDelta(channel=pb.CHANNEL_ANSWER, text=text)) for text in ("Japan has ", "most.")]
    whole = Event(text_completed=pb.TextCompleted(channel=pb.CHANNEL_ANSWER, text="Japan has most."))
    found = pb.Finding(text="Japan has most.", figures=[pb.Figure(name="tickets", value=3)])
    drawn = pb.Chart(kind=pb.CHART_KIND_BAR, vega_lite='{"mark":"bar"}', table_id="t-combine", title="Tickets")
    more = pb.FollowUps(questions=["And by month?"])
    explained = [Event(finding=found), *texts, whole, Event(chart=drawn), Event(follow_ups=more)]
    totals = pb.Totals(rows=2, duration=Duration(seconds=2))
    end = pb.RunCompleted(outcome=pb.OUTCOME_ANSWERED, summary="Japan has most.", totals=totals)
    return [
        *step("combine", *operation("combine", "", *joined, kind="combine")),
        *step("analyze_results", *explained),
        Event(completed=end, progress=1.0),
    ]


def whole() -> list[Event]:
    """Return all that the run says once it is no longer queued, a second apart."""
    said = [*choosing(), *planning(), *executing(), *answering()]
    for number, event in enumerate(said):
        event.time.CopyFrom(Timestamp(seconds=1_790_000_000 + number))
        event.progress = event.progress or number / 100
    return said

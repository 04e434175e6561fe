"""A run as lines, for pipes and logs: each thing once, when it is known."""

from collections.abc import Iterator

from levada.cli.screen import ROWS_SHOWN, duration, shown
from levada.v1 import event_pb2 as events
from levada.view import RunView


def lines(event: events.Event, view: RunView) -> Iterator[str]:
    """Yield what *event* adds; *view* has taken it in already."""
    kind = event.WhichOneof("payload")
    if kind == "queued":
        yield f"queued, number {event.queued.position}"
    elif kind == "step_started":
        yield f"{event.progress:4.0%} {event.step_started.icon} {event.step_started.title}"
    elif kind == "step_failed":
        yield f"     ✗ {event.step_failed.message}"
    elif kind == "query_validated":
        yield f"     {event.query_validated.text}"
    elif kind == "query_refused":
        yield f"     refused ({event.query_refused.rule}): {event.query_refused.message}"
    elif kind == "table_completed" and view.table is not None:
        yield "     " + " | ".join(column.name for column in view.table.columns)
        for row in view.table.rows[:ROWS_SHOWN]:
            yield "     " + " | ".join("NULL" if cell is None else shown(cell) for cell in row)
        rows = "row" if view.table.count == 1 else "rows"
        yield f"     {view.table.count:,} {rows} {view.table.message}".rstrip()
    elif kind == "finding":
        yield f"     • {event.finding.text}"
    elif kind in {"completed", "failed", "cancelled"}:
        yield from _ending(view)


def _ending(view: RunView) -> Iterator[str]:
    end = view.ending
    if isinstance(end, events.RunCompleted):
        took = duration(end.totals.duration.ToTimedelta().total_seconds())
        yield f"100% ✅ {end.summary or 'Done!'} ({took}, run {view.run_id})"
    elif isinstance(end, events.RunFailed):
        yield f"     ❌ {end.message} (run {view.run_id})"
        yield from (f"        tried: {line}" for line in end.tried)
    elif end is not None:
        yield f"     ⏹ cancelled by {end.by} {end.cause} (run {view.run_id})"

"""Commands that list what there is."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress

from google.protobuf import json_format
from google.protobuf.message import Message
from rich.console import Console
from rich.table import Table
from rich.text import Text

from levada.cli.clean import clean
from levada.cli.spending import facts_of, spent
from levada.cli.steering import state_of
from levada.client import Client
from levada.errors import CursorExpired
from levada.v1 import catalog_pb2, run_pb2
from levada.v1 import event_pb2 as events
from levada.view import RunView

STATE_STYLES = {
    "queued": "dim",
    "running": "blue",
    "waiting": "magenta",
    "paused": "cyan",
    "completed": "green",
    "failed": "red",
    "cancelled": "yellow",
}
STATES = list(STATE_STYLES)


def as_json(messages: Iterable[Message]) -> int:
    for message in messages:
        print(json_format.MessageToJson(message, indent=None))
    return 0


def as_table(head: Sequence[str], lines: Iterable[Sequence[str | Text]], empty: str) -> int:
    if not sys.stdout.isatty():  # whole cells, a tab between them: made for cut, awk and the like
        for line in (head, *lines) if any(head) else lines:
            print("\t".join(clean(str(cell)).replace("\n", " ") for cell in line))
        return 0
    table, count = Table(box=None, header_style="bold", padding=(0, 2, 0, 0)), 0
    for name in head:
        table.add_column(name, overflow="fold")
    for line in lines:
        # Names and questions are data: nothing in them is markup.
        table.add_row(*(Text(clean(cell)) if isinstance(cell, str) else cell for cell in line))
        count += 1
    Console().print(table if count else empty)
    return 0


async def runs(client: Client, arguments: argparse.Namespace) -> int:
    states = [f"RUN_STATE_{state.upper()}" for state in arguments.state]
    found, more = await client.list(arguments.limit, states=states)
    if arguments.json:
        return as_json(found)
    code = as_table(["RUN", "STATE", "AT", "CREATED", "QUESTION"], map(_run_line, found), "No such runs.")
    if more:
        print(f"There are older ones: levada runs --limit {arguments.limit * 5}", file=sys.stderr)
    return code


def _run_line(run: run_pb2.Run) -> Sequence[str | Text]:
    state = state_of(run)
    created = run.create_time.ToDatetime().astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return run.run_id, Text(state, STATE_STYLES.get(state, "dim")), _at(run), created, run.request.question


def _at(run: run_pb2.Run) -> str:
    """Return how far a run is that has not ended: its place in the queue, or how much is done."""
    if run.queue_position:
        return f"#{run.queue_position} in queue"
    if run.HasField("end_time"):
        return ""
    return f"{run.progress:.0%}, pausing" if run.pause_by and state_of(run) == "running" else f"{run.progress:.0%}"


async def show(client: Client, arguments: argparse.Namespace) -> int:
    run = await client.get(arguments.run_id)
    if arguments.json:
        return as_json([run])
    ended = run.end_time.ToDatetime() - run.create_time.ToDatetime() if run.HasField("end_time") else None
    facts = [
        *zip(("run", "state", "at", "created", "question"), _run_line(run), strict=True),
        ("forked from", run.forked_from),
        ("took", f"{ended.total_seconds():.1f} s" if ended is not None else "not ended yet"),
        ("events", str(run.last_sequence)),
        ("trace", run.trace_id),
        ("models", await _spent(client, run)),
        ("answer", run.summary or run.message),
        ("asks", run.input.prompt),
        ("query", run.input.query),
        ("go on", _how_to_go_on(run)),
    ]
    as_table(["", ""], [(name, value) for name, value in facts if value], "")
    if arguments.verbose:
        head = ["STEP", "MODEL", "PROMPT", "READ → WRITTEN", "COST", "TOOK", ""]
        lines = [facts_of(step, call) for step, call in await _calls(client, run)]
        return as_table(head, lines, "No language model was called.")
    return 0


async def _spent(client: Client, run: run_pb2.Run) -> str:
    """Return what models took of a run that ended; its last event, which says so, may be held no more."""
    if not run.HasField("end_time"):
        return ""
    with suppress(CursorExpired):
        found, _ = await client.list_events(run.run_id, run.last_sequence - 1)
        for event in found:
            end = getattr(event, event.WhichOneof("payload") or "", None)
            if isinstance(end, events.RunCompleted | events.RunFailed | events.RunCancelled):
                return spent(end.totals)
    return ""


async def _calls(client: Client, run: run_pb2.Run) -> list[tuple[str, events.ModelCalled]]:
    """Return the calls of language models that *run* made, with their steps."""
    view, after, whole = RunView(keep_rows=0), run.oldest_sequence - 1, False
    while not whole:
        found, whole = await client.list_events(run.run_id, after)
        for event in found:
            view.add(event)
        if not found:
            break
        after = found[-1].sequence
    return view.calls


def _how_to_go_on(run: run_pb2.Run) -> str:
    if run.state == run_pb2.RUN_STATE_PAUSED or run.pause_by:
        return f"levada resume {run.run_id}"
    if run.HasField("input"):
        if run.input.kind == events.INPUT_KIND_APPROVAL:
            return f'levada respond {run.run_id} approve|reject, or approve --edit "SELECT …"'
        numbers = "|".join(str(number) for number in range(1, len(run.input.options) + 1))
        return f"levada respond {run.run_id} {numbers}|'your own words'"
    return "" if run.HasField("end_time") else f"levada watch {run.run_id}"


async def sources(client: Client, arguments: argparse.Namespace) -> int:
    if arguments.name:
        schema = await client.describe(arguments.name)
        return as_json([schema]) if arguments.json else _describe(schema)
    found = await client.sources()
    if arguments.json:
        return as_json(found)
    lines = ((s.name, s.kind, s.problem or s.description) for s in found)
    return as_table(["SOURCE", "KIND", "WHAT IT HOLDS"], lines, "No sources are configured.")


def _describe(schema: catalog_pb2.Schema) -> int:
    lines = (
        (
            f"{table.namespace}.{table.name}" if table.namespace else table.name,
            f"{table.row_estimate:,}" if table.HasField("row_estimate") else "",
            ", ".join(f"{c.name} {c.native_type}".strip() for c in table.columns),
        )
        for table in schema.tables
    )
    return as_table(["TABLE", "ROWS ABOUT", "COLUMNS"], lines, "There are no tables that you may read.")


async def pipelines(client: Client, arguments: argparse.Namespace) -> int:
    found = await client.pipelines()
    if arguments.json:
        return as_json(found)
    lines = ((p.name, _done(p), "\n".join(p.sample_questions[:3])) for p in found)
    return as_table(["PIPELINE", "WHAT IT DOES", "FOR INSTANCE"], lines, "This server does nothing.")


def _done(pipeline: catalog_pb2.Pipeline) -> str:
    """Say what a pipeline does, and what can be given for its parameters."""
    choices = (f"{each.parameter}: {', '.join(one.value for one in each.options)}." for each in pipeline.choices)
    return "\n".join([pipeline.description, *choices])


def category_style(category: events.Category) -> str:
    """Return a category's colour, the same as on the page."""
    return {
        events.CATEGORY_THINKING: "yellow",
        events.CATEGORY_ACTION: "blue",
        events.CATEGORY_CHECK: "green",
        events.CATEGORY_ERROR: "red",
    }.get(category, "white")

"""Commands that stream: live screen in a terminal, lines in a pipe, JSON when asked for."""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Iterator
from contextlib import aclosing

from google.protobuf import duration_pb2, json_format
from rich.console import Console
from rich.live import Live

from levada.cli import kinds, plain
from levada.cli.answering import Asking
from levada.cli.clean import cleaned
from levada.cli.connection import Lost, gone
from levada.cli.screen import Screen
from levada.client import Client, Stream
from levada.v1 import event_pb2 as events
from levada.v1 import run_pb2
from levada.view import RunView

ANALYSES = {
    "": run_pb2.ANALYSIS_UNSPECIFIED,
    "none": run_pb2.ANALYSIS_NONE,
    "standard": run_pb2.ANALYSIS_STANDARD,
    "deep": run_pb2.ANALYSIS_DEEP,
}
# Enough of a table for the chart; the screen shows fewer.
KEEP_ROWS = 200


async def ask(client: Client, arguments: argparse.Namespace) -> int:
    options = run_pb2.RunOptions(
        # Who wants to approve can: here, or from elsewhere with `levada respond`.
        interactive=not arguments.no_input and (arguments.approve or (sys.stdin.isatty() and not arguments.json)),
        require_approval=arguments.approve,
        dry_run=arguments.dry_run,
        row_limit=arguments.rows,
        analyze=ANALYSES[arguments.analyze],
        candidates=arguments.candidates,
        models={"default": arguments.model} if arguments.model else {},
    )
    if arguments.timeout:
        options.timeout.CopyFrom(duration_pb2.Duration(nanos=0))
        options.timeout.FromMilliseconds(int(arguments.timeout * 1000))
    request = {"sources": arguments.source, "pipeline": arguments.pipeline, "conversation_id": arguments.conversation}
    if arguments.sql:
        request["query"] = run_pb2.QueryParameters(query=arguments.sql)
    kinds.choose(arguments, request, options)
    return await follow(client, client.ask(" ".join(arguments.question), options=options, **request), arguments)


async def watch(client: Client, arguments: argparse.Namespace) -> int:
    if arguments.json:
        return await follow(client, client.watch(arguments.run_id, arguments.after, on_gap=gone), arguments)
    # What came before stays unsaid, but the question, the steps and what is asked can only be known from it.
    known = await client.get(arguments.run_id)
    if arguments.after > known.last_sequence:
        await client.list_events(arguments.run_id, arguments.after, 1)  # refused, in the server's words
    return await follow(client, client.watch(arguments.run_id, on_gap=gone), arguments, known)


async def follow(
    client: Client, stream: Stream, arguments: argparse.Namespace, known: run_pb2.Run | None = None
) -> int:
    """Show *stream* to its end; what came up to *known*'s last event lies in the past."""
    view = RunView(keep_rows=KEEP_ROWS)
    try:
        if arguments.json:
            await _as_json(stream, view)
        elif sys.stdout.isatty():
            await _on_screen(client, stream, view, known, arguments)
        else:
            await _as_lines(client, stream, view, known, arguments)
    except asyncio.CancelledError:
        # Ctrl-C: leaving is not cancelling, so say how to come back.
        if view.run_id and view.ending is None:
            print(
                f"\nThe run goes on. Watch it:  levada watch {view.run_id} --after {view.last_sequence}\n"
                f"              Cancel it: levada cancel {view.run_id}",
                file=sys.stderr,
            )
        raise
    end = view.ending
    asks = isinstance(end, events.RunCompleted) and end.outcome == events.OUTCOME_CLARIFICATION_NEEDED
    return 0 if isinstance(end, events.RunCompleted) and not asks else 1


def _asks(event: events.Event, view: RunView, known: run_pb2.Run | None) -> bool:
    """Tell whether something is to be asked after *event*: of what lies in the past only what was open at its end."""
    past = known.last_sequence if known is not None else 0
    begins = event.HasField("input_requested") or event.HasField("resumed")
    return view.state == "waiting" and (event.sequence == past or (begins and event.sequence > past))


async def _as_json(stream: Stream, view: RunView) -> None:
    async with aclosing(stream.__aiter__()) as incoming:  # type: ignore[type-var]
        async for event in incoming:
            view.add(event)
            print(json_format.MessageToJson(event, indent=None), flush=True)


async def _as_lines(
    client: Client, stream: Stream, view: RunView, known: run_pb2.Run | None, arguments: argparse.Namespace
) -> None:
    after = getattr(arguments, "after", 0)
    verbose, reveal = (getattr(arguments, name, False) for name in ("verbose", "reveal"))
    async with Asking(client, Console()) as asking, aclosing(stream.__aiter__()) as incoming:  # type: ignore[type-var]
        async for event in incoming:
            view.add(cleaned(event))
            await asking.heed(event)
            for line in plain.lines(event, view, verbose, reveal) if event.sequence > after else ():
                print(line, flush=True)
            if _asks(event, view, known):
                asking.begin(view)


async def _on_screen(
    client: Client, stream: Stream, view: RunView, known: run_pb2.Run | None, arguments: argparse.Namespace
) -> None:
    wishes = (getattr(arguments, name, False) for name in ("verbose", "reveal"))
    console, screen = Console(), Screen(view, Lost(stream), *wishes)
    with _live(console, screen) as live:
        async with (
            Asking(client, console, lambda: _paused(live)) as asking,
            aclosing(stream.__aiter__()) as incoming,  # type: ignore[type-var]
        ):
            async for event in incoming:
                view.add(cleaned(event))
                await asking.heed(event)
                if _asks(event, view, known):
                    asking.begin(view)
        live.refresh()


@contextlib.contextmanager
def _live(console: Console, screen: Screen) -> Iterator[Live]:
    # The screen is drawn when it is refreshed, not per event: a thousand deltas a second cost what ten cost.
    live = Live(console=console, refresh_per_second=12, get_renderable=lambda: screen.draw(console.width))
    with live:
        yield live


@contextlib.contextmanager
def _paused(live: Live) -> Iterator[None]:
    live.refresh()
    live.stop()
    try:
        yield
    finally:
        live.start(refresh=True)

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
from rich.prompt import Prompt

from levada.cli import plain
from levada.cli.clean import cleaned
from levada.cli.screen import Screen
from levada.cli.steering import to_answer
from levada.client import Client, Stream
from levada.errors import LevadaError
from levada.v1 import event_pb2 as events
from levada.v1 import run_pb2
from levada.view import RunView

# Enough of a table for the chart; the screen shows fewer.
KEEP_ROWS = 200


async def ask(client: Client, arguments: argparse.Namespace) -> int:
    options = run_pb2.RunOptions(
        interactive=sys.stdin.isatty() and not arguments.no_input and not arguments.json,
        require_approval=arguments.approve,
        dry_run=arguments.dry_run,
        row_limit=arguments.rows,
    )
    if arguments.timeout:
        options.timeout.CopyFrom(duration_pb2.Duration(nanos=0))
        options.timeout.FromMilliseconds(int(arguments.timeout * 1000))
    request = {"sources": arguments.source, "pipeline": arguments.pipeline, "conversation_id": arguments.conversation}
    if arguments.sql:
        request["query"] = run_pb2.QueryParameters(query=arguments.sql)
    return await _follow(client, client.ask(arguments.question, options=options, **request), arguments)


async def watch(client: Client, arguments: argparse.Namespace) -> int:
    return await _follow(client, client.watch(arguments.run_id, arguments.after), arguments)


async def _follow(client: Client, stream: Stream, arguments: argparse.Namespace) -> int:
    view = RunView(keep_rows=KEEP_ROWS)
    try:
        if arguments.json:
            await _as_json(stream, view)
        elif sys.stdout.isatty():
            await _on_screen(client, stream, view)
        else:
            await _as_lines(client, stream, view)
    except asyncio.CancelledError:
        # Ctrl-C: leaving is not cancelling, so say how to come back.
        if view.run_id and view.ending is None:
            print(
                f"\nThe run goes on. Watch it:  levada watch {view.run_id} --after {view.last_sequence}\n"
                f"              Cancel it: levada cancel {view.run_id}",
                file=sys.stderr,
            )
        raise
    return 0 if isinstance(view.ending, events.RunCompleted) else 1


async def _as_json(stream: Stream, view: RunView) -> None:
    async with aclosing(stream.__aiter__()) as incoming:  # type: ignore[type-var]
        async for event in incoming:
            view.add(event)
            print(json_format.MessageToJson(event, indent=None), flush=True)


async def _as_lines(client: Client, stream: Stream, view: RunView) -> None:
    stream.on_reconnect = lambda tries, _: print(f"     connection lost, retrying ({tries}) ...", flush=True)
    async with aclosing(stream.__aiter__()) as incoming:  # type: ignore[type-var]
        async for event in incoming:
            view.add(cleaned(event))
            for line in plain.lines(event, view):
                print(line, flush=True)
            if view.input is not None and event.HasField("input_requested"):
                await _answer(client, Console(), view)


async def _on_screen(client: Client, stream: Stream, view: RunView) -> None:
    console, screen = Console(), Screen(view)
    with _live(console, screen) as live:
        stream.on_reconnect = lambda tries, _: live.console.print(
            f"Connection lost, retrying ({tries}) ...", style="red"
        )
        async with aclosing(stream.__aiter__()) as incoming:  # type: ignore[type-var]
            async for event in incoming:
                view.add(cleaned(event))
                if view.input is not None and event.HasField("input_requested"):
                    live.refresh()
                    with _paused(live):
                        await _answer(client, console, view)
        live.refresh()


@contextlib.contextmanager
def _live(console: Console, screen: Screen) -> Iterator[Live]:
    # The screen is drawn when it is refreshed, not per event: a thousand deltas a second cost what ten cost.
    live = Live(console=console, refresh_per_second=12, get_renderable=lambda: screen.draw(console.width))
    with live:
        yield live


@contextlib.contextmanager
def _paused(live: Live) -> Iterator[None]:
    live.stop()
    try:
        yield
    finally:
        live.start(refresh=True)


async def _answer(client: Client, console: Console, view: RunView) -> None:
    asked = view.input
    if asked is None:
        return
    if not sys.stdin.isatty():
        console.print(f"The run waits: {asked.prompt}\nAnswer with: levada respond {view.run_id} ANSWER", markup=False)
        return
    console.print(f"\n{asked.prompt}", style="bold", markup=False)
    for number, option in enumerate(asked.options, 1):
        console.print(f"  {number}. {option.label}", markup=False)
    while True:
        if asked.kind == events.INPUT_KIND_APPROVAL:
            words = await asyncio.to_thread(Prompt.ask, "approve, edit or reject", default="approve", console=console)
        else:
            words = await asyncio.to_thread(Prompt.ask, "number, or your own words", console=console)
        edited = ""
        if asked.kind == events.INPUT_KIND_APPROVAL and words.lower() in {"e", "edit"}:
            edited = await asyncio.to_thread(Prompt.ask, "query to run instead", console=console)
        try:
            await client.respond(view.run_id, to_answer(asked, words, edited))
        except LevadaError as error:
            console.print(str(error), style="red", markup=False)
        else:
            return

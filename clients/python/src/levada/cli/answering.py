"""What a run asks of a person, asked in the terminal; Ctrl-C works while it waits."""

import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from levada.cli.steering import by_number, to_answer
from levada.client import Client
from levada.errors import LevadaError
from levada.v1 import event_pb2 as events
from levada.view import RunView

LINE = 64 * 1024


class Asking:
    """Asks the person at *console* what a run asks, each thing until the server took an answer."""

    def __init__(self, client: Client, console: Console) -> None:
        self._client = client
        self._console = console
        self._answered: set[str] = set()

    async def __call__(self, view: RunView) -> None:
        """Ask what the run of *view* asks, until it has an answer or the person leaves with Ctrl-D."""
        asked, client, console = view.input, self._client, self._console
        # It may have been answered, or the run put to rest, while nobody looked; and what was answered here a moment
        # ago is open until the run has heard of it.
        if asked is None or asked.input_id in self._answered or not await _open(client, view.run_id, asked):
            return
        later = f"The run waits. Answer with: levada respond {view.run_id} ANSWER"
        if not sys.stdin.isatty():
            console.print(f"{asked.prompt}\n{later}", markup=False, soft_wrap=True)
            return
        console.print(f"\n{asked.prompt}", style="bold", markup=False)
        for number, option in enumerate(asked.options, 1):
            console.print(f"  {number}. {option.label}", markup=False)
        try:
            while not await self._answer(view.run_id, asked):
                pass
        except EOFError:
            console.print(f"\n{later}", markup=False, soft_wrap=True)

    async def _answer(self, run_id: str, asked: events.InputRequested) -> bool:
        """Ask once; tell whether that is all, be it that nothing is asked any more."""
        try:
            await _once(self._client, self._console, run_id, asked)
        except LevadaError as error:
            self._console.print(str(error), style="red", markup=False)
            return not await _open(self._client, run_id, asked)
        self._answered.add(asked.input_id)
        return True


async def _open(client: Client, run_id: str, asked: events.InputRequested) -> bool:
    run = await client.get(run_id)
    return run.HasField("input") and run.input.input_id == asked.input_id


async def _once(client: Client, console: Console, run_id: str, asked: events.InputRequested) -> None:
    approval, edited = asked.kind == events.INPUT_KIND_APPROVAL, ""
    invitation = "approve, edit or reject [approve]" if approval else "number, or your own words"
    words = by_number(asked, await _typed(console, invitation))
    if approval and words.lower() in {"e", "edit"}:
        edited = await _edited(console, asked.query)
    await client.respond(run_id, to_answer(asked, words or ("approve" if approval else ""), edited))


async def _typed(console: Console, invitation: str) -> str:
    """Return a line typed by the person. A thread that waits for one would not let go at Ctrl-C. Raises EOFError."""
    console.print(f"{invitation}: ", end="", markup=False, highlight=False)
    loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()
    readable = asyncio.Event()
    try:
        loop.add_reader(descriptor, readable.set)
    except NotImplementedError:  # Windows
        line = await asyncio.to_thread(sys.stdin.readline)
    else:
        try:
            await readable.wait()
        finally:
            loop.remove_reader(descriptor)
        line = os.read(descriptor, LINE).decode(errors="replace")
    if not line:
        raise EOFError
    return line.strip()


async def _edited(console: Console, query: str) -> str:
    """Return *query* as the person left it in their editor; typed anew where there is none."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or shutil.which("nano") or shutil.which("vi")
    if not editor:
        return await _typed(console, "query to run instead")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "query.sql")
        await asyncio.to_thread(file.write_text, f"{query}\n")
        process = await asyncio.create_subprocess_exec(*editor.split(), os.fspath(file))
        await process.wait()
        return (await asyncio.to_thread(file.read_text)).strip()

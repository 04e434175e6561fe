"""What a run asks of a person, asked in the terminal for as long as it is open; Ctrl-C works while it waits."""

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType

from levada.cli.steering import by_number, to_answer
from levada.client import Client
from levada.errors import CallFailed, LevadaError
from levada.v1 import event_pb2 as events
from levada.view import RunView

LINE = 64 * 1024


class Asking:
    """Asks the person at *console* what a run asks while its events go on being read; *aside* clears the room for it.

    A prompt goes away when `heed` hears that nothing is asked any more: answered elsewhere, paused, ended.
    """

    def __init__(
        self,
        client: Client,
        console: Console,
        aside: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
    ) -> None:
        self._client = client
        self._console = console
        self._aside = aside
        self._answered: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._held = False
        self._over = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, _: object, error: BaseException | None, __: TracebackType | None) -> None:
        if self._task is not None:
            if error is not None:
                self._task.cancel()
            await asyncio.wait([self._task])

    def begin(self, view: RunView) -> None:
        """Ask what the run of *view* asks."""
        if view.input is not None:
            self._over = ""
            self._task = asyncio.create_task(self._ask(self._task, view.run_id, view.input))

    async def heed(self, event: events.Event) -> None:
        """Take the prompt away if *event* says that no answer is needed any more."""
        if over := _over(event):
            self._over = over
            # An answer that is on its way may be why; an editor is not closed under anyone's hands.
            if self._task is not None and not self._task.done() and not self._held:
                self._task.cancel()
                await asyncio.wait([self._task])

    async def _ask(self, before: asyncio.Task[None] | None, run_id: str, asked: events.InputRequested) -> None:
        if before is not None:
            await asyncio.wait([before])
        try:
            # It may have been answered, or the run put to rest, while nobody looked; and what was answered here a
            # moment ago is open until the run has heard of it.
            if asked.input_id not in self._answered and await _open(self._client, run_id, asked):
                with self._aside():
                    await self._prompt(run_id, asked)
        except asyncio.CancelledError:
            if not self._over:
                raise
        except LevadaError as error:
            self._console.print(str(error), style="red", markup=False)

    async def _prompt(self, run_id: str, asked: events.InputRequested) -> None:
        console = self._console
        later = f"The run waits. Answer with: levada respond {run_id} ANSWER"
        if not sys.stdin.isatty():
            console.print(f"{asked.prompt}\n{later}", markup=False, soft_wrap=True)
            return
        console.print(f"\n{asked.prompt}", style="bold", markup=False)
        for number, option in enumerate(asked.options, 1):
            console.print(f"  {number}. {option.label}", markup=False)
        try:
            while not await self._answer(run_id, asked):
                pass
        except EOFError:
            console.print(f"\n{later}", markup=False, soft_wrap=True)

    async def _answer(self, run_id: str, asked: events.InputRequested) -> bool:
        """Ask once; tell whether that is all, be it that nothing is asked any more."""
        try:
            await self._once(run_id, asked)
        except LevadaError as error:
            if isinstance(error, CallFailed) and error.reason in {"INPUT_NOT_EXPECTED", "RUN_ENDED"}:
                self._console.print(f"Too late: {self._over or 'nothing is asked any more.'}", markup=False)
                return True
            self._console.print(str(error), style="red", markup=False)
            return not await _open(self._client, run_id, asked)
        self._answered.add(asked.input_id)
        return True

    async def _once(self, run_id: str, asked: events.InputRequested) -> None:
        approval, edited = asked.kind == events.INPUT_KIND_APPROVAL, ""
        invitation = "approve, edit or reject [approve]" if approval else "number, or your own words"
        words = by_number(asked, await self._typed(invitation))
        if approval and words.lower() in {"e", "edit"}:
            editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or shutil.which("nano") or shutil.which("vi")
            if editor:
                with self._hold():
                    edited = await _edited(editor, asked.query)
            else:
                edited = await self._typed("query to run instead")
        with self._hold():
            await self._client.respond(run_id, to_answer(asked, words or ("approve" if approval else ""), edited))

    async def _typed(self, invitation: str) -> str:
        try:
            return await _typed(self._console, invitation)
        except asyncio.CancelledError:
            if self._over:
                self._console.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))
                _forget_typed()
                self._console.print(self._over, style="bold", markup=False)
            raise

    @contextlib.contextmanager
    def _hold(self) -> Iterator[None]:
        self._held = True
        try:
            yield
        finally:
            self._held = False


def _over(event: events.Event) -> str:
    """Return why nothing is asked any more after *event*; empty if it does not say so."""
    kind = event.WhichOneof("payload")
    if kind == "input_received":
        return f"{received(event.input_received)} elsewhere."
    ends = {"paused": "was paused", "completed": "has ended", "failed": "has ended", "cancelled": "was cancelled"}
    return f"No answer is needed any more: the run {ends[kind]}." if kind in ends else ""


def received(answer: events.InputReceived) -> str:
    """Return what was answered, and by whom."""
    decided = {events.DECISION_APPROVE: "Approved", events.DECISION_EDIT: "Edited", events.DECISION_REJECT: "Rejected"}
    return f"{decided.get(answer.decision, 'Answered')} by {answer.by or 'someone'}"


def _forget_typed() -> None:
    """Drop what was typed without Enter: it was meant for what is not asked any more."""
    with contextlib.suppress(ImportError, OSError):  # Windows; or no terminal any more
        import termios

        with contextlib.suppress(termios.error):
            termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


async def _open(client: Client, run_id: str, asked: events.InputRequested) -> bool:
    run = await client.get(run_id)
    return run.HasField("input") and run.input.input_id == asked.input_id


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


async def _edited(editor: str, query: str) -> str:
    """Return *query* as the person left it in *editor*."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "query.json" if query.lstrip().startswith("{") else "query.sql")
        await asyncio.to_thread(file.write_text, f"{query}\n")
        try:
            process = await asyncio.create_subprocess_exec(*editor.split(), os.fspath(file))
        except OSError as error:
            raise LevadaError(f"{editor} can't be started: {error.strerror}. Name another in $EDITOR.") from None
        await process.wait()
        return (await asyncio.to_thread(file.read_text)).strip()

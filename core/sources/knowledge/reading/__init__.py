"""Reading documents, each in a process that may break: with a time limit, and never in the way of the loop."""

import asyncio
from collections.abc import Sequence
from typing import Any

from core.errors import DocumentUnreadable
from core.sources.knowledge.passage import Piece
from core.sources.knowledge.reading.blocks import Unreadable
from core.sources.knowledge.reading.formats import kind_of
from core.sources.knowledge.reading.process import Process
from core.sources.threads import Threads

__all__ = ["Reader"]

SECONDS = 30.0
AT_ONCE = 2


class Reader:
    """Reads documents, up to two at once; a process is kept for the next one until it breaks."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._threads = Threads("documents", AT_ONCE)
        self._idle: list[Process] = []

    async def read(self, name: str, data: bytes) -> tuple[str, Sequence[Piece]]:
        """Return what the document *name* is and its passages. Raises DocumentUnreadable."""
        try:
            if not data.startswith(b"%PDF-"):
                kind_of(name)  # without a process for what nobody can read
            async with self._turns:
                kind, pieces = await self._answer(name, data)
        except Unreadable as why:
            raise DocumentUnreadable(
                f"{name} can't be read: {why}. Nothing of it was taken in.", details={"document": name}
            ) from None
        return kind, [Piece(*piece) for piece in pieces]

    async def _answer(self, name: str, data: bytes) -> tuple[str, list[list[str]]]:
        process = await self._process()
        whole = False
        try:
            answer = await self._asked(process, name, data)
            whole = True
        finally:
            if whole:
                self._idle.append(process)
            else:
                await self._threads.run(process.end)
        if isinstance(answer, dict):
            raise Unreadable(answer["unreadable"])
        return answer

    async def _process(self) -> Process:
        while self._idle:
            process = self._idle.pop()
            if process.lives:
                return process
            await self._threads.run(process.end)
        return Process()

    async def _asked(self, process: Process, name: str, data: bytes) -> Any:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._threads.run(lambda: process.ask(name, data), process.kill)
        except TimeoutError:
            raise Unreadable(f"reading it takes longer than {self._seconds:g} seconds. Split it") from None
        except (OSError, EOFError, ValueError):
            raise Unreadable("it is damaged, and what reads it broke on it") from None

    async def close(self) -> None:
        """End the processes."""
        while self._idle:
            await self._threads.run(self._idle.pop().end)
        self._threads.close()

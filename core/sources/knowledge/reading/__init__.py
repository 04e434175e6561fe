"""Reading documents, each in a process that may break: with a time limit, and never in the way of the loop."""

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import DocumentUnreadable
from core.sources.knowledge.passage import Piece
from core.sources.knowledge.reading.blocks import Unreadable
from core.sources.knowledge.reading.formats import kind_of

__all__ = ["Reader"]

SECONDS = 30.0
AT_ONCE = 2
_WORKER = "core.sources.knowledge.reading.worker"
_HOME = Path(__file__).parents[4]


class Reader:
    """Reads documents, up to two at once; a process is kept for the next one until it breaks."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._idle: list[asyncio.subprocess.Process] = []

    async def read(self, name: str, data: bytes) -> tuple[str, Sequence[Piece]]:
        """Return what the document *name* is and its passages. Raises DocumentUnreadable."""
        try:
            if not data.startswith(b"%PDF-"):
                kind_of(name)  # without a process for what nobody can read
            async with self._turns:
                answer = await self._answer(name, data)
        except Unreadable as why:
            raise DocumentUnreadable(
                f"{name} can't be read: {why}. Nothing of it was taken in.", details={"document": name}
            ) from None
        kind, pieces = answer
        return kind, [Piece(*piece) for piece in pieces]

    async def _answer(self, name: str, data: bytes) -> tuple[str, list[list[str]]]:
        worker = self._idle.pop() if self._idle else await _started()
        whole = False
        try:
            async with asyncio.timeout(self._seconds):
                answer = await _asked(worker, name, data)
            whole = True
        except TimeoutError:
            raise Unreadable(f"reading it takes longer than {self._seconds:g} seconds. Split it") from None
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            raise Unreadable("it is damaged, and what reads it broke on it") from None
        finally:
            if whole:
                self._idle.append(worker)
            else:
                await _ended(worker)
        if isinstance(answer, dict):
            raise Unreadable(answer["unreadable"])
        return answer

    async def close(self) -> None:
        """End the processes."""
        while self._idle:
            await _ended(self._idle.pop())


async def _started() -> asyncio.subprocess.Process:
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", _WORKER, stdin=pipe, stdout=pipe, stderr=nowhere, cwd=_HOME
    )


async def _asked(worker: asyncio.subprocess.Process, name: str, data: bytes) -> Any:
    requests, answers = worker.stdin, worker.stdout
    if requests is None or answers is None:
        raise ConnectionError
    requests.write(json.dumps([name, len(data)]).encode() + b"\n" + data)
    await requests.drain()
    size = await answers.readline()
    return json.loads(await answers.readexactly(int(size)))


async def _ended(worker: asyncio.subprocess.Process) -> None:
    if worker.returncode is None:
        worker.kill()
    await worker.wait()

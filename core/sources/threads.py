"""Drivers that block, run in threads so that nothing else waits; whoever leaves stops the driver first."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

_AGAIN_SECONDS = 0.02
_PATIENCE_SECONDS = 5.0
_log = logging.getLogger(__name__)


class Threads:
    """Threads of one source, as many as queries work at once, up to *most*."""

    def __init__(self, name: str, most: int = 32) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=f"source-{name}")

    async def run(self, call: Callable[[], T], interrupt: Callable[[], None] | None = None) -> T:
        """Return what *call* returns. When the caller is cancelled, *interrupt* ends the call before this returns."""
        job = self._pool.submit(call)
        future = asyncio.wrap_future(job)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            if not job.cancel():
                await _wait_out(future, interrupt or _nothing)
            raise

    def start(self, call: Callable[[], None]) -> None:
        """Run *call*, which raises nothing, and don't wait for it."""
        self._pool.submit(call)

    def close(self) -> None:
        """Let the threads end once they are idle."""
        self._pool.shutdown(wait=False)


def _nothing() -> None: ...


async def _wait_out(future: asyncio.Future, interrupt: Callable[[], None]) -> None:
    """Interrupt again and again: an interrupt that comes before the driver began to work is lost on it."""
    clock = asyncio.get_running_loop().time
    give_up = clock() + _PATIENCE_SECONDS
    while not future.done() and clock() < give_up:
        interrupt()
        try:
            await asyncio.wait([future], timeout=_AGAIN_SECONDS)
        except asyncio.CancelledError:
            continue  # the first cancellation is on its way up already
    if not future.done():
        _log.warning("A database call did not stop within %s s of being interrupted", _PATIENCE_SECONDS)
    future.add_done_callback(lambda done: done.cancelled() or done.exception())

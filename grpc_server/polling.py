"""Pages of events for callers that poll; one that says how long it can wait is answered when there is news."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from core.identity import Principal
from core.runs import Runs
from levada.v1.run_service_pb2 import ListRunEventsRequest

BYTES = 2**20
# Less than the time after which callers, and what is between, give up.
LONGEST_WAIT = 20.0
# How often a call that waits looks whether the server stops: within the time that calls get to be answered.
LOOK = 0.5


async def page(
    runs: Runs, caller: Principal, asked: ListRunEventsRequest, size: int, stopping: Callable[[], bool]
) -> tuple[Sequence[bytes], bool]:
    """Return stored events and whether the terminal one is among or before them. Raises what `Runs.read` raises."""
    loop = asyncio.get_running_loop()
    until = loop.time() + min(asked.wait.seconds + asked.wait.nanos / 1e9, LONGEST_WAIT)
    while True:
        events, ended = await runs.read(caller, asked.run_id, asked.after_sequence, limit=size, max_bytes=BYTES)
        if events or ended or loop.time() >= until or stopping():
            return events, ended
        await _news(runs, asked, until, stopping)


async def _news(runs: Runs, asked: ListRunEventsRequest, until: float, stopping: Callable[[], bool]) -> None:
    """Wait for an event, the time *until* or the server's stop: the store is not read whenever somebody looks."""
    loop = asyncio.get_running_loop()
    while (left := until - loop.time()) > 0 and not stopping():
        with suppress(TimeoutError):
            async with asyncio.timeout(min(left, LOOK)):
                await runs.wait(asked.run_id, asked.after_sequence)
                return

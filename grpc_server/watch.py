"""One reader following one run: what is ready goes out together, silence is broken by heartbeats.

A reader holds a cursor into the store and no queue, so a slow one costs one message, whoever it is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from core.identity import Principal
from core.runs import Runs

Write = Callable[[Sequence[bytes]], Awaitable[None]]


async def follow(runs: Runs, caller: Principal, run_id: str, after: int, write: Write, heartbeat: float) -> None:
    """Write a run's stored events after number *after* until its terminal one, and nothing at all as a heartbeat.

    Raises what `Runs.read` raises.
    """
    while True:
        events, ended = await runs.read(caller, run_id, after)
        if events:
            after += len(events)
            await write(events)
        if ended:
            return
        while not await _news(runs, run_id, after, heartbeat):
            await write(())


async def _news(runs: Runs, run_id: str, after: int, patience: float) -> bool:
    try:
        async with asyncio.timeout(patience):
            await runs.wait(run_id, after)
    except TimeoutError:
        return False
    return True

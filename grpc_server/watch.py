"""One reader following one run: what is ready goes out together, silence is broken by heartbeats.

A reader holds a cursor into the store and no queue, so a slow one costs one message, whoever it is; and one that
takes nothing is not held for ever.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import grpc

from core.errors import ReaderStalled
from core.identity import Principal
from core.runs import Runs

Write = Callable[[Sequence[bytes]], Awaitable[None]]

# Bytes that go together: what a reader that stands still costs, besides the transport's window.
BATCH_BYTES = 32_768
# Bytes a second that count as reading, since the transport tells only when a whole message was taken.
SLOWEST = 4_096


def bounded(context: grpc.aio.ServicerContext, seconds: float) -> Write:
    """Return a call's `write` with *seconds* for the reader to take what is written, and more for long messages.

    It raises ReaderStalled.
    """
    begun = False

    async def writing(items: Sequence[bytes]) -> None:
        nonlocal begun
        if not begun:  # a first write that is left half-way would send headers with the status again, which fails
            begun = True
            with suppress(grpc.aio.UsageError):  # somebody with something to say in them has sent them
                await context.send_initial_metadata(())
        try:
            async with asyncio.timeout(seconds + sum(map(len, items)) / SLOWEST):
                await context.write(items)
        except TimeoutError:
            raise ReaderStalled from None

    return writing


async def follow(runs: Runs, caller: Principal, run_id: str, after: int, write: Write, heartbeat: float) -> None:
    """Write a run's stored events after number *after* until its terminal one, and nothing at all as a heartbeat.

    Where there are none yet it begins with a heartbeat, so that a reader who came back knows that the watch stands.
    Raises what `Runs.read` and *write* raise.
    """
    told = False
    while True:
        events, ended = await runs.read(caller, run_id, after, max_bytes=BATCH_BYTES)
        if events or not (told or ended):
            after += len(events)
            await write(events)
        if ended:
            return
        told = True
        while not await _news(runs, run_id, after, heartbeat):
            await write(())


async def _news(runs: Runs, run_id: str, after: int, patience: float) -> bool:
    try:
        async with asyncio.timeout(patience):
            await runs.wait(run_id, after)
    except TimeoutError:
        return False
    return True

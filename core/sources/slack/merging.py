"""Messages of several streams as one, newest first."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack
from decimal import Decimal
from heapq import heapify, heappop, heapreplace

from core.sources.slack.directory import Raw

Dated = tuple[str, Raw]
"""A message, and the moment (as Slack writes it) by which it is sorted."""

Stream = AsyncGenerator[Sequence[Dated], None]

_AT_ONCE = 4
_MOST_READY = 500


class _Head:
    """What was read of a stream and is not passed on yet."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._page: deque[Dated] = deque()

    async def filled(self) -> bool:
        """Read on when there is nothing left; say whether there is something now."""
        while not self._page:
            page = await anext(self._stream, None)
            if page is None:
                return False
            self._page.extend(page)
        return True

    @property
    def empty(self) -> bool:
        return not self._page

    @property
    def age(self) -> Decimal:
        """The less, the newer is what comes next."""
        return -Decimal(self._page[0][0])

    def pop(self) -> Raw:
        return self._page.popleft()[1]


async def newest_first(streams: Sequence[Stream]) -> AsyncGenerator[Sequence[Raw], None]:
    """Yield the messages of *streams*, each newest first; what can be sorted already does not wait for more."""
    async with AsyncExitStack() as stack:
        for stream in streams:
            stack.push_async_callback(stream.aclose)
        heads = await _filled([_Head(stream) for stream in streams])
        waiting = [(head.age, number) for number, head in enumerate(heads)]
        heapify(waiting)
        ready: list[Raw] = []
        while waiting:
            head = heads[waiting[0][1]]
            ready.append(head.pop())
            if head.empty or len(ready) == _MOST_READY:
                yield ready
                ready = []
                await asyncio.sleep(0)  # hundreds of channels may have all their messages there already
            if head.empty and not await head.filled():
                heappop(waiting)
            else:
                heapreplace(waiting, (head.age, waiting[0][1]))


async def _filled(heads: Sequence[_Head]) -> list[_Head]:
    """Read the first page of each, a few at once. Raises what the first one of them raises."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def fill(head: _Head) -> bool:
        async with turns:
            return await head.filled()

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(fill(head)) for head in heads]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from failed
    return [head for head, task in zip(heads, tasks, strict=True) if task.result()]

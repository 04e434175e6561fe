"""The watches of one run on one stream. Those that stand at the same place are read for once, and told together."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.errors import CursorExpired
from core.identity import LOCAL, Principal
from core.runs import Runs
from grpc_server.frames import News
from grpc_server.interceptors.errors import named, reason
from levada.v1 import run_service_pb2 as pb

BATCH_BYTES = 16_384
BATCH_EVENTS = 256


@dataclass(slots=True, eq=False)
class Watch:
    """One watch: where it stands, and what it may still be sent. *room* is bytes, None where only events count."""

    watch_id: int
    run_id: str
    after: int
    credits: int
    room: int | None
    reader: int = 0
    who: Principal = LOCAL
    told: bool = False
    dropped: bool = False
    holder: asyncio.Task[None] | None = None
    over: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def open(self) -> bool:
        return self.credits > 0 and (self.room is None or self.room > 0)

    def grant(self, more: int, more_bytes: int) -> None:
        self.credits += more
        if self.room is not None:
            self.room += more_bytes

    def spend(self, events: Sequence[bytes], size: int) -> None:
        self.told = True
        self.after += len(events)
        self.credits -= len(events)
        if self.room is not None:
            self.room -= size

    def leave(self) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def drop(self) -> None:
        """Leave at once, be it while waiting for a place: who comes instead may need it."""
        self.dropped = True
        if self.holder is not None:
            self.holder.cancel()


class Feed:
    """Reads a run for its *watches* and says what it finds, as long as there are any.

    *hands* bounds what was said and not yet sent; *say* takes over one of them with the news.
    """

    def __init__(
        self, runs: Runs, run_id: str, hands: asyncio.Semaphore, say: Callable[[Sequence[Watch], News], None]
    ) -> None:
        self.run_id = run_id
        self.watches: set[Watch] = set()
        self.closing = False
        self._runs = runs
        self._hands = hands
        self._say = say
        self._stirred = False
        self._rest: asyncio.Timeout | None = None

    def stir(self) -> None:
        """Have the feed look again: a watch came, went, or may be sent more."""
        self._stirred = True
        if self._rest is not None:
            self._rest.reschedule(asyncio.get_running_loop().time())
            self._rest = None

    async def run(self) -> None:
        while self.watches:
            self._stirred = found = False
            for group in self._groups():
                found |= await self._serve(group)
            if self.closing:
                self._leave_those_that_wait_for_credits()
            if not found and not self._stirred:
                await self._wait()

    def _groups(self) -> list[list[Watch]]:
        """Return the watches that may be sent something, those that would read the same together."""
        groups: defaultdict[tuple[int, Principal], list[Watch]] = defaultdict(list)
        for watch in self.watches:
            if watch.open:
                groups[watch.after, watch.who].append(watch)
        return list(groups.values())

    async def _serve(self, group: list[Watch]) -> bool:
        """Read on for *group* and say it; tell whether there was anything."""
        await self._hands.acquire()
        news = None
        try:
            news = await self._read(group)
        finally:
            if news is None:
                self._hands.release()
        if news is None:
            return False
        self._say(group, news)
        if news.end is not None:
            self.watches.difference_update(group)
        return bool(news.events or news.gap or news.end)

    async def _read(self, group: list[Watch]) -> News | None:
        """Return what there is for *group*, of which only those remain who are to be told."""
        limit = min(BATCH_EVENTS, *(watch.credits for watch in group))
        most = min(BATCH_BYTES, *(BATCH_BYTES if watch.room is None else watch.room for watch in group))
        first = group[0]
        try:
            events, ended = await self._runs.read(first.who, self.run_id, first.after, limit=limit, max_bytes=most)
        except CursorExpired as expired:
            for watch in group:
                watch.after = expired.oldest - 1
            return News(gap=pb.WatchGap(oldest_sequence=expired.oldest))
        except Exception as error:  # noqa: BLE001 the door of these watches; the others go on
            return News(end=end_of(error))
        if not events and not ended:
            group[:] = [watch for watch in group if not watch.told]
        size = sum(map(len, events))
        for watch in group:
            watch.spend(events, size)
        return News(events, end=pb.WatchEnd(code="OK") if ended else None) if group else None

    def _leave_those_that_wait_for_credits(self) -> None:
        for watch in [watch for watch in self.watches if not watch.open]:
            self.watches.discard(watch)
            watch.leave()

    async def _wait(self) -> None:
        """Wait until the run may have more for somebody who may be sent it, or until stirred."""
        ready = [watch for watch in self.watches if watch.open]
        try:
            async with asyncio.timeout(None) as rest:
                self._rest = rest
                if ready:
                    await self._runs.wait(self.run_id, max(watch.after for watch in ready))
                else:
                    await asyncio.get_running_loop().create_future()
        except Exception as error:  # noqa: BLE001 the same door
            if not rest.expired():
                await self._hands.acquire()
                self._say(ready, News(end=end_of(error)))
                self.watches.difference_update(ready)
        finally:
            self._rest = None


def end_of(error: Exception) -> pb.WatchEnd:
    known = named(error, "WatchRuns")
    return pb.WatchEnd(code=known.code.name, reason=reason(known), message=known.message)

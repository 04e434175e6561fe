"""Many watches over one stream, for gateways. A watch gets what it has credits for; a slow one stops only itself.

Each watch is a task with a cursor. What it read goes into one queue, of which at most HANDS batches are held at once,
and the sender takes as many of them as are ready into one message.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from core.errors import CursorExpired, InvalidRequest
from core.identity import Principal
from core.runs import Runs
from grpc_server.frames import News
from grpc_server.interceptors.errors import named, reason
from grpc_server.interceptors.identity import Authenticate
from grpc_server.interceptors.limits import Streams
from grpc_server.validation import Validation
from levada.v1 import run_service_pb2 as pb

Write = Callable[[Sequence[bytes]], Awaitable[None]]

HANDS = 128
BATCH_BYTES = 16_384
BATCH_EVENTS = 256
MESSAGE_BYTES = 65_536


@dataclass(slots=True, eq=False)
class Watch:
    """One watch: where it stands and what it may still be sent."""

    watch_id: int
    run_id: str
    after: int
    credits: int
    task: asyncio.Task | None = None
    granted: asyncio.Future | None = None
    dropped: bool = False

    def grant(self, more: int) -> None:
        self.credits += more
        self.wake()

    def wake(self) -> None:
        if self.granted is not None and not self.granted.done():
            self.granted.set_result(None)


class Watches:
    """The watches of one stream, on behalf of *caller* where a watch does not say on whose."""

    def __init__(
        self, runs: Runs, checks: Validation, streams: Streams, authenticate: Authenticate, caller: Principal
    ) -> None:
        self._runs = runs
        self._checks = checks
        self._streams = streams
        self._authenticate = authenticate
        self._caller = caller
        self._watches: dict[int, Watch] = {}
        self._ready: deque[tuple[Watch, News]] = deque()
        self._hands = asyncio.Semaphore(HANDS)
        self._news = asyncio.Event()
        self._closed = False
        self._over = False

    async def serve(self, requests: AsyncIterator[pb.WatchRunsRequest], write: Write, heartbeat: float) -> None:
        """Do what *requests* ask; once they end, go on until no watch can be sent anything any more."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._send(write, heartbeat))
                async with asyncio.TaskGroup() as watching:
                    async for request in requests:
                        self._apply(request, watching)
                    self._close()
                self._over = True
                self._news.set()
        except BaseExceptionGroup as failures:
            raise _first(failures) from None

    def _apply(self, request: pb.WatchRunsRequest, group: asyncio.TaskGroup) -> None:
        action = request.WhichOneof("action")
        if action == "add":
            self._add(request.add, group)
        elif action == "grant":
            self._grant(request.grant)
        elif action == "drop":
            self._drop(request.drop.watch_id)
        else:
            raise InvalidRequest({"action": "The message asks for nothing: set add, grant or drop."})

    def _add(self, add: pb.AddWatch, group: asyncio.TaskGroup) -> None:
        if add.watch_id in self._watches:
            raise InvalidRequest({"add.watch_id": f"Watch {add.watch_id} is still in use on this stream."})
        watch = Watch(add.watch_id, add.run_id, add.after_sequence, max(add.credits, 0))
        self._watches[add.watch_id] = watch
        watch.task = group.create_task(self._watch(watch, add.authorization))

    def _grant(self, grant: pb.GrantCredits) -> None:
        if grant.credits < 1:
            raise InvalidRequest({"grant.credits": "grant.credits must be at least 1: what was granted stays granted."})
        watch = self._watches.get(grant.watch_id)
        if watch is not None:  # else it ended meanwhile
            watch.grant(grant.credits)

    def _drop(self, watch_id: int) -> None:
        watch = self._watches.pop(watch_id, None)
        if watch is not None and watch.task is not None:
            watch.dropped = True
            watch.task.cancel()

    def _close(self) -> None:
        self._closed = True
        for watch in self._watches.values():
            watch.wake()

    async def _watch(self, watch: Watch, authorization: str) -> None:
        try:
            with self._streams.admitted():
                self._checks.cursor(watch.after, "add.after_sequence")
                who = await self._authenticate(authorization) if authorization else self._caller
                await self._follow(watch, who)
        except Exception as error:  # noqa: BLE001 the door of one watch; the others go on
            known = named(error, "WatchRuns")
            end = pb.WatchEnd(code=known.code.name, reason=reason(known), message=known.message)
            await self._hands.acquire()
            self._say(watch, News(watch.watch_id, end=end))

    async def _follow(self, watch: Watch, who: Principal) -> None:
        while await self._has_credits(watch):
            await self._hands.acquire()
            news = None
            try:
                news = await self._read(watch, who)
            finally:
                if news is None:
                    self._hands.release()
            if news is None:
                await self._runs.wait(watch.run_id, watch.after)
                continue
            self._say(watch, news)
            if news.end is not None:
                return

    async def _has_credits(self, watch: Watch) -> bool:
        while watch.credits < 1 and not self._closed:
            watch.granted = asyncio.get_running_loop().create_future()
            await watch.granted
        return watch.credits > 0

    async def _read(self, watch: Watch, who: Principal) -> News | None:
        limit = min(watch.credits, BATCH_EVENTS)
        try:
            events, ended = await self._runs.read(who, watch.run_id, watch.after, limit=limit, max_bytes=BATCH_BYTES)
        except CursorExpired as expired:
            watch.after = expired.oldest - 1
            return News(watch.watch_id, gap=pb.WatchGap(oldest_sequence=expired.oldest))
        watch.after += len(events)
        watch.credits -= len(events)
        if not events and not ended:
            return None
        return News(watch.watch_id, events, end=pb.WatchEnd(code="OK") if ended else None)

    def _say(self, watch: Watch, news: News) -> None:
        if news.end is not None:
            del self._watches[watch.watch_id]
        self._ready.append((watch, news))
        self._news.set()

    async def _send(self, write: Write, heartbeat: float) -> None:
        while self._ready or not self._over:
            if self._ready:
                taken, message = self._collect()
                if message:
                    await write(message)
                for _ in range(taken):
                    self._hands.release()
                continue
            self._news.clear()
            try:
                async with asyncio.timeout(heartbeat):
                    await self._news.wait()
            except TimeoutError:
                await write(())

    def _collect(self) -> tuple[int, list[bytes]]:
        """Take what is ready, up to MESSAGE_BYTES; return how many batches that were and those to be sent."""
        taken, size, message = 0, 0, []
        while self._ready and size < MESSAGE_BYTES:
            watch, news = self._ready.popleft()
            taken += 1
            if not watch.dropped:
                message.append(news.framed())
                size += len(message[-1])
        return taken, message


def _first(failures: BaseException) -> BaseException:
    while isinstance(failures, BaseExceptionGroup):
        failures = failures.exceptions[0]
    return failures

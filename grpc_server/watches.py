"""Many watches over one stream, for gateways. A watch gets what it has credits for; a slow one stops only itself.

Each watch has a task that holds its place among the streams; the feed of its run reads for it. What was read goes into
one queue, of which at most HANDS batches are held at once, and the sender takes those that are ready into one message.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

from core.errors import InvalidRequest
from core.identity import Principal
from core.runs import Runs
from grpc_server.feed import Feed, Watch, end_of
from grpc_server.frames import News
from grpc_server.interceptors.identity import Authenticate
from grpc_server.interceptors.limits import Streams
from grpc_server.readers import Readers
from grpc_server.validation import Validation
from grpc_server.watch import Write
from levada.v1 import run_service_pb2 as pb

HANDS = 128
MESSAGE_BYTES = 65_536
# Seconds in which news is gathered after a message: what a message costs is mostly not its length.
GATHER = 0.001


class Watches:
    """The watches of one stream, on behalf of *caller* where a watch does not say on whose."""

    def __init__(
        self, runs: Runs, checks: Validation, streams: Streams, authenticate: Authenticate, caller: Principal
    ) -> None:
        self._runs = runs
        self._checks = checks
        self._streams = streams
        self._readers = Readers(streams.held)
        self._authenticate = authenticate
        self._caller = caller
        self._watches: dict[int, Watch] = {}
        self._feeds: dict[str, Feed] = {}
        self._ready: deque[tuple[Sequence[Watch], News]] = deque()
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
                        await self._apply_all((request, *request.more), watching)
                    self._close()
                self._over = True
                self._news.set()
        except BaseExceptionGroup as failures:
            raise _first(failures) from None

    async def _apply_all(self, requests: Sequence[pb.WatchRunsRequest], group: asyncio.TaskGroup) -> None:
        """Do what is asked, but read no further while the client takes nothing: refusals would pile up here."""
        for number, request in enumerate(requests, 1):
            self._apply(request, group)
            if number % HANDS == 0 or number == len(requests):
                await asyncio.sleep(0)  # those that begin come before us
                async with self._hands:
                    pass

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
        room = add.credit_bytes if add.credit_bytes > 0 else None
        watch = Watch(add.watch_id, add.run_id, add.after_sequence, max(add.credits, 0), room, add.reader)
        self._watches[add.watch_id] = watch
        watch.holder = group.create_task(self._hold(watch, add.authorization, group))

    def _grant(self, grant: pb.GrantCredits) -> None:
        if min(grant.credits, grant.credit_bytes) < 0 or not (grant.credits or grant.credit_bytes):
            raise InvalidRequest({"grant.credits": "Grant at least 1 event or byte: what was granted stays granted."})
        watch = self._watches.get(grant.watch_id)
        if watch is not None:  # else it ended meanwhile
            watch.grant(grant.credits, grant.credit_bytes)
            if feed := self._feeds.get(watch.run_id):
                feed.stir()

    def _drop(self, watch_id: int) -> None:
        watch = self._watches.pop(watch_id, None)
        if watch is not None:
            watch.drop()

    def _close(self) -> None:
        self._closed = True
        for feed in self._feeds.values():
            feed.closing = True
            feed.stir()

    async def _hold(self, watch: Watch, authorization: str, group: asyncio.TaskGroup) -> None:
        """Count a watch among the streams and let the feed of its run read for it, until it is over."""
        try:
            watch.who = await self._authenticate(authorization) if authorization else self._caller
            with await self._streams.admitted(None if watch.reader else watch.who):
                async with self._readers.place(watch.reader, watch.who):
                    await self._follow(watch, group)
        except Exception as error:  # noqa: BLE001 the door of one watch; the others go on
            await self._hands.acquire()
            self._say([watch], News(end=end_of(error)))

    async def _follow(self, watch: Watch, group: asyncio.TaskGroup) -> None:
        self._checks.cursor(watch.after, "add.after_sequence")
        feed = self._feed(watch.run_id, group)
        feed.watches.add(watch)
        feed.stir()
        try:
            await watch.over
        finally:
            feed.watches.discard(watch)
            feed.stir()

    def _feed(self, run_id: str, group: asyncio.TaskGroup) -> Feed:
        feed = self._feeds.get(run_id)
        if feed is None:
            feed = self._feeds[run_id] = Feed(self._runs, run_id, self._hands, self._say)
            feed.closing = self._closed
            group.create_task(self._run(feed))
        return feed

    async def _run(self, feed: Feed) -> None:
        try:
            await feed.run()
        finally:
            del self._feeds[feed.run_id]

    def _say(self, watches: Sequence[Watch], news: News) -> None:
        if news.end is not None:
            for watch in watches:
                if not watch.dropped:
                    del self._watches[watch.watch_id]
                watch.leave()
        self._ready.append((watches, news))
        self._news.set()

    async def _send(self, write: Write, heartbeat: float) -> None:
        while self._ready or not self._over:
            if self._ready:
                taken, message = self._collect()
                if message:
                    await write(message)
                for _ in range(taken):
                    self._hands.release()
                await asyncio.sleep(GATHER)
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
            watches, news = self._ready.popleft()
            taken += 1
            if told := [watch.watch_id for watch in watches if not watch.dropped]:
                message.append(news.framed(*told))
                size += len(message[-1])
        return taken, message


def _first(failures: BaseException) -> BaseException:
    while isinstance(failures, BaseExceptionGroup):
        failures = failures.exceptions[0]
    return failures

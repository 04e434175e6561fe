"""All readers of this process over one WatchRuns stream, taken up again from where each was whenever it breaks."""

import asyncio
import itertools
import logging
import random
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import grpc

from gateway.arrivals import Arrival, Response
from gateway.watch import Watch
from levada.v1.run_service_pb2 import AddWatch, DropWatch, GrantCredits, WatchEnd, WatchRunsRequest

if TYPE_CHECKING:
    Call = grpc.aio.StreamStreamCall[WatchRunsRequest, Any]

METHOD = "/levada.v1.RunService/WatchRuns"
log = logging.getLogger(__name__)

TICK = 0.5
# Requests that go in one message when many readers come at once, and the seconds in which they are gathered after one,
# longer after one with more than a few.
TOGETHER = 255
GATHER = 0.002
FEW, GATHER_IN_A_CROWD = 3, 0.005
# Heartbeats in a row.
AT_ONCE = 100
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
# Ends of a watch that another try mends: the server stops, hands over, or lost its store for a moment.
PASSING = {"UNAVAILABLE", "CANCELLED", "ABORTED", "DEADLINE_EXCEEDED"}


class Hub:
    """Holds the stream and shares it out. Its owner runs `run` for as long as there may be readers."""

    def __init__(self, channel: grpc.aio.Channel, heartbeat: float = 15) -> None:
        self._open: Any = channel.stream_stream(METHOD, WatchRunsRequest.SerializeToString, Response.FromString)
        self.heartbeat = heartbeat
        self._ids = itertools.count(1)
        self._watches: dict[int, Watch] = {}
        self._outbox: deque[WatchRunsRequest] = deque()
        self._news = asyncio.Event()
        self.connected = False
        self._stopping = False
        self._failures = 0

    def __len__(self) -> int:
        """Return how many readers there are."""
        return len(self._watches)

    @contextmanager
    def watch(self, run_id: str, after: int, reader: int = 0) -> Iterator[Watch]:
        """Watch a run after a number, until the block is left; for a *reader* of several, if there is one."""
        watch = Watch(run_id, after, self._grant, reader)
        self._add(watch)
        try:
            yield watch
        finally:
            self._drop(watch)

    def reader(self) -> int:
        """Return the number of somebody who watches several runs over one connection, which counts as one stream."""
        return next(self._ids)

    async def run(self) -> None:
        """Keep the stream open, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tick())
            while True:
                await self._connect()
                self._failures += 1
                await asyncio.sleep(pause(self._failures))

    def stop(self) -> None:
        """End every watch, now and to come, so that the readers come back to whoever serves next."""
        self._stopping = True
        for watch in self._watches.values():
            watch.finish("UNAVAILABLE", "SERVER_STOPPING", "The gateway is stopping.")

    async def _connect(self) -> None:
        """Open the stream, take up all watches, and serve until it breaks."""
        call = self._open()
        try:
            await call.wait_for_connection()
            self._take_up()
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(self._write(call))
                await self._read(call)
                writing.cancel()
        except* (grpc.aio.AioRpcError, asyncio.InvalidStateError, TimeoutError) as broken:
            if not self._failures:
                log.warning("the server can't be heard, trying again: %s", summary(broken))
        finally:
            call.cancel()
            self.connected = False
            for watch in self._watches.values():
                watch.lose()

    def _take_up(self) -> None:
        self.connected = True
        self._outbox.clear()
        waiting = list(self._watches.values())
        self._watches.clear()
        for watch in waiting:
            self._add(watch)

    async def _read(self, call: "Call") -> None:
        silence = 3 * self.heartbeat
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(silence) as deadline:
            while isinstance(response := await call.read(), Response):
                if self._failures:
                    log.info("the server is back")
                    self._failures = 0
                # Moved on only now and then: a timer per message would cost more than the message.
                if (deadline.when() or 0) - loop.time() < silence / 2:
                    deadline.reschedule(loop.time() + silence)
                now = time.monotonic()
                for batch in response.batches:
                    self._deliver(batch, now)

    async def _write(self, call: "Call") -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._outbox:
                request = self._outbox.popleft()
                while self._outbox and len(request.more) < TOGETHER:
                    request.more.append(self._outbox.popleft())
                await call.write(request)
                await asyncio.sleep(GATHER_IN_A_CROWD if len(request.more) > FEW else GATHER)

    def _deliver(self, batch: Any, now: float) -> None:
        gap = batch.gap if batch.HasField("gap") else None
        end = batch.end if batch.HasField("end") else None
        arrival = None
        for watch_id in (batch.watch_id, *batch.also):
            watch = self._watches.get(watch_id)
            if watch is None:  # dropped; the batch was under way
                continue
            if batch.events and arrival is None:
                arrival = Arrival(gap.oldest_sequence if gap else watch.after + 1, batch.events)
            watch.accept(arrival, gap, now)
            if end is None:
                watch.losses = 0
            else:
                self._end(watch, end)

    def _end(self, watch: Watch, end: WatchEnd) -> None:
        if end.code in PASSING:
            watch.lose()
            asyncio.get_running_loop().call_later(pause(watch.losses), self._retake, watch, watch.id)
        else:
            watch.finish(end.code, end.reason, end.message)

    def _retake(self, watch: Watch, watch_id: int) -> None:
        """Take a watch up again, unless it was dropped or taken up meanwhile."""
        if self._watches.get(watch_id) is watch:
            del self._watches[watch_id]
            self._add(watch)

    def _add(self, watch: Watch) -> None:
        granted, granted_bytes = watch.restart(next(self._ids))
        self._watches[watch.id] = watch
        if self._stopping:
            self.stop()
        elif not self.connected:
            watch.lose()
        elif watch.end is None:
            add = AddWatch(watch_id=watch.id, run_id=watch.run_id, after_sequence=watch.after, reader=watch.reader)
            add.credits, add.credit_bytes = granted, granted_bytes
            self._send(WatchRunsRequest(add=add))

    def _grant(self, watch: Watch, more: int, more_bytes: int) -> None:
        if watch.end is None and not watch.lost:
            grant = GrantCredits(watch_id=watch.id, credits=more, credit_bytes=more_bytes)
            self._send(WatchRunsRequest(grant=grant))

    def _drop(self, watch: Watch) -> None:
        del self._watches[watch.id]
        if watch.end is None and not watch.lost:
            self._send(WatchRunsRequest(drop=DropWatch(watch_id=watch.id)))

    def _send(self, request: WatchRunsRequest) -> None:
        if self.connected:
            self._outbox.append(request)
            self._news.set()

    async def _tick(self) -> None:
        """One clock for all readers: wake those that heard nothing for a heartbeat."""
        tick = min(TICK, self.heartbeat / 4)
        while True:
            await asyncio.sleep(tick)
            now = time.monotonic()
            silent = [watch for watch in self._watches.values() if now - watch.heard >= self.heartbeat]
            for number, watch in enumerate(silent):
                watch.heard = now
                watch.wake()
                if number % AT_ONCE == 0:  # so that others need not wait until all were told
                    await asyncio.sleep(0)


def pause(failures: int) -> float:
    """Return how long to wait after so many failures in a row; spread, so that not all come back at once."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures, 10)) * random.uniform(0.5, 1)  # noqa: S311


def summary(broken: BaseException) -> str:
    while isinstance(broken, BaseExceptionGroup):
        broken = broken.exceptions[0]
    return f"{broken.code().name}: {broken.details()}" if isinstance(broken, grpc.aio.AioRpcError) else repr(broken)

"""What the runs of one connection say, written in turn: as fast as the client takes it, and no more is fetched."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from gateway.arrivals import Arrival
from gateway.dialects import Dialect, Frame
from gateway.encoding import spoken
from gateway.hub import Hub
from gateway.metrics import figures
from gateway.problems import Problem, invalid, of_code
from gateway.watch import Watch
from gateway.websocket.words import Tongue, body
from levada.v1.run_service_pb2 import WatchGap

# Each holds at most a watch's window of bytes here, whatever the client takes.
MOST_WATCHES = 50
BROKEN = "The run's events can't be told in these words: something failed in the gateway. Its log says more."

log = logging.getLogger(__name__)

Say = Callable[[str], Awaitable[None]]


class Outflow:
    """The watches of a connection by the names that the client gave them. Its owner runs `run`."""

    def __init__(self, hub: Hub, tongue: Tongue, say: Say) -> None:
        self._hub = hub
        self._reader = hub.reader()
        self._tongue = tongue
        self._say = say
        self._watched: dict[str, Watched | Reserved] = {}
        self._news = asyncio.Event()
        self._closed = False

    def reserve(self, name: str) -> "Reserved":
        """Keep a place and *name* for a watch to come. Raises Problem when it is taken, or there are too many."""
        if name in self._watched:
            raise invalid("id", f"There is a watch {name!r} on this connection already; choose another id.")
        if len(self._watched) >= MOST_WATCHES:
            raise invalid("id", f"A connection holds at most {MOST_WATCHES} watches. End one, or open another.")
        self._watched[name] = reserved = Reserved(name)
        return reserved

    def begin(self, reserved: "Reserved", run_id: str, after: int, dialect: Dialect) -> None:
        """Begin the watch for which a place was kept, unless it was given up meanwhile, or the client has gone."""
        name = reserved.name
        if self._watched.get(name) is reserved and not self._closed:
            opened = self._hub.watch(run_id, 0 if dialect.remembers else after, self._reader)
            watched = Watched(name, opened, dialect, after)
            watched.watch.tell = self._news.set
            self._watched[name] = watched
            self._news.set()

    def release(self, reserved: "Reserved") -> None:
        """Give the place up, if no watch has begun in it."""
        if self._watched.get(reserved.name) is reserved:
            del self._watched[reserved.name]

    def end(self, name: str) -> bool:
        """Forget the watch of that *name*; return whether there was one."""
        watched = self._watched.pop(name, None)
        if isinstance(watched, Watched):
            watched.close()
        return watched is not None

    def close(self) -> None:
        """Forget all watches, those too that are asked for but not begun yet."""
        self._closed = True
        for name in list(self._watched):
            self.end(name)

    async def run(self) -> None:
        """Write, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while await self._round():
                pass

    async def _round(self) -> bool:
        """Let each watch say what it has next; return whether any had something."""
        moved = False
        for watched in list(self._watched.values()):
            if isinstance(watched, Reserved) or self._watched.get(watched.name) is not watched:
                continue
            item = watched.watch.take()
            if item is not None:
                moved = True
                await self._pass_on(watched, item)
            elif watched.watch.end is not None:
                await self._ended(watched)
            elif watched.behind(self._hub.heartbeat):
                await self._say(self._tongue.said("position", watched.name, sequence=watched.position()))
        return moved

    async def _pass_on(self, watched: "Watched", item: Arrival | WatchGap) -> None:
        if isinstance(item, WatchGap):
            oldest = watched.skip(item)
            await self._say(self._tongue.said("gap", watched.name, oldestSequence=str(oldest)))
            return
        figures.events += len(item)
        try:
            frames = watched.frames(item)
        except Exception:  # the door of one watch; the others on this connection go on
            log.exception("a watch over a WebSocket broke off")
            await self._break_off(watched, Problem(500, "INTERNAL", BROKEN))
            return
        for frame, number in frames:
            if self._watched.get(watched.name) is not watched:  # the client had enough while it was being written
                return
            await self._say(self._tongue.event(watched.name, frame, number))

    async def _ended(self, watched: "Watched") -> None:
        end = watched.watch.end
        if end is None or end.code == "OK":
            self.end(watched.name)
            await self._say(self._tongue.said("end", watched.name))
            return
        await self._break_off(watched, of_code(end.code, end.reason, end.message))

    async def _break_off(self, watched: "Watched", problem: Problem) -> None:
        self.end(watched.name)
        await self._say(self._tongue.said("error", watched.name, problem=body(problem)))


@dataclass(eq=False)
class Reserved:
    """A place for a watch of that name."""

    name: str


class Watched:
    """A watch, and how far the client is with it: `after` arrived here, `told` is what it knows of."""

    def __init__(self, name: str, opened: AbstractContextManager[Watch], dialect: Dialect, after: int) -> None:
        self.name = name
        self._open = ExitStack()
        self.watch = self._open.enter_context(opened)
        self._dialect = dialect
        self._after = self._told = after
        self._spoke = time.monotonic()

    def close(self) -> None:
        self.watch.tell = None
        self._open.close()

    def frames(self, arrival: Arrival) -> list[tuple[Frame, int]]:
        """Return the frames of what arrived, each with a number or 0."""
        said = spoken(self._dialect, arrival.events(), self._after if self._dialect.remembers else 0)
        self._after = max(self._after, arrival.last)
        if said:
            self._told, self._spoke = said[-1][1], time.monotonic()
        return said

    def skip(self, gap: WatchGap) -> int:
        self._after = self._told = max(self._after, gap.oldest_sequence - 1)
        return gap.oldest_sequence

    def behind(self, heartbeat: float) -> bool:
        """Tell whether the client should hear where it is, as the dialect had no words for a while."""
        return self._told < self._after and time.monotonic() - self._spoke >= heartbeat

    def position(self) -> str:
        self._told, self._spoke = self._after, time.monotonic()
        return str(self._after)

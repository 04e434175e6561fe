"""What a live run says: joined, numbered and serialised here, once, and handed to the store's writer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from core.errors import LevadaError
from core.event import Said, Text, envelope
from core.store.records import Append, Claimed, Fenced, Spent
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.event_pb2 import Channel, Event

# How much may wait for the store before a producer that never flushes is stopped.
PENDING_BYTES = 8 * 2**20
JOINED_TEXT = 16 * 1024
# Kept free for how the run ends.
RESERVE = 32


@dataclass(slots=True)
class _Rows:
    """What is stored along with the pending events."""

    run: dict[str, Any] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    received: list[str] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)
    spent: list[Spent] = field(default_factory=list)


class Journal:
    """The log of one run while this worker holds it. *refused* hears when the store will not take what was said."""

    def __init__(
        self,
        claimed: Claimed,
        enlist: Callable[["Journal"], None],
        refused: Callable[[Exception], None],
        *,
        max_events: int,
        max_bytes: int,
    ) -> None:
        self.run_id, self.epoch = claimed.id, claimed.epoch
        self.trace_id = claimed.row.trace_id
        self.last: int = claimed.row.last_sequence
        self.bytes: int = claimed.row.bytes
        self.progress: float = claimed.row.progress
        self.worked: Callable[[], float] = lambda: claimed.row.worked / 1e6
        self._enlist = enlist
        self._refused = refused
        self._max_events, self._max_bytes = max_events, max_bytes
        self._pending: list[Said | Text] = []
        self._pending_bytes = 0
        self._rows: _Rows | None = None
        self._waiting: list[asyncio.Future[None]] = []
        self._flying: list[asyncio.Future[None]] | None = None
        self._closed = False

    @property
    def number(self) -> int:
        """The number of the event that was said last."""
        return self.last + len(self._pending)

    def say(self, payload: Message, *, step: str = "", attempt: int = 0, reserved: bool = False) -> None:
        """Say *payload* at the present progress. *reserved* is for what must fit whatever was said before."""
        if self._closed:
            return
        event = Said.of(self._envelope(step, attempt), payload)
        self._add(event, event.size, reserved)

    def text(self, channel: Channel, delta: str, *, step: str, attempt: int) -> None:
        if self._closed or not delta:
            return
        if len(delta) > JOINED_TEXT:
            # A text of any length is read in pieces that every client takes.
            for start in range(0, len(delta), JOINED_TEXT):
                self.text(channel, delta[start : start + JOINED_TEXT], step=step, attempt=attempt)
            return
        key, size = (step, attempt, channel), len(delta)
        last = self._pending[-1] if self._pending else None
        if isinstance(last, Text) and last.key == key and last.size + size <= JOINED_TEXT:
            last.parts.append(delta)
            last.size += size
            self._pending_bytes += size
            return
        self._add(Text(self._envelope(step, attempt), key, [delta], size), size + 100, reserved=False)

    def _envelope(self, step: str, attempt: int) -> Event:
        return envelope(self.run_id, self.trace_id, step, attempt, self.progress)

    def _add(self, item: Said | Text, size: int, reserved: bool) -> None:
        if not reserved:
            self._guard(size)
        self._pending.append(item)
        self._pending_bytes += size
        self._enlist(self)

    def _guard(self, size: int) -> None:
        if self.last + len(self._pending) >= self._max_events - RESERVE:
            raise _too_much(f"The run said more than {self._max_events:,} events, which is the limit.")
        if self.bytes + self._pending_bytes + size > self._max_bytes:
            raise _too_much(f"The run said more than {self._max_bytes / 2**20:,.0f} MiB, which is the limit.")
        if self._pending_bytes + size > max(PENDING_BYTES, size):
            raise _too_much("The run said more than could be stored in time; its step has to wait for the store.")

    def record(self, **rows: Any) -> None:
        """Store rows (see Append) in the same transaction as what was said last."""
        if self._closed:
            return
        mine = self._rows = self._rows or _Rows()
        for name, value in rows.items():
            if name == "run":
                mine.run.update(value)
            else:
                getattr(mine, name).append(value)
        self._enlist(self)

    def close(self) -> None:
        """Hear nothing any more: the run has ended, or is somebody else's."""
        self._closed = True

    async def flush(self) -> None:
        """Wait until all that was said is durable. Raises Fenced, StoreError."""
        if self._pending or self._rows:
            waiting = self._waiting
        elif self._flying is not None:
            waiting = self._flying
        else:
            return
        done = asyncio.get_running_loop().create_future()
        waiting.append(done)
        await done

    def take(self) -> Append | None:
        if not self._pending and not self._rows:
            return None
        pending, self._pending, self._pending_bytes = self._pending, [], 0
        rows, self._rows = self._rows or _Rows(), None
        self._flying, self._waiting = self._waiting, []
        events = [item.numbered(number) for number, item in enumerate(pending, self.last + 1)]
        append = Append(
            self.run_id,
            self.epoch,
            self.last,
            self.bytes,
            events,
            progress=self.progress,
            worked=int(self.worked() * 1e6),
            run=rows.run,
            steps=rows.steps,
            inputs=rows.inputs,
            received=rows.received,
            turns=rows.turns,
            spent=rows.spent,
        )
        self.last = append.last
        self.bytes += sum(map(len, events))
        return append

    def stored(self, append: Append) -> None:
        for done in self._flying or ():
            if not done.done():
                done.set_result(None)
        self._flying = None

    def refused(self, append: Append | None, error: Exception) -> None:
        # What was refused was never said, so its numbers are free again.
        if append is not None:
            self.last, self.bytes = append.after, append.position
        for done in self._flying or ():
            if not done.done():
                done.set_exception(error)
        self._flying = None
        if isinstance(error, Fenced):
            self.close()
        self._refused(error)


def _too_much(message: str) -> LevadaError:
    return LevadaError(
        f"{message} Ask for less: fewer rows, or a narrower question.", reason=reasons.ERROR_REASON_TOO_MANY_EVENTS
    )

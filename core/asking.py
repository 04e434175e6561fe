"""Questions that a run asks people: asked once, answered whenever, at no cost of the run's time or a worker's place."""

import asyncio
import time
from dataclasses import replace

from core.attempt import current
from core.boundary import Boundary
from core.clock import Clock
from core.errors import LevadaError
from core.journal import Journal
from core.slots import Slot
from core.store.records import StoredInput
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.event_pb2 import InputReceived, InputRequested
from levada.v1.run_pb2 import InputAnswer, RunState

Answered = tuple[InputAnswer, str]


class Asking:
    """The questions of one run. *clock* is the run's, which stands still, and *slot* its place at work, which is given
    up, while all that the run does is wait.
    """

    def __init__(
        self,
        journal: Journal,
        known: dict[str, StoredInput],
        clock: Clock,
        boundary: Boundary,
        seconds: float,
        slot: Slot,
    ) -> None:
        self._coming_back = 0
        self._rests = False
        self._journal = journal
        self._known = dict(known)
        self._clock = clock
        self._boundary = boundary
        boundary.idle = self.rest
        self._seconds = seconds
        self._slot = slot
        self._open: dict[str, tuple[InputRequested, asyncio.Future[Answered]]] = {}

    @property
    def rests(self) -> bool:
        """Whether all that the run does is wait for people."""
        return self._rests and not self._coming_back

    @property
    def open(self) -> list[str]:
        """Ids of the questions that wait for an answer."""
        return list(self._open)

    def request(self, input_id: str) -> InputRequested | None:
        """Return what was asked under that id before this worker took the run."""
        known = self._known.get(input_id)
        return known.request if known else None

    async def ask(self, request: InputRequested) -> InputAnswer:
        known = self._known.get(request.input_id)
        if known is not None and known.answer is not None:
            if not known.received:
                if not known.asked:
                    # A fork keeps what its origin was told, and its own log tells that anew.
                    self._say(request)
                self._heard(request.input_id, known.answer, known.answered_by)
            return known.answer
        asked = known.asked if known else time.time_ns() // 1_000
        fresh = request, asyncio.get_running_loop().create_future()
        future = self._open.setdefault(request.input_id, fresh)[1]
        try:
            with self._boundary.resting():
                # Other branches that begin at this moment come first.
                await asyncio.sleep(0)
                self._boundary.look()
                self._put(request, None if known else asked)
                answered = await self._answer(future, asked / 1e6 + self._seconds - time.time())
                # Others work meanwhile; their number is limited, and being answered is no way around that.
                await self.come_back()
        finally:
            self._open.pop(request.input_id, None)
        if answered is None:
            message = "Nobody answered in time, so the run was given up. Ask again when you can answer."
            raise LevadaError(message, reason=reasons.ERROR_REASON_INPUT_TIMEOUT)
        answer, by = answered
        self._heard(request.input_id, answer, by)
        return answer

    def _put(self, request: InputRequested, asked: int | None) -> None:
        """Put a question where people see it, and say it if it is new (*asked* now)."""
        if asked is not None:
            self._say(request)
            row = {"run_id": self._journal.run_id, "input_id": request.input_id, "asked": asked}
            self._journal.record(inputs={**row, "request": request.SerializeToString()})
        self._journal.record(run={"input": request.SerializeToString()})

    def answered(self, input_id: str, answer: InputAnswer, by: str) -> None:
        """Hand in the (stored) answer to a question, whether or not the run has got to it again."""
        if input_id in self._open:
            future = self._open[input_id][1]
            if not future.done():
                future.set_result((answer, by))
        elif (known := self._known.get(input_id)) is not None and known.answer is None:
            self._known[input_id] = replace(known, answer=answer, answered_by=by)

    def _say(self, payload: InputRequested | InputReceived) -> None:
        step = current.get()
        self._journal.say(payload, step=step.name if step else "", attempt=step.attempt if step else 0)

    def _heard(self, input_id: str, answer: InputAnswer, by: str) -> None:
        self._say(InputReceived(input_id=input_id, by=by, decision=answer.decision, text=answer.text))
        self._journal.record(received=input_id)
        others = [request for request, _ in self._open.values()]
        self._journal.record(run={"input": others[-1].SerializeToString() if others else b""})

    async def _answer(self, answer: asyncio.Future[Answered], seconds: float) -> Answered | None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                return await answer
        except TimeoutError:
            return None

    def rest(self) -> None:
        """Hear that no branch of the run works: it gives up its place, unless one of them waits for other things."""
        waits = any(not answer.done() for _, answer in self._open.values())
        if waits and not self._rests and not self._coming_back:
            self._rests = True
            self._journal.record(run={"state": RunState.RUN_STATE_WAITING})
            self._clock.rest()
            self._slot.give_up()

    async def come_back(self) -> None:
        """Return once the run has a place at work: at once unless it gave that up."""
        self._coming_back += 1
        try:
            if self._rests:
                # What is stored last must not be that it waits.
                await self._journal.flush()
                await self._slot.regain()
            if self._rests:
                self._rests = False
                self._clock.go_on()
        finally:
            self._coming_back -= 1

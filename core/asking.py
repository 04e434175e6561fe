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
from core.store.base import StoredInput
from levada.v1 import error_reason_pb2 as reasons
from levada.v1.event_pb2 import InputReceived, InputRequested
from levada.v1.run_pb2 import InputAnswer, RunState

Answered = tuple[InputAnswer, str]


class Asking:
    """The questions of one run. *clock* is the run's; *slot* its place at work, given up while it waits."""

    def __init__(
        self,
        journal: Journal,
        known: dict[str, StoredInput],
        clock: Clock,
        boundary: Boundary,
        seconds: float,
        slot: Slot,
    ) -> None:
        self.waiting = 0
        self._journal = journal
        self._known = dict(known)
        self._clock = clock
        self._boundary = boundary
        self._seconds = seconds
        self._slot = slot
        self._open: dict[str, asyncio.Future[Answered]] = {}

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
        future = self._open.setdefault(request.input_id, asyncio.get_running_loop().create_future())
        if known is None:
            self._say(request)
            row = {"run_id": self._journal.run_id, "input_id": request.input_id, "asked": asked}
            self._journal.record(inputs={**row, "request": request.SerializeToString()})
        self._journal.record(run={"state": RunState.RUN_STATE_WAITING, "input": request.SerializeToString()})
        try:
            answer, by = await self._rest(future, asked / 1e6 + self._seconds - time.time())
        finally:
            self._open.pop(request.input_id, None)
        self._heard(request.input_id, answer, by)
        return answer

    def answered(self, input_id: str, answer: InputAnswer, by: str) -> None:
        """Hand in the (stored) answer to a question, whether or not the run has got to it again."""
        future = self._open.get(input_id)
        if future is not None:
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
        if not self.waiting:
            self._journal.record(run={"state": RunState.RUN_STATE_RUNNING, "input": b""})

    async def _rest(self, answer: asyncio.Future[Answered], seconds: float) -> Answered:
        """Wait for a person while the clocks of the run and of the steps that ask stand still."""
        self._clock.rest()
        try:
            with self._boundary.resting():
                answered = await self._answer(answer, seconds)
                # Others work meanwhile; their number is limited, and being answered is no way around that.
                await self._slot.regain()
        finally:
            self._clock.go_on()
        if answered is None:
            message = "Nobody answered in time, so the run was given up. Ask again when you can answer."
            raise LevadaError(message, reason=reasons.ERROR_REASON_INPUT_TIMEOUT)
        return answered

    async def _answer(self, answer: asyncio.Future[Answered], seconds: float) -> Answered | None:
        self.waiting += 1
        self._slot.give_up()
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                return await answer
        except TimeoutError:
            return None
        finally:
            self.waiting -= 1

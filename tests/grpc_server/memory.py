"""Runs in memory whose events a test says by hand, so that it decides what happens when. Rules as in core.runs."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from core.errors import Conflict, CursorAhead, CursorExpired, NotFound, Reason, RequestIdReused
from core.identity import Principal
from core.ids import run_id as new_id
from levada.v1 import event_pb2 as events
from levada.v1.run_pb2 import InputAnswer, Run, RunRequest, RunState
from levada.v1.run_service_pb2 import ForkRunRequest


@dataclass
class Held:
    run: Run
    owner: Principal
    traceparent: str
    events: list[bytes] = field(default_factory=list)
    oldest: int = 1
    ended: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)
    answers: list[InputAnswer] = field(default_factory=list)


class MemoryRuns:
    """The caller's runs. *failing*, when set, is raised by every call."""

    def __init__(self) -> None:
        self.held: dict[str, Held] = {}
        self.failing: Exception | None = None
        self.waiting = 0

    def say(self, run_id: str, *payloads: events.Event) -> None:
        """Number and store events of a run; one with a terminal payload ends it."""
        held = self.held[run_id]
        for event in payloads:
            event.run_id, event.sequence = run_id, held.oldest + len(held.events)
            held.events.append(event.SerializeToString())
            held.ended = held.ended or event.WhichOneof("payload") in ("completed", "failed", "cancelled")
        held.run.last_sequence = held.oldest + len(held.events) - 1
        held.news.set()
        held.news = asyncio.Event()

    def forget(self, run_id: str, before: int) -> None:
        """Let retention take the events before number *before*."""
        held = self.held[run_id]
        del held.events[: before - held.oldest]
        held.oldest = before

    def _find(self, caller: Principal, run_id: str) -> Held:
        if self.failing:
            raise self.failing
        held = self.held.get(run_id)
        if held is None or not caller.owns(held.owner.tenant, held.owner.subject):
            raise NotFound(f"There is no run {run_id[:64]!r} of yours.", details={"run_id": run_id[:64]})
        return held

    async def create(self, caller: Principal, request: RunRequest, traceparent: str = "") -> tuple[Run, bool]:
        if self.failing:
            raise self.failing
        for held in self.held.values():
            if request.request_id and held.run.request.request_id == request.request_id:
                if held.run.request != request:
                    raise RequestIdReused
                return held.run, True
        run = Run(run_id=new_id(), state=RunState.RUN_STATE_QUEUED, request=request)
        self.held[run.run_id] = Held(run, caller, traceparent)
        first = events.Event(queued=events.RunQueued(position=1))
        if request.options.hold:
            run.state, run.pause_by = RunState.RUN_STATE_PAUSED, caller.subject
            first = events.Event(paused=events.RunPaused(by=caller.subject))
        self.say(run.run_id, first)
        return run, False

    async def get(self, caller: Principal, run_id: str) -> Run:
        return self._find(caller, run_id).run

    async def list(
        self,
        caller: Principal,
        *,
        limit: int,
        before: str = "",
        states: Sequence[RunState] = (),
        conversation_id: str = "",
    ) -> Sequence[Run]:
        found = [
            held.run
            for id_, held in sorted(self.held.items(), reverse=True)
            if caller.owns(held.owner.tenant, held.owner.subject)
            and (not before or id_ < before)
            and (not states or held.run.state in states)
            and conversation_id in ("", held.run.request.conversation_id)
        ]
        return found[:limit]

    async def read(
        self, caller: Principal, run_id: str, after: int, *, limit: int = 256, max_bytes: int = 65_536
    ) -> tuple[Sequence[bytes], bool]:
        held = self._find(caller, run_id)
        if after + 1 < held.oldest:
            raise CursorExpired(held.oldest)
        last = held.oldest + len(held.events) - 1
        if after > last:
            raise CursorAhead(
                {"after_sequence": f"The run's last event is {last}."}, details={"last_sequence": str(last)}
            )
        found: list[bytes] = []
        for event in held.events[after + 1 - held.oldest :][:limit]:
            found.append(event)
            if sum(map(len, found)) >= max_bytes:
                break
        return found, held.ended and after + len(found) == last

    async def wait(self, run_id: str, after: int) -> None:
        held = self.held[run_id]
        if held.oldest + len(held.events) - 1 > after or held.ended:
            return
        self.waiting += 1
        try:
            await held.news.wait()
        finally:
            self.waiting -= 1

    async def watch(self, caller: Principal, run_id: str, after: int) -> AsyncGenerator[Sequence[bytes], None]:
        ended = False
        while not ended:
            found, ended = await self.read(caller, run_id, after)
            after += len(found)
            if found:
                yield found
            await self.wait(run_id, after)

    async def cancel(self, caller: Principal, run_id: str, cause: str = "", *, by: str = "") -> Run:
        held = self._living(caller, run_id)
        held.run.state = RunState.RUN_STATE_CANCELLED
        self.say(run_id, events.Event(cancelled=events.RunCancelled(cause=cause, by=by or caller.subject)))
        return held.run

    def _living(self, caller: Principal, run_id: str) -> Held:
        held = self._find(caller, run_id)
        if held.ended:
            raise Conflict("The run has ended.", details={"state": "completed"})
        return held

    async def pause(self, caller: Principal, run_id: str) -> Run:
        held = self._living(caller, run_id)
        if not held.run.pause_by:
            held.run.state, held.run.pause_by = RunState.RUN_STATE_PAUSED, caller.subject
            self.say(run_id, events.Event(paused=events.RunPaused(by=caller.subject)))
        return held.run

    async def resume(self, caller: Principal, run_id: str) -> Run:
        held = self._living(caller, run_id)
        if not held.run.pause_by:
            raise Conflict("The run is not paused.", reason=Reason.ERROR_REASON_RUN_NOT_PAUSED)
        held.run.state, held.run.pause_by = RunState.RUN_STATE_QUEUED, ""
        self.say(run_id, events.Event(resumed=events.RunResumed(by=caller.subject, cause="resumed")))
        return held.run

    async def fork(self, caller: Principal, request: ForkRunRequest, traceparent: str = "") -> tuple[Run, bool]:
        origin = self._find(caller, request.run_id).run
        if request.step:
            raise NotFound("It has completed none yet.", reason=Reason.ERROR_REASON_STEP_NOT_FOUND)
        wanted = RunRequest(question=request.question or origin.request.question, request_id=request.request_id)
        run, existed = await self.create(caller, wanted, traceparent)
        run.forked_from = origin.run_id
        return run, existed

    async def respond(self, caller: Principal, run_id: str, answer: InputAnswer) -> Run:
        held = self._find(caller, run_id)
        if held.run.input.input_id != answer.input_id:
            raise Conflict("The run waits for no such input.", reason=Reason.ERROR_REASON_INPUT_NOT_EXPECTED)
        held.answers.append(answer)
        return held.run

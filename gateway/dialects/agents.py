"""The `agents` dialect: named events of agents at work on a message, and of the answer as it is written.

`agent_chunk` adds to what an agent says, `agent_complete` repeats it whole: it takes the chunks' place. When `attempt`
rises, what came of that agent before is void. A run that fails ends in `error`, and then in `complete` with `partial`
when some of its answer was there; any other run ends in `complete`. There is no other end.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

import orjson

from gateway.dialects.base import Frame
from gateway.dialects.texts import Texts
from gateway.proto_json import seconds, struct, timestamp, to_dict
from levada.v1 import event_pb2 as pb
from levada.v1.error_reason_pb2 import ErrorReason

Said = dict[str, Any]
SPOKEN = (pb.CHANNEL_CONTRIBUTION, pb.CHANNEL_ANSWER, pb.CHANNEL_REPORT)


class Agents:
    name: ClassVar[str] = "agents"
    remembers: ClassVar[bool] = True
    idle_seconds: ClassVar[float | None] = None

    def __init__(self) -> None:
        self._texts = Texts()
        self._speaker: dict[str, str] = {}
        self._asked: dict[tuple[str, int], list[Said]] = {}
        self._told: tuple[str, str] = ("", "")

    def encode(self, event: pb.Event) -> Sequence[Frame]:
        return [Frame(said["type"], orjson.dumps(said)) for said in self.say(event)]

    def say(self, event: pb.Event) -> Iterable[Said]:
        """Yield what is said of *event*, before it is put into JSON."""
        kind = event.WhichOneof("payload") or ""
        speak = WORDS.get(kind)
        about = {"run_id": event.run_id, "timestamp": timestamp(event.time)}
        for said in speak(self, event, getattr(event, kind)) if speak else ():
            yield {**said, **about}

    def gap(self, oldest: int) -> Sequence[Frame]:
        message = f"What happened before number {oldest:,} is no longer kept."
        return (Frame("progress", orjson.dumps({"type": "progress", "message": message, "oldest": oldest})),)

    def idle(self) -> Sequence[Frame]:
        return ()

    def _agent(self, step: str) -> str:
        """Return who speaks in *step*: the agent whose step it is, or whose step it is a part of.

        Parts of parts are told by somebody whom the agent asked, not by itself. Without agents the step itself speaks.
        """
        within, _, _ = step.rpartition("/")
        alone = "" if self._speaker else step
        return self._speaker.get(step) or self._speaker.get(within) or alone

    def _progress(self, event: pb.Event, message: str, **more: Any) -> Iterable[Said]:
        """Say how far the run is, unless the step said the same just before or says nothing."""
        if message and self._told != (event.step, message):
            self._told = event.step, message
            yield {"type": "progress", "progress": round(event.progress, 3), "message": message, **more}

    def _queued(self, event: pb.Event, it: pb.RunQueued) -> Iterable[Said]:
        ahead = f" ({it.position - 1} ahead)" if it.position > 1 else ""
        return self._progress(event, f"Waiting for a free worker{ahead}...")

    def _step_started(self, event: pb.Event, it: pb.StepStarted) -> Iterable[Said]:
        return self._progress(event, it.title)

    def _step_progressed(self, event: pb.Event, it: pb.StepProgressed) -> Iterable[Said]:
        return self._progress(event, it.message)

    def _step_failed(self, event: pb.Event, it: pb.StepFailed) -> Iterable[Said]:
        return self._progress(event, it.message, will_retry=it.will_retry)

    def _step_skipped(self, event: pb.Event, it: pb.StepSkipped) -> Iterable[Said]:
        return self._progress(event, it.cause)

    def _input_requested(self, event: pb.Event, it: pb.InputRequested) -> Iterable[Said]:
        return self._progress(event, it.prompt, input=to_dict(it))

    def _agent_started(self, event: pb.Event, it: pb.AgentStarted) -> Iterable[Said]:
        self._speaker[event.step] = it.agent
        yield {"type": "agent_start", "agent": it.agent, "role": it.role, "attempt": event.attempt}

    def _text(self, event: pb.Event, it: pb.TextDelta | pb.TextCompleted) -> Iterable[Said]:
        if it.channel in SPOKEN and (agent := self._agent(event.step)) and (chunk := self._texts.hear(event)):
            yield {"type": "agent_chunk", "agent": agent, "content": chunk, "attempt": event.attempt}

    def _agent_completed(self, event: pb.Event, it: pb.AgentCompleted) -> Iterable[Said]:
        yield {
            "type": "agent_complete",
            "agent": it.agent,
            "response": it.text,
            "partial": it.partial,
            "sources": list(it.citations),
            "duration_seconds": seconds(it.duration),
            "attempt": event.attempt,
        }

    def _interaction(self, event: pb.Event, it: pb.AgentInteraction) -> Iterable[Said]:
        tokens = {"input_tokens": it.input_tokens, "output_tokens": it.output_tokens}
        said = {
            "from_agent": it.from_agent,
            "to_agent": it.to_agent,
            "query": it.query,
            "response": it.response,
            "metadata": {"duration_seconds": seconds(it.duration), **tokens, **struct(it.metadata)},
        }
        self._asked.setdefault((event.step, event.attempt), []).append(said)
        yield {"type": "interaction", **said}

    def _completed(self, event: pb.Event, it: pb.RunCompleted) -> Iterable[Said]:
        yield self._complete(it.totals, it.summary, partial=False)

    def _failed(self, event: pb.Event, it: pb.RunFailed) -> Iterable[Said]:
        reason = ErrorReason.Name(it.reason).removeprefix("ERROR_REASON_")
        yield {"type": "error", "error": it.message, "reason": reason, "retryable": it.retryable}
        yield from self._partial(it.totals)

    def _cancelled(self, event: pb.Event, it: pb.RunCancelled) -> Iterable[Said]:
        yield {"type": "error", "error": it.cause or "Cancelled.", "reason": "CANCELLED", "retryable": False}
        yield from self._partial(it.totals)

    def _partial(self, totals: pb.Totals) -> Iterable[Said]:
        if self._answer:
            yield self._complete(totals, "", partial=True)

    def _complete(self, totals: pb.Totals, summary: str, *, partial: bool) -> Said:
        tokens = {"input_tokens": totals.input_tokens, "output_tokens": totals.output_tokens}
        return {
            "type": "complete",
            "response": self._answer or summary,
            "partial": partial,
            "interactions": self._interactions,
            "metadata": {"summary": summary, "duration_seconds": seconds(totals.duration), **tokens},
        }

    @property
    def _interactions(self) -> list[Said]:
        """Return who asked whom, as of the latest attempt of each step."""
        last: dict[str, int] = {}
        for step, attempt in self._asked:
            last[step] = max(attempt, last.get(step, 0))
        return [said for (step, attempt), asked in self._asked.items() if attempt == last[step] for said in asked]

    @property
    def _answer(self) -> str:
        return self._texts.whole(pb.CHANNEL_ANSWER) or self._texts.whole(pb.CHANNEL_REPORT)


WORDS: dict[str, Callable[[Agents, pb.Event, Any], Iterable[Said]]] = {
    "queued": Agents._queued,
    "step_started": Agents._step_started,
    "step_progressed": Agents._step_progressed,
    "step_failed": Agents._step_failed,
    "step_skipped": Agents._step_skipped,
    "input_requested": Agents._input_requested,
    "agent_started": Agents._agent_started,
    "text_delta": Agents._text,
    "text_completed": Agents._text,
    "agent_completed": Agents._agent_completed,
    "agent_interaction": Agents._interaction,
    "completed": Agents._completed,
    "failed": Agents._failed,
    "cancelled": Agents._cancelled,
}

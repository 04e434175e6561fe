"""The client over a WebSocket: asking, watching and steering several runs through whatever lets HTTP through.

async with levada.websocket.connect("http://127.0.0.1:8080") as client:
    async for event in client.ask("What was revenue last month?"):
        print(event.sequence, event.WhichOneof("payload"))

It needs the extra `websocket`. Streams are those of `levada.connect`: each event once and in order, taken up again by
themselves when the connection breaks, at most five times in a row unless *retry* says otherwise.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from types import SimpleNamespace
from typing import Any

from google.protobuf import json_format

from levada.dial import Dial, Token
from levada.errors import CallFailed, CursorExpired
from levada.retry import Attempts, OnReconnect, Retry, silent
from levada.stream import Stream
from levada.v1 import event_pb2, query_service_pb2, run_pb2
from levada.v1 import run_service_pb2 as service
from levada.wire import Behind, Message, Wire

DEFAULT_ADDRESS = "http://127.0.0.1:8080"
FIVE = Retry(attempts=5)
# Stands for a line to a server where streams are opened: what they ask for is returned as it is.
ASKED: Any = SimpleNamespace(
    runs=SimpleNamespace(WatchRun=lambda asked: asked), queries=SimpleNamespace(RunQuery=lambda asked: asked)
)
Asked = service.WatchRunRequest | query_service_pb2.RunQueryRequest


@asynccontextmanager
async def connect(
    address: str = DEFAULT_ADDRESS,
    *,
    token: Token | None = None,
    retry: Retry = FIVE,
    on_reconnect: OnReconnect = silent,
) -> AsyncIterator["SocketClient"]:
    """Open a client of the gateway at *address*; the connection is made when something is asked for first.

    *token* makes a token for each connection; without one they are asked of the gateway. *on_reconnect* is called
    before each attempt to connect again.
    """
    caller = SocketCaller(Dial(address, token, retry), retry, on_reconnect)
    try:
        yield SocketClient(caller)
    finally:
        await caller.close()


class SocketClient:
    """Runs over one WebSocket; `connect` makes one. Methods raise CallFailed, ServerUnreachable."""

    def __init__(self, caller: "SocketCaller") -> None:
        self._caller = caller

    def ask(self, question: str, **request: Any) -> Stream:
        """Ask *question* and stream the run; *request* are further fields of RunRequest."""
        return Stream(self._caller, request=run_pb2.RunRequest(question=question, **request))

    def watch(self, run_id: str, after: int = 0, *, on_gap: Callable[[range], None] | None = None) -> Stream:
        """Stream a run's events after number *after*, live or past, as `levada.Client.watch` does."""
        return Stream(self._caller, run_id=run_id, after=after, on_gap=on_gap)

    async def cancel(self, run_id: str, cause: str = "") -> run_pb2.Run:
        """Ask that a run be cancelled; it ends a moment later."""
        return await self._caller.steer("cancel", runId=run_id, cause=cause)

    async def pause(self, run_id: str) -> run_pb2.Run:
        """Ask that a run rest before its next step; `resume` lets it go on."""
        return await self._caller.steer("pause", runId=run_id)

    async def resume(self, run_id: str) -> run_pb2.Run:
        """Let a paused run go on."""
        return await self._caller.steer("resume", runId=run_id)

    async def respond(self, run_id: str, answer: run_pb2.InputAnswer) -> run_pb2.Run:
        """Answer what a run asks."""
        return await self._caller.steer("respond", runId=run_id, answer=as_json(answer))


class SocketCaller:
    """What streams and calls share: the open connection, and how often another is tried."""

    def __init__(self, dial: Dial, retry: Retry, tell: OnReconnect) -> None:
        self.retry = retry
        self.tell = tell
        self._dial = dial
        self._opening = asyncio.Lock()
        self._wire: Wire | None = None
        self._reading: asyncio.Task[None] | None = None

    def passes(self, error: CallFailed) -> bool:
        """Tell whether another attempt may succeed; a gateway that never answered is not waited for."""
        return (error.lost and self._wire is not None) or (error.limited and self.retry.when_limited)

    async def messages(self, make: Callable[[Any], Asked]) -> AsyncGenerator[service.WatchRunResponse, None]:
        """Yield the events of what *make* asks for. Raises CallFailed when the connection breaks."""
        reading = Reading(make(ASKED))
        while not reading.ended:
            async with aclosing(self._read(await self._connected(), reading)) as events:
                async for event in events:
                    yield service.WatchRunResponse(events=[event])

    async def _read(self, wire: Wire, reading: "Reading") -> AsyncGenerator[event_pb2.Event, None]:
        """Yield events until there are no more, or the reader was too slow: then *reading* says where to go on."""
        with wire.inbox() as (name, inbox):
            await wire.say(reading.kind, name, **reading.members)
            try:
                while not reading.ended:
                    event = reading.hear(await inbox.take())
                    if event is not None:
                        yield event
            except Behind:
                return
            finally:
                if not (reading.ended or inbox.full or wire.broken):
                    await wire.say("unwatch", name)

    async def steer(self, kind: str, **members: Any) -> run_pb2.Run:
        """Return the run once what was asked of it was taken; asking twice does no harm."""
        attempts = Attempts(self.retry)
        while True:
            try:
                return await self._steered(kind, members)
            except CallFailed as error:
                if not self.passes(error) or not await attempts.again(error, self.tell):
                    raise

    async def close(self) -> None:
        """Close the connection; whoever still reads is told that it broke."""
        if self._wire is not None and self._reading is not None:
            await self._wire.close()
            await self._reading

    async def _steered(self, kind: str, members: Message) -> run_pb2.Run:
        wire = await self._connected()
        with wire.inbox() as (name, inbox):
            await wire.say(kind, name, **members)
            answer = await inbox.take(self.retry.answer)
        return json_format.ParseDict(answer["run"], run_pb2.Run(), ignore_unknown_fields=True)

    async def _connected(self) -> Wire:
        """Return the connection, a new one if there is none that stands. Raises CallFailed."""
        async with self._opening:
            if self._wire is None or self._wire.broken:
                self._wire = await self._dial.open()
                self._reading = asyncio.create_task(self._wire.read())  # ended by `close`, or by the connection's end
            return self._wire


class Reading:
    """What is read of one run: the message that asks for it from where the reader is."""

    def __init__(self, asked: Asked) -> None:
        self.ended = False
        self.kind, self.members = "run", Message()
        if isinstance(asked, service.WatchRunRequest):
            self._watch(asked.run_id, asked.after_sequence)
        else:
            self.members["request"] = as_json(asked.run)

    def hear(self, message: Message) -> event_pb2.Event | None:
        """Return the event that *message* is, if it is one. Raises CursorExpired."""
        if message["type"] == "gap":
            text = "Some of the run's events are no longer kept."
            raise CursorExpired(text, reason="CURSOR_EXPIRED", details={"oldest_sequence": message["oldestSequence"]})
        self.ended = message["type"] == "end"
        if message["type"] != "event":
            return None
        event = json_format.ParseDict(message["data"], event_pb2.Event(), ignore_unknown_fields=True)
        self._watch(event.run_id, event.sequence)
        return event

    def _watch(self, run_id: str, after: int) -> None:
        self.kind, self.members = "watch", {"runId": run_id, "after": str(after)}


def as_json(message: Any) -> Message:
    return json_format.MessageToDict(message)

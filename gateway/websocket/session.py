"""One connection's conversation: what the client says is done, several things at a time, and answered by its id."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from google.protobuf.message import Message as ProtoMessage
from starlette.types import Receive, Send

from gateway.dialects import DIALECTS, Dialect
from gateway.endpoints.events import readable
from gateway.endpoints.runs import create
from gateway.hub import Hub
from gateway.problems import Problem, invalid
from gateway.proto_json import to_dict
from gateway.requests import filled, parsed, text
from gateway.tracing import Asking, failed
from gateway.upstream import Upstream
from gateway.websocket.outflow import Outflow, Reserved
from gateway.websocket.words import Message, Tongue, body
from levada.v1 import run_service_pb2 as pb
from levada.v1.run_pb2 import RunRequest

# Requests of one connection that are under way together; while there are so many, nothing more is read.
MOST_AT_ONCE = 16
LONGEST_ID = 100
CARRIED = ("traceparent", "tracestate")

log = logging.getLogger(__name__)


class Session:
    def __init__(
        self, upstream: Upstream, hub: Hub, tongue: Tongue, asking: Asking, receive: Receive, send: Send
    ) -> None:
        self._upstream = upstream
        self._asking = asking
        self._tongue = tongue
        self._receive = receive
        self._send = send
        self._flow = Outflow(hub, tongue, self._say)
        self._free = asyncio.Semaphore(MOST_AT_ONCE)
        runs = upstream.runs
        self._steering: dict[str, tuple[Any, Callable[[], ProtoMessage]]] = {
            "cancel": (runs.CancelRun, pb.CancelRunRequest),
            "pause": (runs.PauseRun, pb.PauseRunRequest),
            "resume": (runs.ResumeRun, pb.ResumeRunRequest),
            "respond": (runs.RespondToRun, pb.RespondToRunRequest),
        }
        self._making = {"run": self._run, "fork": self._fork}
        self._spanned = {*self._making, "watch", "unwatch", *self._steering}

    async def run(self) -> None:
        """Serve until the client leaves. What it asked for before is still done, as with a request over HTTP."""
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(self._flow.run())
            try:
                await self._say(self._tongue.greeting)
                while (event := await self._receive())["type"] != "websocket.disconnect":
                    await self._take(event.get("text"), group)
            finally:
                writing.cancel()
                self._flow.close()

    async def _take(self, told: str | None, group: asyncio.TaskGroup) -> None:
        await self._free.acquire()
        group.create_task(self._answer(told)).add_done_callback(lambda _: self._free.release())

    async def _answer(self, told: str | None) -> None:
        """Do what a message asks for, and say what is wrong with it."""
        name = ""
        try:
            message = read(told)
            name = named(message)
            carrier = {header: text(message, header) for header in CARRIED if message.get(header)}
            message = self._tongue.heard({key: value for key, value in message.items() if key not in CARRIED})
            name = named(message)
            await self._traced(text(message, "type", needed=True), name, message, carrier)
        except Problem as problem:
            await self._say(self._tongue.said("error", name, problem=body(problem)))

    async def _traced(self, kind: str, name: str, message: Message, carrier: dict[str, str]) -> None:
        """Do what a message asks for within a span; what goes wrong is said with its trace."""
        if kind not in self._spanned:
            await self._do(kind, name, message)
            return
        with self._asking.span(kind, carrier) as span:
            try:
                await self._do(kind, name, message)
            except Problem as problem:
                span.set_attribute("http.response.status_code", problem.status)
                if problem.status >= 500:
                    failed(span, problem.reason)
                await self._say(self._tongue.said("error", name, problem=body(problem)))

    async def _do(self, kind: str, name: str, message: Message) -> None:
        if kind in self._making:
            await self._make(self._making[kind], name, message)
        elif kind == "watch":
            await self._watch(name, text(message, "runId", needed=True), cursor(message), self._dialect(message))
        elif kind == "unwatch":
            if not self._flow.end(name):
                raise invalid("id", f"There is no watch {name!r} on this connection; it may have ended.")
            await self._say(self._tongue.said("unwatched", name))
        elif kind in self._steering:
            await self._steer(kind, name, message)
        elif kind == "ping":
            await self._say(self._tongue.said("pong", name))
        else:
            known = ", ".join([*self._making, "watch", "unwatch", *self._steering, "ping"])
            raise invalid("type", f"There is no message {kind[:50]!r}; there is {known}.")

    async def _make(self, make: Callable[[Message], Awaitable[Any]], name: str, message: Message) -> None:
        """Make a run and watch it. The name is taken before, so that nothing else gets it meanwhile."""
        dialect, after = self._dialect(message), cursor(message)
        reserved = self._flow.reserve(name)
        try:
            created = await make(message)
            await self._say(self._tongue.said("created", name, run=to_dict(created.run), existed=created.existed))
            await self._begin(reserved, created.run.run_id, after, dialect)
        finally:
            self._flow.release(reserved)

    async def _watch(self, name: str, run_id: str, after: int, dialect: Dialect) -> None:
        reserved = self._flow.reserve(name)
        try:
            await self._begin(reserved, run_id, after, dialect)
        finally:
            self._flow.release(reserved)

    async def _begin(self, reserved: Reserved, run_id: str, after: int, dialect: Dialect) -> None:
        """Begin a watch. One that has to hear all from the beginning is not told that the number is ahead: ask."""
        if dialect.remembers and after:
            await readable(self._upstream, run_id, after)
        self._flow.begin(reserved, run_id, after, dialect)

    async def _run(self, message: Message) -> Any:
        created, _ = await create(self._upstream, filled(member(message, "request"), RunRequest()))
        return created

    async def _fork(self, message: Message) -> Any:
        asked = filled(member(message, "request"), pb.ForkRunRequest())
        return await self._upstream.call(self._upstream.runs.ForkRun, asked)

    async def _steer(self, kind: str, name: str, message: Message) -> None:
        method, takes = self._steering[kind]
        asked = filled({key: value for key, value in message.items() if key not in ("type", "id")}, takes())
        answer = await self._upstream.call(method, asked)
        await self._say(self._tongue.said("done", name, **to_dict(answer)))

    def _dialect(self, message: Message) -> Dialect:
        name = text(message, "dialect") or self._tongue.dialect
        if name not in DIALECTS:
            raise invalid("dialect", f"There is no dialect {name[:50]!r}; there is {', '.join(DIALECTS)}.")
        return DIALECTS[name]()

    async def _say(self, message: str) -> None:
        """Send *message* once the client takes it; nobody hears it when the client has gone."""
        if message:
            try:
                await self._send({"type": "websocket.send", "text": message})
            except OSError:
                log.debug("the client has gone before all was said")


def read(told: str | None) -> Message:
    """Return the JSON object that a client's message is. Raises Problem."""
    try:
        value = orjson.loads(told or "")
    except orjson.JSONDecodeError as error:
        raise invalid("message", f"The message is not JSON in text: {error}.") from None
    if not isinstance(value, dict):
        raise invalid("message", "The message must be a JSON object.")
    return value


def named(message: Message) -> str:
    """Return the id that the client gave its request."""
    name = text(message, "id")
    if len(name) > LONGEST_ID:
        raise invalid("id", f"id may have {LONGEST_ID} characters.")
    return name


def member(message: Message, name: str) -> Message:
    value = message.get(name, {})
    if not isinstance(value, dict):
        raise invalid(name, f"{name} must be an object.")
    return value


def cursor(message: Message) -> int:
    """Return the number to go on after; like all 64-bit numbers it may be a text."""
    after = message.get("after", 0)
    return parsed(after if isinstance(after, str) else str(after), "after")

"""The messages of a WebSocket: JSON objects in text, each with a `type`, and the `id` that the client gave its request.

From the client:

    run      {id, request: a RunRequest, after?, dialect?}     make a run and watch it
    fork     {id, request: a ForkRunRequest, dialect?}         make a run from a step of another and watch it
    watch    {id, runId, after?, dialect?}                     watch a run after an event's number
    unwatch  {id}                                              watch no longer; the run goes on
    cancel, pause, resume, respond  {id, runId, ...}           steer a run, with the members that POST takes
    ping     {id?}

Each may have a W3C `traceparent`, and `tracestate`: what it asks for is done within that trace, else within that of the
handshake, else within one of its own.

From the server:

    created    {id, run, existed}               the run that was made; its events follow
    event      {id, event, data, sequence?}     one frame of the run's stream: what `event:`, `data:`, `id:` are in SSE
    position   {id, sequence}                   nothing new to say, but the cursor has moved on to here
    gap        {id, oldestSequence}             events before that number are no longer held
    end        {id}                             the run has ended and all was told
    unwatched  {id}                             nothing more comes for that id
    done       {id, run}                        steering was done
    error      {id, problem}                    what a problem over HTTP would say, with retryAfter in seconds
    pong       {id}
"""

from typing import Any, Protocol

import orjson

from gateway.dialects import Frame
from gateway.problems import Problem

Message = dict[str, Any]


class Tongue(Protocol):
    """How messages are put; what they mean is the same in each."""

    dialect: str
    """The dialect of watches that name none."""
    greeting: str
    """What is said first; empty for nothing."""

    def heard(self, message: Message) -> Message:
        """Return a client's *message* in the words above. Raises Problem."""

    def said(self, kind: str, name: str, **members: Any) -> str:
        """Return the message of that *kind* for what the client named *name*; empty where there is no word for it."""

    def event(self, name: str, frame: Frame, number: int) -> str:
        """Return the message of one frame, with the event's number if it is the event's last."""


class Plain:
    """The words above."""

    dialect = "native"
    greeting = ""

    def heard(self, message: Message) -> Message:
        return message

    def said(self, kind: str, name: str, **members: Any) -> str:
        return orjson.dumps({"type": kind, "id": name, **members}).decode()

    def event(self, name: str, frame: Frame, number: int) -> str:
        head: Message = {"type": "event", "id": name, "event": frame.event}
        if number:
            head["sequence"] = str(number)
        # The frame's own JSON, so that it is the same to the byte as over SSE.
        return f'{orjson.dumps(head).decode()[:-1]},"data":{frame.data.decode()}}}'


def body(problem: Problem) -> Message:
    """Return the members of *problem*, and how many seconds to wait before trying again, where it says so."""
    wait = problem.headers.get("Retry-After")
    return problem.body() | ({"retryAfter": int(wait)} if wait else {})

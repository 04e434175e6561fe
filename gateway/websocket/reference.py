"""The WebSocket of the reference design's client, where agents answer messages.

The client sends {type: "message", message, ...} with the members that POST /api/streaming/multi-agent takes, and may
add `id`, and `request_id` that makes sending it twice safe; {type: "watch", run_id, after?}; {type: "cancel", run_id?},
of the run asked for last when none is named; {type: "ping"}. It hears {type: "connected", connection_id} first,
{type: "created", id, run_id} for a message, the frames of the dialect `agents` as they are over SSE, each with the `id`
of its message and, where an event ends, its `sequence`, and {type: "pong"}. What else there is, `traceparent` too, is
as on /v1/ws.
"""

import itertools
from typing import Any

import orjson
from pydantic import ValidationError
from starlette.types import Scope

from gateway.dialects import Frame
from gateway.endpoints.agents import Said
from gateway.endpoints.asked import wrong
from gateway.hub import Hub
from gateway.problems import invalid
from gateway.proto_json import to_dict
from gateway.requests import text
from gateway.tokens import Tokens
from gateway.upstream import Upstream
from gateway.websocket.door import Door
from gateway.websocket.session import named
from gateway.websocket.words import Message

PATH = "/api/streaming/ws/{connection_id}"
MESSAGES = ("message", "query")
ENVELOPE = ("type", "id", "request_id")


class Reference:
    """One connection's words. It remembers which run was made last."""

    dialect = "agents"

    def __init__(self, connection_id: str) -> None:
        self.greeting = told("connected", connection_id=connection_id)
        self._ids = map(str, itertools.count(1))
        self._last = ""

    def heard(self, message: Message) -> Message:
        kind = text(message, "type") or "message"
        if kind in MESSAGES:
            return self._asked(message)
        heard = {"id": message.get("run_id", ""), **message}
        if "run_id" in heard:
            heard["runId"] = heard.pop("run_id")
        if kind == "cancel" and not heard.setdefault("runId", self._last):
            raise invalid("run_id", "Nothing was asked on this connection yet; name the run that is to be cancelled.")
        return heard

    def said(self, kind: str, name: str, **members: Any) -> str:
        if kind == "end":  # `complete` or `error` said it
            return ""
        if kind == "error":
            problem = members.pop("problem")
            members = {**problem, "error": problem["detail"]}
        if run := members.pop("run", None):
            members["run_id"] = run["runId"]
        if kind == "created":
            self._last = members["run_id"]
        return told(kind, **{**members, "id": name})

    def event(self, name: str, frame: Frame, number: int) -> str:
        about = {"id": name, **({"sequence": str(number)} if number else {})}
        return f"{orjson.dumps(about).decode()[:-1]},{frame.data.decode()[1:]}"

    def _asked(self, message: Message) -> Message:
        """Return the request for the run that answers *message*. Raises Problem."""
        try:
            said = Said.model_validate({name: value for name, value in message.items() if name not in ENVELOPE})
        except ValidationError as error:
            raise wrong(error, Said) from None
        run = said.to_run(text(message, "request_id"))
        return {"type": "run", "id": named(message) or next(self._ids), "request": to_dict(run)}


def told(kind: str, **members: Any) -> str:
    return orjson.dumps({**members, "type": kind}).decode()


def reference(upstream: Upstream, hub: Hub, tokens: Tokens) -> Door:
    """Return the door of the reference design's client."""

    def speak(scope: Scope) -> Reference:
        return Reference(scope["path_params"]["connection_id"][:100])

    return Door(PATH, ("Have agents answer messages over a WebSocket.", __doc__ or ""), speak, upstream, hub, tokens)

"""What an HTTP operation is. The routes and /openapi.json are both made from these, so that neither can stray."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from google.protobuf.message import Message
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

Handler = Callable[[Request], Awaitable[Any]]


@dataclass(frozen=True)
class Parameter:
    """A parameter in the query string or a header; those in the path are read off the path."""

    name: str
    description: str
    where: str = "query"
    kind: str = "string"


@dataclass(frozen=True)
class Operation:
    """One method on one path.

    *takes* is the message in the body, *gives* the one in the answer; a dict in place of a message is a JSON schema,
    and a *media* other than JSON is what the answer is written in, if so it is read with `Accept`; several are
    separated by ", ". A GET that *makes* something is asked by pages of other origins only where they may ask.
    """

    method: str
    path: str
    summary: str
    handler: Handler
    takes: type[Message] | dict[str, Any] | None = None
    gives: type[Message] | dict[str, Any] | None = None
    status: int = 200
    parameters: tuple[Parameter, ...] = ()
    media: str = "application/json"
    others: tuple[tuple[int, str], ...] = ()
    description: str = ""
    makes: bool = False


class Part(Protocol):
    """What offers operations."""

    def operations(self) -> list[Operation]: ...


class Endpoint:
    """What is at one path: the handlers by method, each of which returns the answer to a request."""

    def __init__(self, handlers: dict[str, Handler]) -> None:
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        handler = self._handlers["GET" if method == "HEAD" else method]
        answer: ASGIApp = await handler(Request(scope, receive))
        await answer(scope, receive, send)


def routes(operations: list[Operation]) -> list[Route]:
    """Return the routes; operations that share a path share one, so that a wrong method is told all that are right."""
    by_path: dict[str, dict[str, Handler]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation.handler
    return [Route(path, Endpoint(handlers), methods=list(handlers)) for path, handlers in by_path.items()]

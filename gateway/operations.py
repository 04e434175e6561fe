"""What an HTTP operation is. The routes and /openapi.json are both made from these, so that neither can stray."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp

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
    separated by ", ".
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

    def route(self) -> Route:
        return Route(self.path, self.handler, methods=[self.method])


def routes(operations: list[Operation]) -> list[Route]:
    """Return the routes; operations that share a path share one, so that a wrong method is told all that are right."""
    by_path: dict[str, list[Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, []).append(operation)
    return [shared[0].route() if len(shared) == 1 else together(path, shared) for path, shared in by_path.items()]


def together(path: str, operations: list[Operation]) -> Route:
    handlers = {operation.method: operation.handler for operation in operations}

    async def handle(request: Request) -> ASGIApp:
        return await handlers["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, handle, methods=list(handlers))

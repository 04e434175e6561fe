"""A server on loopback that speaks Slack's Web API over a workspace in memory, and breaks as networks and Slack do.

`python -m core.sources.sample.slack_server FILE.json --port N` serves the workspace in FILE, written as
the fields of Workspace.
"""

import argparse
import asyncio
import json
import sys
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from core.sources.sample.slack_workspace import Params, Token, Workspace


@dataclass(frozen=True)
class Pause:
    """Ask to come back after so many seconds."""

    seconds: int


@dataclass(frozen=True)
class Half:
    """Send half of the answer and break the connection; *whole*: end it as if that were all."""

    whole: bool = False


@dataclass(frozen=True)
class Drop:
    """Break the connection without an answer."""


@dataclass(frozen=True)
class Fail:
    """Answer so, in place of what was asked."""

    status: int
    body: bytes
    type: str = "application/json"


@dataclass(frozen=True)
class Slow:
    """Answer when *until* is set."""

    until: asyncio.Event = field(default_factory=asyncio.Event)


Fault = Pause | Half | Drop | Fail | Slow


class SlackServer:
    """Answers over *workspace*; *faults* are played first, one per request of their method.

    *asked* has every request; *left* the methods whose askers went before they had an answer.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.asked: list[tuple[str, Params]] = []
        self.left: list[str] = []
        self.url = ""

    def plays(self, method: str, *faults: Fault) -> None:
        self.faults[method].extend(faults)

    def count(self, method: str) -> int:
        return sum(asked == method for asked, _ in self.asked)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method, params = request.match_info["method"], dict(request.query)
        self.asked.append((method, params))
        body = json.dumps(self.workspace.answer(method, self._token(request), params)).encode()
        fault = self.faults[method].popleft() if self.faults[method] else None
        match fault:
            case Pause(seconds):
                said = {"ok": False, "error": "ratelimited"}
                return web.json_response(said, status=429, headers={"Retry-After": str(seconds)})
            case Half(whole=True):
                return web.Response(body=body[: len(body) // 2], content_type="application/json")
            case Half():
                return await _torn(request, body)
            case Drop():
                _break(request)
            case Fail(status, other, kind):
                return web.Response(status=status, body=other, content_type=kind)
            case Slow(until):
                await self._wait(method, until)
        return web.Response(body=body, content_type="application/json")

    def _token(self, request: web.Request) -> Token | None:
        return self.workspace.tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))

    async def _wait(self, method: str, until: asyncio.Event) -> None:
        try:
            await until.wait()
        except asyncio.CancelledError:
            self.left.append(method)
            raise


async def _torn(request: web.Request, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    _break(request)
    return response


def _break(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


@asynccontextmanager
async def slack_server(workspace: Workspace, port: int = 0) -> AsyncIterator[SlackServer]:
    """Serve *workspace* on loopback; `url` is what a source takes for its base_url."""
    server = SlackServer(workspace)
    app = web.Application()
    app.router.add_route("*", "/api/{method}", server.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        yield server
    finally:
        await runner.cleanup()


async def _serve(file: Path, port: int) -> None:
    data = json.loads(await asyncio.to_thread(file.read_text))
    tokens = {token: Token(**whose) for token, whose in data.pop("tokens", {"xoxp-demo": {"user": ""}}).items()}
    async with slack_server(Workspace(**data, tokens=tokens), port) as server:
        sys.stdout.write(f"listening on {server.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Serve a Slack workspace from a file.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.file, arguments.port))

"""The whole gateway as one ASGI application: what it is made of, and which path leads where."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from core.settings import Settings
from gateway import openapi, operations
from gateway.doorkeeper import Doorkeeper, origins
from gateway.endpoints import pages
from gateway.endpoints.agents import Conversing
from gateway.endpoints.catalog import Catalog
from gateway.endpoints.classifying import Classifying
from gateway.endpoints.events import Events
from gateway.endpoints.export import Export
from gateway.endpoints.generating import Generating
from gateway.endpoints.health import Health
from gateway.endpoints.knowledge import Knowledge
from gateway.endpoints.panel import Panel
from gateway.endpoints.questions import Questions
from gateway.endpoints.runs import Runs
from gateway.endpoints.sessions import Sessions
from gateway.endpoints.tokens import Issuing
from gateway.endpoints.workflows import Workflows
from gateway.faults import Faults
from gateway.hub import Hub
from gateway.metrics import figures
from gateway.operations import Part
from gateway.origins import Origins
from gateway.problems import STANDING
from gateway.responses import json_response
from gateway.tokens import Tokens
from gateway.tracing import Tracing
from gateway.upstream import Upstream
from gateway.websocket import DOORS

VERSION = "0.1.0"
ASKED_HEADERS = ("Content-Type", "Idempotency-Key", "Last-Event-ID", "Traceparent", "Tracestate", "Authorization")
TOLD_HEADERS = ("Location", "Link", "Retry-After", "Content-Disposition", "Levada-Rows", "Levada-Truncated", *STANDING)


@dataclass
class Gateway:
    """The application with what it holds. Make it inside the event loop that will run it."""

    app: ASGIApp
    routes: list[Route]
    hub: Hub
    upstream: Upstream


def create(settings: Settings) -> Gateway:
    upstream = Upstream(settings)
    hub = Hub(upstream.channel, settings.heartbeat)
    figures.streams = lambda: len(hub)
    events = Events(upstream, hub)
    export = Export(upstream, settings.limits.write_seconds)
    tokens = Tokens(settings)
    doors = [door(upstream, hub, tokens) for door in DOORS]
    parts: tuple[Part, ...] = (
        events,  # routes are tried in this order, and most requests are for streams
        Runs(upstream),
        export,
        Catalog(upstream),
        Knowledge(upstream),
        Panel(upstream, events),
        Workflows(upstream, events),
        Conversing(upstream, events),
        Generating(upstream, events),
        Questions(upstream, events),
        Classifying(upstream, settings.heartbeat),
        Sessions(upstream, events),
        Issuing(tokens),
        *doors,
        Health(upstream),
    )
    offered = [operation for part in parts for operation in part.operations()]

    @cache
    def document() -> bytes:
        return orjson.dumps(openapi.document(offered, VERSION))

    async def describe(request: Request) -> Response:
        return json_response(document())

    @asynccontextmanager
    async def lifespan(app: object) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(hub.run())
            yield
            hub.stop()
            running.cancel()
        await upstream.close()

    routes = [*operations.routes(offered), Route("/openapi.json", describe), *pages.routes()]
    router = Router([*routes, *(door.route() for door in doors)], lifespan=lifespan)
    making = [operation.path for operation in offered if operation.makes]
    return Gateway(guarded(router, settings, making), routes, hub, upstream)


def guarded(app: ASGIApp, settings: Settings, making: Collection[str] = ()) -> ASGIApp:
    """Return *app* within what every request passes. Pure ASGI, each of them, and few: a stream holds them all."""
    cors = Origins(
        Doorkeeper(Faults(app), settings, making),
        allow_origins=origins(settings),
        allow_origin_regex=settings.cors_origin_regex or None,
        allow_methods=("GET", "POST", "DELETE"),
        allow_headers=ASKED_HEADERS,
        expose_headers=TOLD_HEADERS,
    )
    return Tracing(cors)

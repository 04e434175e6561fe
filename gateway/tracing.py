"""A span and a duration for every request, within the browser's trace when it sends a traceparent. None per event.

A WebSocket is one request, answered with 101 and over when it is closed; what is asked over it has spans of its own.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import context, trace
from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import telemetry
from gateway.metrics import figures

CARRIED = {b"traceparent", b"tracestate"}
ANSWERED = {"http.response.start", "websocket.http.response.start", "websocket.accept"}
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


class Tracing:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        asked = scope.get("method", "GET")  # none is said of a WebSocket, which is opened with GET
        method = asked if asked in METHODS else "_OTHER"
        span = self._start(scope, method)
        status = 499

        # Not a coroutine: what is sent for each event should not pass through one more.
        def noting(message: Message) -> Any:
            nonlocal status
            if message["type"] in ANSWERED:
                status = message.get("status", 101)
            return send(message)

        token = context.attach(trace.set_span_in_context(span))
        try:
            await self._app(scope, receive, noting)
        finally:
            context.detach(token)
            self._finish(span, scope, method, status, time.perf_counter() - began)

    def _start(self, scope: Scope, method: str) -> trace.Span:
        return telemetry.tracer.start_span(
            method,
            context=named(scope),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method, "url.path": scope["path"], "url.scheme": scope["scheme"]},
        )

    def _finish(self, span: trace.Span, scope: Scope, method: str, status: int, duration: float) -> None:
        attributes: dict[str, Any] = {"http.request.method": method, "http.response.status_code": status}
        if route := getattr(scope.get("route"), "path", None):
            attributes["http.route"] = route
            span.update_name(f"{method} {route}")
        if status >= 500:
            attributes["error.type"] = str(status)
            span.set_status(StatusCode.ERROR)
        span.set_attributes(attributes)
        span.end()
        figures.requests.record(duration, {**attributes, "url.scheme": scope["scheme"]})


class Asking:
    """The spans of what is asked over one connection, whose own is the current one.

    Each is in the trace that it names itself, else in that of the handshake; where that named none, in one of its own,
    as a connection that is kept for hours would else put all that is asked into one.
    """

    def __init__(self, scope: Scope) -> None:
        self._route: str = scope["route"].path
        self._joined = within_a_trace(named(scope))

    @contextmanager
    def span(self, kind: str, carrier: Mapping[str, str]) -> Iterator[trace.Span]:
        """Begin the span of one message of that *kind*, within the trace of which its *carrier* speaks, if it does."""
        connection = trace.get_current_span().get_span_context()
        told = telemetry.remote(carrier)
        own = None if self._joined and not within_a_trace(told) else told
        with telemetry.tracer.start_as_current_span(
            f"{self._route} {kind}",
            context=own,
            kind=SpanKind.SERVER,
            attributes={"http.route": self._route, "levada.message": kind},
            links=[trace.Link(connection)] if own is not None and connection.is_valid else (),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except Exception as error:
                failed(span, type(error).__name__)
                raise


def named(scope: Scope) -> context.Context:
    """Return the context that a request's headers speak of."""
    carrier = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in CARRIED}
    return telemetry.remote(carrier)


def within_a_trace(there: context.Context) -> bool:
    return trace.get_current_span(there).get_span_context().is_valid


def failed(span: trace.Span, kind: str) -> None:
    """Note on *span* that this side failed, and how."""
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)

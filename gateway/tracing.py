"""A span and a duration for every request, within the browser's trace when it sends a traceparent. None per event."""

import time
from typing import Any

from opentelemetry import context, trace
from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import telemetry
from gateway.metrics import figures

CARRIED = {b"traceparent", b"tracestate"}
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}


class Tracing:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        span = self._start(scope, method)
        status = 499

        # Not a coroutine: what is sent for each event should not pass through one more.
        def noting(message: Message) -> Any:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            return send(message)

        token = context.attach(trace.set_span_in_context(span))
        try:
            await self._app(scope, receive, noting)
        finally:
            context.detach(token)
            self._finish(span, scope, method, status, time.perf_counter() - began)

    def _start(self, scope: Scope, method: str) -> trace.Span:
        carrier = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in CARRIED}
        return telemetry.tracer.start_span(
            method,
            context=telemetry.remote(carrier),
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

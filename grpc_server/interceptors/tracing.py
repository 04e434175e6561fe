"""A span and a duration for every call, within the caller's trace when it sends a traceparent."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
from opentelemetry.trace import SpanKind, StatusCode

from core import telemetry
from grpc_server.interceptors.base import Call, Interceptor

# The conventions for RPC count these as the server's errors; the others are the caller's.
SERVER_ERRORS = {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}

_duration = telemetry.meter.create_histogram("rpc.server.call.duration", "s", "Duration of calls")


class Tracing(Interceptor):
    """Traces calls. The outermost interceptor, so that it sees the status that the caller gets."""

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        metadata = {str(key): str(value) for key, value in call.context.invocation_metadata() or ()}
        attributes = {"rpc.system.name": "grpc", "rpc.method": call.method}
        began = time.perf_counter()
        with telemetry.tracer.start_as_current_span(
            call.method,
            context=telemetry.remote(metadata),
            kind=SpanKind.SERVER,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            code = "CANCELLED"
            try:
                yield
                code = "OK"
            except grpc.aio.AbortError:
                code = call.context.code().name
                raise
            finally:
                attributes["rpc.response.status_code"] = code
                if code in SERVER_ERRORS:
                    attributes["error.type"] = code
                    span.set_status(StatusCode.ERROR)
                span.set_attributes(attributes)
                _duration.record(time.perf_counter() - began, attributes)

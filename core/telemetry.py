"""Traces, metrics and logs: names, set-up from OpenTelemetry's own variables, and a trace's way between processes.

Nothing leaves the process unless an OTEL_* variable says where to; trace ids are there always.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping

from opentelemetry import context, metrics, trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from core.errors import LevadaError

tracer = trace.get_tracer("levada")
meter = metrics.get_meter("levada")

_propagator = TraceContextTextMapPropagator()


class ExporterMissing(LevadaError):
    """An OTEL_* variable asks for an exporter that is not installed."""


def traceparent() -> str:
    """Return the current span as a W3C traceparent; empty when there is none."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent", "")


def remote(carrier: Mapping[str, str]) -> context.Context:
    """Return the context that a caller's `traceparent` and `tracestate` speak of; the empty one when they don't."""
    return _propagator.extract(carrier, context.Context()) if carrier else context.Context()


def trace_id() -> str:
    """Return the current trace id, 32 hexadecimal digits; empty when there is none."""
    found = trace.get_current_span().get_span_context()
    return trace.format_trace_id(found.trace_id) if found.is_valid else ""


def set_up(service: str, *, prometheus: bool = False) -> Callable[[], None]:
    """Set up the process's telemetry as *service*; return what flushes and ends it.

    *prometheus* keeps metrics readable by prometheus_client's default registry. Raises ExporterMissing.
    """
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    name = os.environ.get("OTEL_SERVICE_NAME") or service
    resource = Resource.create({"service.name": name})
    traces = TracerProvider(resource=resource)
    for processor in _span_processors():
        traces.add_span_processor(processor)
    trace.set_tracer_provider(traces)
    figures = MeterProvider(_metric_readers(prometheus), resource=resource)
    metrics.set_meter_provider(figures)
    _log_with_trace_ids()

    def end() -> None:
        traces.shutdown()
        figures.shutdown()

    return end


def _exporters(signal: str) -> list[str]:
    """Return the names of the exporters that the environment asks for, `otlp` where it only names an endpoint."""
    endpoint = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    asked = os.environ.get(f"OTEL_{signal}_EXPORTER") or ("otlp" if endpoint else "none")
    return [name for name in (part.strip() for part in asked.split(",")) if name not in ("", "none")]


def _span_processors() -> Iterator:
    from opentelemetry.sdk.trace import export

    for name in _exporters("TRACES"):
        if name == "console":
            yield export.SimpleSpanProcessor(export.ConsoleSpanExporter())
        elif name == "otlp":
            _refuse_http("TRACES")
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

            yield export.BatchSpanProcessor(OTLPSpanExporter())
        else:
            raise _unknown("OTEL_TRACES_EXPORTER", name, "none, otlp, console")


def _metric_readers(prometheus: bool) -> list:
    from opentelemetry.sdk.metrics import export

    readers: list = []
    names = _exporters("METRICS")
    if prometheus or "prometheus" in names:
        readers.append(_prometheus_reader(serve=not prometheus))
    for name in names:
        if name == "console":
            readers.append(export.PeriodicExportingMetricReader(export.ConsoleMetricExporter()))
        elif name == "otlp":
            _refuse_http("METRICS")
            from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter

            readers.append(export.PeriodicExportingMetricReader(OTLPMetricExporter()))
        elif name != "prometheus":
            raise _unknown("OTEL_METRICS_EXPORTER", name, "none, otlp, prometheus, console")
    return readers


def _prometheus_reader(*, serve: bool):
    """Return a reader for Prometheus; *serve* opens the page for it where the process has no web server of its own."""
    from opentelemetry.exporter.prometheus import PrometheusMetricReader

    if serve:
        from prometheus_client import start_http_server

        host = os.environ.get("OTEL_EXPORTER_PROMETHEUS_HOST", "localhost")
        start_http_server(int(os.environ.get("OTEL_EXPORTER_PROMETHEUS_PORT", "9464")), host)
    return PrometheusMetricReader()


def _refuse_http(signal: str) -> None:
    protocol = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if protocol not in (None, "", "grpc"):
        raise _unknown("OTEL_EXPORTER_OTLP_PROTOCOL", protocol, "grpc")


def _unknown(variable: str, value: str, known: str) -> ExporterMissing:
    return ExporterMissing(f"{variable} is {value!r}, which is not installed here. Set it to one of: {known}.")


# They log addresses with the passwords in them, and on `debug` whole prompts.
_TELLTALES = ("httpx2", "httpcore2", "openai", "anthropic", "botocore")
# They warn of every wrong tracestate in its sender's words, line breaks and all: anybody could fill the log.
_REPEATING = ("opentelemetry.trace.span", "opentelemetry.trace.propagation.tracecontext")


def _log_with_trace_ids() -> None:
    def mark(record: logging.LogRecord) -> bool:
        record.trace_id = trace_id() or "-"
        return True

    handler = logging.StreamHandler()
    handler.addFilter(mark)
    asked = os.environ.get("OTEL_LOG_LEVEL", "info").upper()
    logging.basicConfig(
        level=logging.getLevelNamesMapping().get(asked, logging.INFO),
        format="%(asctime)s %(levelname)s %(name)s trace=%(trace_id)s %(message)s",
        handlers=[handler],
    )
    for chatty in ("alembic", "uvicorn", *_TELLTALES):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    for repeating in _REPEATING:
        logging.getLogger(repeating).setLevel(logging.ERROR)

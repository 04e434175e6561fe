"""The span of one query, by OpenTelemetry's semantic conventions for databases: no rows, no literal values."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from core.errors import LevadaError
from core.sources.base import SQL, CheckedQuery, Source

_tracer = trace.get_tracer("levada")
_SYSTEMS = {"postgres": "postgresql"}
_OPERATIONS = {SQL: "SELECT", "mongodb": "aggregate", "vector": "search", "slack": "read", "knowledge": "search"}
# The conventions bound a summary at 255 characters.
_LONGEST = 255


def summary(query: CheckedQuery) -> str:
    return " ".join([_OPERATIONS[query.language], *query.tables])[:_LONGEST]


@contextmanager
def query_span(source: Source, query: CheckedQuery) -> Iterator[trace.Span]:
    """Trace what happens within as *query* running in *source*."""
    attributes = {
        "db.system.name": _SYSTEMS.get(source.kind, source.kind),
        "db.operation.name": _OPERATIONS[query.language],
        "db.query.summary": summary(query),
        "levada.source": source.name,
    }
    # An exception's text may quote values of the data, so that only its kind is recorded.
    with _tracer.start_as_current_span(
        summary(query),
        kind=SpanKind.CLIENT,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            if isinstance(error, LevadaError):
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise

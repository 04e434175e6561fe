"""The engine's tracer and instruments. Attributes never hold data or secrets."""

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

tracer = trace.get_tracer("levada")
_meter = metrics.get_meter("levada")
_propagator = TraceContextTextMapPropagator()

runs_ended = _meter.create_counter("levada.runs", unit="{run}", description="Runs that ended, by pipeline and outcome.")
run_duration = _meter.create_histogram(
    "levada.run.duration", unit="s", description="From created to ended, by pipeline and outcome."
)
step_duration = _meter.create_histogram("levada.step.duration", unit="s", description="How long steps took.")
queue_wait = _meter.create_histogram("levada.queue.wait", unit="s", description="From created to first claimed.")
queue_length = _meter.create_gauge("levada.queue.length", unit="{run}", description="Runs that wait for a worker.")
first_event = _meter.create_histogram(
    "levada.first_event.duration", unit="s", description="From asked to the first event being durable."
)
rows_streamed = _meter.create_counter("levada.rows", unit="{row}", description="Rows streamed.")
refusals = _meter.create_counter(
    "levada.refusals", unit="{refusal}", description="Runs and streams refused, by the limit that was reached."
)
quality_checks = _meter.create_counter(
    "levada.quality_checks", unit="{check}", description="Looks at what steps made, by step, check and whether passed."
)
tokens = _meter.create_counter("levada.tokens", unit="{token}", description="Tokens, by direction.")
# The names and bounds of OpenTelemetry's conventions for generative AI.
token_usage = _meter.create_histogram(
    "gen_ai.client.token.usage",
    unit="{token}",
    description="Tokens of each call of a model, by direction.",
    explicit_bucket_boundaries_advisory=[4**power for power in range(14)],
)
_SECONDS = [0.01 * 2**power for power in range(14)]
model_duration = _meter.create_histogram(
    "gen_ai.client.operation.duration",
    unit="s",
    description="How long calls of models took.",
    explicit_bucket_boundaries_advisory=_SECONDS,
)
first_token = _meter.create_histogram(
    "gen_ai.client.operation.time_to_first_chunk",
    unit="s",
    description="From a call of a model to the first piece of its answer.",
    explicit_bucket_boundaries_advisory=_SECONDS,
)


def context_of(traceparent: str) -> Context | None:
    """Return the trace context that *traceparent* carries; None (the current one) when it is empty."""
    return _propagator.extract({"traceparent": traceparent}) if traceparent else None


def traceparent_of(span: trace.Span) -> tuple[str, str]:
    """Return a span's W3C traceparent and trace id; both empty when nothing is traced."""
    context = span.get_span_context()
    if not context.is_valid:
        return "", ""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier, trace.set_span_in_context(span))
    return carrier["traceparent"], trace.format_trace_id(context.trace_id)

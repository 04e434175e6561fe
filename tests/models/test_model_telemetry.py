"""What operators see of calls: spans and figures as OpenTelemetry's conventions for generative AI want them."""

import json

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from core import measures
from core.models.conduct import retries
from core.models.conduct.telemetry import CAPTURE
from tests.models.conducting import heard, opened
from tests.models.wire.house import PROMPT
from tests.spans import recorded

__all__ = ["heard", "opened"]


@pytest.fixture
def figures(monkeypatch):
    """Return what reads the figures that are recorded, as {name: {attributes: count or sum}}."""
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader]).get_meter("levada")
    for instrument in ("token_usage", "model_duration", "first_token"):
        made = getattr(measures, instrument)
        unit = getattr(made, "_unit", "")
        monkeypatch.setattr(measures, instrument, meter.create_histogram(made._name, unit=unit))

    def read():
        (resource,) = reader.get_metrics_data().resource_metrics
        return {metric.name: list(metric.data.data_points) for metric in resource.scope_metrics[0].metrics}

    return read


async def test_each_try_is_a_span_of_its_own_within_the_present_one(opened, heard, monkeypatch):
    monkeypatch.setattr(retries, "FIRST", 0.0)
    with recorded() as spans:
        async with opened() as house:
            house.wire.plays(house.format.problem(500, "Oops."))
            house.answers("SELECT 1")
            with measures.tracer.start_as_current_span("generate_sql"):
                await house.read()

    step = spans.one("generate_sql")
    failed, good = spans.named("chat gpt-5.2")
    assert {span.parent.span_id for span in (failed, good)} == {step.context.span_id}
    assert failed.attributes["error.type"] == "ModelUnavailable"
    assert not failed.status.is_ok
    wanted = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-5.2",
        "gen_ai.response.model": "gpt-5.2-2026",
        "gen_ai.request.max_tokens": 4_096,
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.cache_read.input_tokens": 60,
        "gen_ai.usage.output_tokens": 7,
    }
    assert {name: good.attributes.get(name) for name in wanted} == wanted
    assert good.kind.name == "CLIENT"
    assert failed.end_time <= good.start_time <= good.end_time <= step.end_time


@pytest.mark.parametrize("asked", ["", "false", "event_only"])
async def test_what_was_said_stays_out_of_traces(opened, heard, monkeypatch, asked):
    monkeypatch.setenv(CAPTURE, asked)
    with recorded() as spans:
        async with opened() as house:
            house.answers("SELECT secret")
            await house.read()

    assert "SELECT secret" not in str(dict(spans.one("chat gpt-5.2").attributes))
    assert PROMPT.system not in str(dict(spans.one("chat gpt-5.2").attributes))


@pytest.mark.parametrize("asked", ["true", "SPAN_ONLY"])
async def test_what_was_said_is_in_traces_when_the_operator_wants_it(opened, heard, monkeypatch, asked):
    monkeypatch.setenv(CAPTURE, asked)
    with recorded() as spans:
        async with opened() as house:
            house.answers("SELECT 1")
            await house.read()

    told = spans.one("chat gpt-5.2").attributes
    (asked_for,) = json.loads(told["gen_ai.input.messages"])
    (answer,) = json.loads(told["gen_ai.output.messages"])
    assert asked_for == {"role": "user", "parts": [{"type": "text", "content": "How many orders?"}]}
    assert (answer["parts"][0]["content"], answer["finish_reason"]) == ("SELECT 1", "stop")
    assert json.loads(told["gen_ai.system_instructions"])[0]["content"] == PROMPT.system


async def test_tokens_and_times_are_measured(opened, heard, figures, monkeypatch):
    monkeypatch.setattr(retries, "FIRST", 0.0)
    async with opened() as house:
        house.wire.plays(house.format.problem(500, "Oops."))
        house.answers("SELECT 1")
        await house.read()

    found = figures()
    tokens = {point.attributes["gen_ai.token.type"]: point.sum for point in found["gen_ai.client.token.usage"]}
    assert tokens == {"input": 100, "output": 7}
    times = {point.attributes.get("error.type"): point.count for point in found["gen_ai.client.operation.duration"]}
    assert times == {"ModelUnavailable": 1, None: 1}
    (first,) = found["gen_ai.client.operation.time_to_first_chunk"]
    assert (first.count, first.attributes["gen_ai.request.model"]) == (1, "gpt-5.2")

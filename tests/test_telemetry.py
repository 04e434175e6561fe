"""Telemetry as OpenTelemetry's own variables ask for it. Providers are one a process, so each case is one."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import environment

ROOT = Path(__file__).parent.parent


def run(program: str, folder: Path, **variables: str) -> str:
    """Run a program with telemetry at hand; return all that it wrote."""
    done = subprocess.run(  # noqa: PLW1510 - the assertion below shows what it said
        [sys.executable, "-c", f"from core import telemetry\n{program}"],
        cwd=folder,
        env=environment(folder, **variables),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


SPAN = """
end = telemetry.set_up("levada-server")
with telemetry.tracer.start_as_current_span("work"):
    print(telemetry.trace_id(), telemetry.traceparent())
end()
"""


def test_there_are_trace_ids_and_nothing_is_sent_by_default(tmp_path):
    said = run(SPAN, tmp_path)
    trace_id, traceparent = said.split()
    assert len(trace_id) == 32
    assert traceparent.startswith(f"00-{trace_id}-")


def test_spans_go_where_the_variable_says_with_the_services_name(tmp_path):
    said = run(SPAN, tmp_path, OTEL_TRACES_EXPORTER="console")
    assert '"name": "work"' in said
    assert '"service.name": "levada-server"' in said


def test_a_service_name_of_ones_own_wins(tmp_path):
    said = run(SPAN, tmp_path, OTEL_TRACES_EXPORTER="console", OTEL_SERVICE_NAME="mine")
    assert '"service.name": "mine"' in said


def test_an_endpoint_alone_asks_for_otlp(tmp_path):
    program = "print([type(p).__name__ for p in telemetry._span_processors()], telemetry._exporters('METRICS'))"
    said = run(program, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    assert said.split() == ["['BatchSpanProcessor']", "['otlp']"]


def test_metrics_are_readable_by_prometheus(tmp_path):
    program = """
import prometheus_client
telemetry.set_up("levada-gateway", prometheus=True)
telemetry.meter.create_counter("levada.rows").add(7)
print(prometheus_client.generate_latest().decode())
"""
    assert "levada_rows_total" in run(program, tmp_path)


def test_logs_carry_the_trace_id(tmp_path):
    program = """
import logging
telemetry.set_up("levada-server")
with telemetry.tracer.start_as_current_span("work"):
    logging.getLogger("here").warning("look")
    print("id", telemetry.trace_id())
logging.getLogger("here").warning("outside")
"""
    said = run(program, tmp_path)
    trace_id = said.split("id ")[1].split()[0]
    assert f"trace={trace_id} look" in said
    assert "trace=- outside" in said


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_METRICS_EXPORTER", "statsd"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
    ],
)
def test_an_exporter_that_is_not_there_is_named(tmp_path, variable, value):
    program = """
try:
    telemetry.set_up("levada-server")
except telemetry.ExporterMissing as error:
    print(error.message)
"""
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"} if "PROTOCOL" in variable else {}
    said = run(program, tmp_path, **{variable: value}, **endpoint)
    assert variable in said
    assert value in said


FORGED = """
telemetry.set_up("levada-gateway")
parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
for state in ("a\\nforged line", "a=" + "x" * 10_000, ",".join(f"a{n}=1" for n in range(40))):
    telemetry.remote({"traceparent": parent, "tracestate": state})
print("done")
"""


def test_what_callers_say_of_their_traces_is_not_logged(tmp_path):
    assert run(FORGED, tmp_path) == "done\n"


CALL = """
import asyncio
from core.errors import ModelError
from core.models.language import Message, Prompt
from core.models.opening import open_model
from core.settings import ModelSettings

async def ask(name):
    model = open_model(name, ModelSettings(base_url="http://me:a-password@127.0.0.1:9/v1", key_variable="A_KEY"))
    try:
        await anext(model.stream(Prompt("", [Message("user", "a-secret-question")])))
    except ModelError as error:
        print(error.message)

telemetry.set_up("levada-server")
asyncio.run(ask("openai:a"))
asyncio.run(ask("anthropic:a"))
"""


def test_the_fullest_logs_tell_neither_prompts_nor_passwords_nor_keys(tmp_path):
    said = run(CALL, tmp_path, OTEL_LOG_LEVEL="debug", A_KEY="a-key-of-mine")

    assert said.count("can't be reached") == 2
    assert "DEBUG" in said
    assert [secret for secret in ("a-secret-question", "a-password", "a-key-of-mine") if secret in said] == []

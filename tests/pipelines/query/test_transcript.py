"""The whole transcript of a run, event by event, against the one kept in golden/.

LEVADA_GOLDEN=write writes it anew; read the difference before it is committed.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from levada.v1.event_pb2 import Event
from tests.pipelines.query.house import House, Seen, draft

GOLDEN = Path(__file__).parent / "golden"
# What differs from run to run.
CHANGING = {"runId", "time", "traceId", "duration", "estimatedDuration"}
# What findings and charts say has tests of its own.
WORDS = {"text", "figures", "severity", "vegaLite", "cause", "title", "summary"}


def plain(event: Event) -> dict[str, Any]:
    words = event.step in ("analyze_results", "generate_viz") or event.HasField("completed")
    return _without(MessageToDict(event), CHANGING | WORDS if words else CHANGING)


def _without(value: Any, left_out: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(inner, left_out) for key, inner in value.items() if key not in left_out}
    return [_without(inner, left_out) for inner in value] if isinstance(value, list) else value


def assert_golden(name: str, seen: Seen) -> None:
    path = GOLDEN / f"{name}.jsonl"
    lines = [json.dumps(plain(event), ensure_ascii=False) for event in seen.events]
    if os.environ.get("LEVADA_GOLDEN") == "write":
        path.write_text("\n".join(lines) + "\n")
    assert lines == path.read_text().splitlines()


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("answered", "SELECT flag, count(*) AS ships FROM ships GROUP BY flag ORDER BY ships DESC, flag"),
        ("mended", "SELECT flagg, count(*) AS ships FROM ships GROUP BY flagg ORDER BY ships DESC, flagg"),
        ("refused", "DELETE FROM ships"),
    ],
)
async def test_every_event_in_order(house: House, name: str, sql: str):
    await house.catalog.indexed(None, "default")
    house.plays(draft(sql, "Counts the ships of each flag."))
    assert_golden(name, await house.ask("How many ships has each flag?"))

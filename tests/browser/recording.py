"""A run of the sample shop as the server told it (tests of the client fold the same one), and variations of it."""

import json
from collections.abc import Mapping
from typing import Any

from levada.v1 import event_pb2 as events
from tests.servers import ROOT

Said = dict[str, Any]

RECORDED = ROOT / "clients/typescript/tests/recorded/revenue-by-month.jsonl"
PAYLOADS = {field.json_name for field in events.Event.DESCRIPTOR.oneofs_by_name["payload"].fields}
QUESTION = "Revenue by month in 2025?"
ANSWER = "Total revenue from January 2025 to December 2025 is 6,386,946 EUR"


def kind(event: Mapping[str, Any]) -> str:
    """Return which payload an event carries."""
    return next(name for name in event if name in PAYLOADS)


def recorded(question: str = QUESTION) -> list[Said]:
    """Return the events of a whole run, without what belongs to that run alone."""
    said = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    next(event for event in said if "started" in event)["started"]["question"] = question
    return [{name: value for name, value in event.items() if name not in {"runId", "sequence"}} for event in said]


def until(name: str, said: list[Said] | None = None) -> list[Said]:
    """Return the events before the first one of the kind *name*."""
    said = recorded() if said is None else said
    return said[: [kind(event) for event in said].index(name)]


def otherwise(answer: str, december: float) -> list[Said]:
    """Return the recorded run with another *answer*, and another figure for December."""
    said = recorded()
    for event in said:
        match kind(event):
            case "textCompleted" if event["textCompleted"]["channel"] == "CHANNEL_ANSWER":
                event["textCompleted"]["text"] = answer
            case "tableRows":
                event["tableRows"]["columns"][1]["doubles"]["values"][-1] = december
            case "completed":
                event["completed"]["summary"] = answer
    return [event for event in said if kind(event) not in {"finding", "textDelta"}]


def step(name: str, event: str, **payload: Any) -> Said:
    """Return an event of a step."""
    return {"step": name, "attempt": 1, event: payload}


def answering(*words: str) -> list[Said]:
    """Return pieces of an answer, as they are written."""
    return [step("analyze_results", "textDelta", channel="CHANNEL_ANSWER", text=word) for word in words]

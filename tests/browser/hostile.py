"""A run in which everything that can hold a text holds one that would do harm, were it not taken as a text."""

import json
from typing import Any

HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
ELSEWHERE = "https://elsewhere.example"

_ROWS: dict[str, Any] = {"data": {"name": "rows"}, "width": "container", "title": HOSTILE}


def _computed(expression: str) -> str:
    encoding = {"x": {"field": "z", "type": "quantitative"}}
    return json.dumps(
        {**_ROWS, "mark": "bar", "transform": [{"calculate": expression, "as": "z"}], "encoding": encoding}
    )


CHARTS = {
    "links": json.dumps(
        {
            **_ROWS,
            "mark": {"type": "bar", "href": "javascript:window.hacked=1"},
            "encoding": {
                "x": {"field": "n", "type": "quantitative", "title": HOSTILE},
                "y": {"field": "t", "type": "nominal"},
                "href": {"value": "javascript:window.hacked=1"},
                "tooltip": [{"field": "t", "title": HOSTILE}, {"field": "n", "type": "quantitative"}],
            },
            "usermeta": {"embedOptions": {"defaultStyle": HOSTILE}},
        }
    ),
    "addresses": json.dumps(
        {
            "data": {"url": f"{ELSEWHERE}/data.json"},
            "mark": {"type": "image", "url": f"{ELSEWHERE}/picture.png"},
            "encoding": {"x": {"field": "n", "type": "quantitative"}},
        }
    ),
    "expression": _computed("window.hacked = 1"),
    "constructor": _computed("toString.constructor('window.hacked = 1')()"),
    "no chart at all": "{",
}


def run(chart: str) -> list[dict[str, Any]]:
    """Return the events of a run with that *chart*, each a second after the one before."""
    said = [
        {"queued": {"position": 1}},
        {"started": _started()},
        *({"step": "s", "attempt": 1, **it} for it in _step(chart)),
    ]
    return [
        {"runId": "r", "sequence": str(number), "time": f"2026-01-31T12:00:{number:02}Z", **event}
        for number, event in enumerate(said, 1)
    ]


def _started() -> dict[str, Any]:
    info = {"step": "s", "title": HOSTILE, "icon": HOSTILE, "category": "CATEGORY_ACTION"}
    return {"pipeline": HOSTILE, "question": HOSTILE, "steps": [info]}


def _step(chart: str) -> list[dict[str, Any]]:
    columns = [
        {"name": HOSTILE, "type": "COLUMN_TYPE_TEXT", "unit": HOSTILE},
        {"name": "t", "type": "COLUMN_TYPE_TEXT"},
        {"name": "n", "type": "COLUMN_TYPE_INTEGER"},
    ]
    values = [
        {"texts": {"values": [HOSTILE, "b"]}},
        {"texts": {"values": [HOSTILE, "b"]}},
        {"ints": {"values": ["5", "7"]}},
    ]
    query = f"SELECT '{HOSTILE}' -- </code></pre>{HOSTILE}"
    drawn = {"kind": "CHART_KIND_BAR", "vegaLite": chart, "cause": HOSTILE, "tableId": "t", "title": HOSTILE}
    call = {"provider": HOSTILE, "model": HOSTILE, "prompt": HOSTILE, "response": HOSTILE, "problem": HOSTILE}
    links = f"[x](javascript:window.hacked=1) ![x]({ELSEWHERE}/x.png)"
    answer = f"{HOSTILE}\n\n# {HOSTILE}\n\n{links}\n\n```html\n{HOSTILE}\n```"
    return [
        {"stepStarted": {"title": HOSTILE, "icon": HOSTILE, "category": "CATEGORY_ACTION"}},
        {"queryProposed": {"queryId": "q", "source": HOSTILE, "language": "sql", "text": query, "author": HOSTILE}},
        {"queryRefused": {"queryId": "q", "rule": HOSTILE, "message": HOSTILE}},
        {"tableStarted": {"tableId": "t", "queryId": "q", "columns": columns}},
        {"tableRows": {"tableId": "t", "rowCount": 2, "columns": values}},
        {"tableCompleted": {"tableId": "t", "rows": "2", "truncated": True, "message": HOSTILE}},
        {"chart": {**drawn, "explanation": HOSTILE}},
        {"modelCalled": {**call, "duration": "1s"}},
        {"textCompleted": {"channel": "CHANNEL_ANSWER", "text": answer}},
        {"inputRequested": {"inputId": "i", "kind": "INPUT_KIND_APPROVAL", "prompt": HOSTILE, "query": HOSTILE}},
    ]

"""A chart as text: bars for categories, columns of blocks for a course over time."""

import json
import math
from collections.abc import Sequence

from rich.text import Text

from levada.v1 import event_pb2 as events
from levada.view import TableView

BLOCKS = " ▁▂▃▄▅▆▇█"
BARS = "▏▎▍▌▋▊▉█"
HEIGHT = 6
MOST_BARS = 12


def draw(chart: events.Chart, table: TableView, width: int) -> Text | None:
    """Return *chart* over the rows that *table* kept, at most *width* wide; None when text can't show it."""
    if chart.kind not in {events.CHART_KIND_LINE, events.CHART_KIND_BAR, events.CHART_KIND_ARC}:
        return None
    pairs = _pairs(chart, table)
    if len(pairs) < 2 or (chart.kind == events.CHART_KIND_LINE and _has_series(chart)):
        return None
    return _columns(pairs, width) if chart.kind == events.CHART_KIND_LINE else _bars(pairs[:MOST_BARS], width)


def _has_series(chart: events.Chart) -> bool:
    return "color" in json.loads(chart.vega_lite).get("encoding", {})


def _pairs(chart: events.Chart, table: TableView) -> list[tuple[str, float]]:
    """Return (label, figure) of each row that the chart shows."""
    spec = json.loads(chart.vega_lite)
    aliases = {step["as"]: _column(step["calculate"]) for step in spec.get("transform", []) if "calculate" in step}
    names = {column.name: i for i, column in enumerate(table.columns)}
    value = label = None
    for channel in spec.get("encoding", {}).values():
        field = channel.get("field", "") if isinstance(channel, dict) else ""
        index = names.get(aliases.get(field, field))
        if index is not None and channel.get("type") == "quantitative":
            value = index
        elif index is not None and label is None:
            label = index
    if value is None or label is None:
        return []
    return [(str(row[label]), float(row[value])) for row in table.rows if row[value] is not None]


def _column(expression: str) -> str:
    """Return the column that a calculated field stands for: datum["name"], the name as JSON."""
    inside = expression.removeprefix("datum[").removesuffix("]")
    return json.loads(inside) if inside != expression else expression


def _bars(pairs: Sequence[tuple[str, float]], width: int) -> Text:
    room = max(10, width - 40)
    most = max(abs(value) for _, value in pairs) or 1.0
    out = Text()
    for label, value in pairs:
        eighths = round(abs(value) / most * room * 8)
        bar = "█" * (eighths // 8) + (BARS[eighths % 8 - 1] if eighths % 8 else "")
        out.append(f"{_cut(label, 22):>22} ", "dim").append(bar, "red" if value < 0 else "blue")
        out.append(f" {number(value)}\n")
    return out


def _columns(pairs: Sequence[tuple[str, float]], width: int) -> Text:
    values = [value for _, value in pairs]
    room = max(10, width - 14)
    if len(values) > room:
        values = [values[int(i * len(values) / room)] for i in range(room)]
    low, high = min(*values, 0.0), max(values)
    span = (high - low) or 1.0
    wide = max(1, min(3, room // len(values)))
    out = Text()
    for row in reversed(range(HEIGHT)):
        edge = number(high) if row == HEIGHT - 1 else number(low) if row == 0 else ""
        out.append(f"{edge:>12} ", "dim")
        for value in values:
            filled = (value - low) / span * HEIGHT - row
            out.append(BLOCKS[min(8, max(0, round(filled * 8)))] * wide, "blue")
        out.append("\n")
    first, last = pairs[0][0][:10], pairs[-1][0][:10]
    return out.append(f"{'':13}{first}{last:>{max(1, len(values) * wide - len(first))}}\n", "dim")


def number(value: float) -> str:
    """Return *value* for people: thousands separated, no more digits than help."""
    if not math.isfinite(value):
        return str(value)
    if value == int(value) or abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:,.2f}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"

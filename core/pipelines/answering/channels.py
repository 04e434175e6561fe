"""Vega-Lite's channels for a result's columns: axes of time and of figures, names, tooltips."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from core.pipelines.answering.analysis.periods import Grain
from core.pipelines.answering.analysis.statistics import Column
from core.pipelines.answering.analysis.view import noun
from core.pipelines.answering.analysis.words import human, sentence

JOINED, PERIOD = "levada_name", "levada_period"
_TIME_UNITS = {
    Grain.YEAR: "utcyear",
    Grain.QUARTER: "utcyearquarter",
    Grain.MONTH: "utcyearmonth",
    Grain.WEEK: "utcyearmonthdate",
    Grain.DAY: "utcyearmonthdate",
}

Spec = dict[str, Any]


def time_axis(time: Column, *, zoned: bool) -> tuple[Spec, Spec]:
    """Return the axis of *time*, and what has to be computed for it first.

    Labels that a browser reads as dates become a time axis in UTC, so that a day is the same day everywhere; an
    instant with its own offset (*zoned*) is cut to the day that it says. Others keep their order.
    """
    grain = time.timeline.grain if time.timeline else Grain.PART
    axis: Spec = {"field": time.name, "title": sentence(human(time.name))}
    if not _readable(time, grain):
        return axis | {"type": "ordinal", "sort": _order(time), "axis": {"labelOverlap": True, "labelAngle": 0}}, {}
    axis |= {"type": "temporal", "scale": {"type": "utc"}}
    if grain in _TIME_UNITS:
        axis["timeUnit"] = _TIME_UNITS[grain]
    if not zoned or grain is Grain.MOMENT:
        return axis, {}
    cut = f"substring({datum(time.name)}, 0, 10)"
    return axis | {"field": PERIOD}, {"transform": [{"calculate": cut, "as": PERIOD}]}


def _order(time: Column) -> str | list[str]:
    """Return the order of labels: their own where they are numbers, else that of their periods."""
    labels = time.labels or []
    if time.timeline is None or not all(isinstance(label, str) for label in labels):
        return "ascending"
    return [label for _, label in sorted(zip(time.timeline.periods, labels, strict=True), key=lambda pair: pair[0])]


def _readable(time: Column, grain: Grain) -> bool:
    first = time.labels[0] if time.labels else ""
    if isinstance(first, str):
        return grain in (Grain.DAY, Grain.MOMENT) or (grain is Grain.MONTH and "-" in first)
    return isinstance(first, date)


def figure_axis(measure: Column) -> Spec:
    unit = f" ({measure.unit})" if measure.unit else ""
    axis: Spec = {
        "field": measure.name,
        "type": "quantitative",
        "title": f"{sentence(human(measure.name))}{unit}",
    }
    if max(map(abs, measure.values), default=0) >= 10_000:
        axis["axis"] = {"format": "~s"}
    return axis


def names(column: Column) -> Spec:
    word = human(column.name)
    if word in ("name", "title") and column.table:
        word = noun(column)
    return {"field": column.name, "type": "nominal", "title": sentence(word)}


def bare(axis: Spec) -> Spec:
    """Return what a tooltip needs of an axis."""
    return {key: value for key, value in axis.items() if key in ("field", "type", "title", "timeUnit", "aggregate")}


def joined(columns: Sequence[Column]) -> Spec:
    parts = " + ' ' + ".join(datum(column.name) for column in columns)
    return {"transform": [{"calculate": parts, "as": JOINED}]}


def plain(spec: Any, aliases: Mapping[str, str]) -> Any:
    """Return *spec* with every field of *aliases* under its other name."""
    if isinstance(spec, list):
        return [plain(part, aliases) for part in spec]
    if not isinstance(spec, dict):
        return spec
    return {
        key: aliases.get(value, value) if key == "field" and isinstance(value, str) else plain(value, aliases)
        for key, value in spec.items()
    }


def datum(name: str) -> str:
    """Return the expression for the field *name* of a row."""
    return f"datum[{json.dumps(name, ensure_ascii=False)}]"

"""Chooses the chart that fits a result, by rule, and writes it as a Vega-Lite specification without data."""

import json
import re
from collections.abc import Sequence

from core.pipelines.answering.analysis import view
from core.pipelines.answering.analysis.periods import Grain
from core.pipelines.answering.analysis.roles import Role
from core.pipelines.answering.analysis.statistics import Column, Statistics
from core.pipelines.answering.analysis.words import human, sentence, title
from core.pipelines.answering.channels import JOINED, Spec, bare, datum, figure_axis, joined, names, plain, time_axis
from levada.v1 import event_pb2 as events
from levada.v1.event_pb2 import Chart, ChartKind, ResultColumn

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
MOST_SLICES = 5
MOST_BARS = 30
MOST_LINES = 8
MOST_POINTS = 5_000


def choose(columns: Sequence[ResultColumn], stats: Statistics, question: str, table_id: str) -> Chart:
    """Return the chart for a result; TABLE, with the reason, where none would say more than the rows do."""
    zoned = {column.name for column in columns if column.type == events.COLUMN_TYPE_TIMESTAMP_ZONED}
    kind, cause, spec = _chosen(stats, zoned)
    name = title(question)
    if spec:
        spec = {"$schema": SCHEMA, "title": name, "data": {"name": "rows"}, "width": "container"} | _renamed(
            spec, stats
        )
    return Chart(
        kind=kind,
        vega_lite=json.dumps(spec, ensure_ascii=False) if spec else "",
        cause=cause,
        table_id=table_id,
        title=name,
    )


def _renamed(spec: Spec, stats: Statistics) -> Spec:
    """Give fields whose names Vega-Lite would read as paths plain ones: escaping them breaks sorting."""
    odd = [column.name for column in stats.columns if not re.fullmatch(r"[\w $%-]+", column.name)]
    aliases = {name: f"levada_{number}" for number, name in enumerate(odd)}
    if not aliases:
        return spec
    computed = [{"calculate": datum(name), "as": alias} for name, alias in aliases.items()]
    return plain(spec, aliases) | {"transform": computed + spec.get("transform", [])}


def _chosen(stats: Statistics, zoned: set[str]) -> tuple[ChartKind, str, Spec]:
    measures = stats.measures
    if not stats.rows:
        return events.CHART_KIND_TABLE, "There are no rows to draw.", {}
    if not measures:
        return events.CHART_KIND_TABLE, "There are no figures to draw.", {}
    if stats.rows == 1:
        if len(measures) == 1:
            return events.CHART_KIND_FIGURE, "A single figure is best read as it is.", {}
        return events.CHART_KIND_TABLE, "A single row of several figures is best read as it is.", {}
    return _along_time(stats, zoned) or _by_name(stats) or _two_figures(stats) or _none(stats)


def _along_time(stats: Statistics, zoned: set[str]) -> tuple[ChartKind, str, Spec] | None:
    time, measure = view.time_of(stats), stats.measures[0]
    if time is None or (stats.keys and not stats.grouped) or (stats.cut and stats.keys):
        return None
    groups = [column for column in stats.having(Role.CATEGORY) if len(column.labels or ()) > 1]
    part = next((column for column in stats.having(Role.TIME) if column is not time and _is_part(column)), None)
    if part is not None and not groups:
        # Year and month apart: one line a year, along the months.
        time, groups = part, [time]
    if len(time.labels or ()) < 2:
        return None
    group = groups[0] if len(groups) == 1 and len(groups[0].labels or ()) <= MOST_LINES else None
    if not view.series(stats, time, measure, group):
        return None
    x, transform = time_axis(time, zoned=time.name in zoned)
    y = figure_axis(measure)
    if groups and group is None:
        y["aggregate"] = "sum"
    encoding = {"x": x, "y": y, "tooltip": [bare(x), bare(y)]}
    cause = f"{sentence(human(measure.name))} over time: a line shows how it goes"
    if group is not None:
        encoding["color"] = names(group)
        encoding["tooltip"] = [bare(x), names(group), bare(y)]
        cause += f", one for each {view.noun(group)}"
    few = len(time.labels or ()) <= 40
    spec = {"mark": {"type": "line", "point": few}, "height": 300, "encoding": encoding}
    return events.CHART_KIND_LINE, f"{cause}.", transform | spec


def _is_part(column: Column) -> bool:
    return column.timeline is not None and column.timeline.grain is Grain.PART


def _by_name(stats: Statistics) -> tuple[ChartKind, str, Spec] | None:
    measure, columns = stats.measures[0], view.naming_columns(stats)
    if not columns or not 2 <= stats.rows <= MOST_BARS:
        return None
    alone = next((column for column in columns if len(column.labels or ()) == stats.rows), None)
    if alone is not None and alone.role is Role.IDENTIFIER:
        return events.CHART_KIND_TABLE, "Rows that only a number tells apart are best read as a table.", {}
    if alone is not None:
        return _arc(stats, alone, measure) or _bars(alone, measure)
    if view.is_person(columns):
        return _bars(columns[0], measure, joined(columns))
    if len(columns) != 2:
        return None
    inner, outer = sorted(columns, key=lambda column: len(column.labels or ()))
    if len(inner.labels or ()) > MOST_LINES:
        return None
    kind, cause, spec = _bars(outer, measure)
    spec["encoding"]["color"] = names(inner)
    if not measure.additive:
        spec["encoding"]["yOffset"] = {"field": inner.name}
    return kind, cause, spec


def _arc(stats: Statistics, name: Column, measure: Column) -> tuple[ChartKind, str, Spec] | None:
    values = measure.values
    parts = measure.additive and stats.grouped and not stats.cut and name.role is Role.CATEGORY
    if not parts or not 3 <= stats.rows <= MOST_SLICES or min(values) < 0 or not sum(values):
        return None
    theta = figure_axis(measure) | {"stack": True}
    theta.pop("axis", None)
    color = names(name) | {"sort": {"field": measure.name, "order": "descending"}}
    order = {"field": measure.name, "type": "quantitative", "sort": "descending"}
    encoding = {"theta": theta, "color": color, "order": order, "tooltip": [names(name), bare(theta)]}
    spec = {"mark": {"type": "arc", "innerRadius": 60}, "height": 300, "encoding": encoding}
    cause = f"A few parts that make up the whole {view.figure_name(measure)}: slices show each one's share."
    return events.CHART_KIND_ARC, cause, spec


def _bars(name: Column, measure: Column, person: Spec | None = None) -> tuple[ChartKind, str, Spec]:
    y = names(name) | {"sort": "-x"}
    if person:
        y |= {"field": JOINED, "title": sentence(human(name.table) if name.table else "name")}
    x = figure_axis(measure)
    encoding = {"y": y, "x": x, "tooltip": [bare(y), bare(x)]}
    spec = {"mark": {"type": "bar"}, "height": {"step": 22}, "encoding": encoding}
    cause = f"{sentence(human(measure.name))} side by side: bars, the longest first, are the easiest to compare."
    return events.CHART_KIND_BAR, cause, (person or {}) | spec


def _two_figures(stats: Statistics) -> tuple[ChartKind, str, Spec] | None:
    # In the result's own order: what comes first is what the other is held against.
    measures = [column for column in stats.columns if column in stats.measures]
    if len(measures) != 2 or not 3 <= stats.rows <= MOST_POINTS:
        return None
    x, y = (figure_axis(column) for column in measures)
    named = [names(column) for column in view.naming_columns(stats)]
    for axis in (x, y):
        axis["scale"] = {"zero": False}
    spec = {
        "mark": {"type": "point"},
        "height": 300,
        "encoding": {"x": x, "y": y, "tooltip": [*named, bare(x), bare(y)]},
    }
    return events.CHART_KIND_POINT, "Two figures for each row: points show how they go together.", spec


def _none(stats: Statistics) -> tuple[ChartKind, str, Spec]:
    if stats.rows > MOST_BARS and stats.keys:
        cause = f"{stats.rows:,} rows are more than bars can show, so the table says it best."
    else:
        cause = "These columns make no picture that says more than the table does."
    return events.CHART_KIND_TABLE, cause, {}

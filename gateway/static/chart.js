// Reads a chart event: which of the table's columns go where, as its Vega-Lite specification says. Drawing is elsewhere.

import { drawn, element } from "/static/dom.js";
import { arcs, bars, dots, lines } from "/static/shapes.js";

const SHAPES = { CHART_KIND_LINE: lines, CHART_KIND_BAR: bars, CHART_KIND_ARC: arcs, CHART_KIND_POINT: dots };
const PART = /substring\(datum\[("(?:[^"\\]|\\.)*")\], (\d+), (\d+)\)|datum\[("(?:[^"\\]|\\.)*")\]|'([^']*)'/g;

// Returns the picture, or null when the rows cannot be drawn that way.
export function picture(chart, table) {
  if (chart.kind === "CHART_KIND_FIGURE") return figure(table);
  const draw = SHAPES[chart.kind];
  const axes = draw && specified(chart.vegaLite);
  if (!axes) return null;
  const value = reader(axes.transform, table);
  const [across, up, series] = [value(axes.across), value(axes.up), axes.series ? value(axes.series) : null];
  if (!across || !up) return null;
  let points = across.map((x, row) => ({ x, y: up[row], series: series ? String(series[row] ?? "–") : "" }));
  points = points.filter((point) => point.x !== null && Number.isFinite(point.y));
  if (axes.summed) points = sums(points);
  if (points.length === 0) return null;
  const label = chart.title || `${axes.upTitle} by ${axes.acrossTitle}`;
  const svg = drawn("svg", { role: "img", "aria-label": label });
  draw(svg, points, axes);
  return element("figure", {}, svg, element("figcaption", {}, label));
}

function figure(table) {
  const row = table.rows[0];
  const index = row ? row.findIndex((value) => value !== null && Number.isFinite(Number(value))) : -1;
  if (index < 0) return null;
  const column = table.columns[index];
  const text = Number(row[index]).toLocaleString("en", { maximumFractionDigits: 2 });
  return element("p", { class: "figure" }, column.unit ? `${text} ${column.unit}` : text);
}

function specified(text) {
  let spec;
  try {
    spec = JSON.parse(text);
  } catch {
    return null;
  }
  const { x, y, theta, color } = spec.encoding ?? {};
  const lying = x?.type === "quantitative" && y && y.type !== "quantitative";
  const [across, up] = theta ? [color, theta] : lying ? [y, x] : [x, y];
  if (!across?.field || !up?.field) return null;
  return {
    across: across.field,
    acrossTitle: across.title ?? across.field,
    up: up.field,
    upTitle: up.title ?? up.field,
    summed: up.aggregate === "sum",
    series: theta ? null : color?.field,
    order: Array.isArray(across.sort) ? across.sort : null,
    transform: spec.transform ?? [],
  };
}

// A field is a column, or computed from columns: one of them, a piece of one, or several joined.
function reader(transform, table) {
  const computed = new Map(transform.filter((step) => step.calculate).map((step) => [step.as, [...step.calculate.matchAll(PART)]]));
  const part = ([, cut, from, to, whole, text], row) => {
    if (text !== undefined) return text;
    const found = table.values(JSON.parse(cut ?? whole))?.[row] ?? null;
    return cut && found !== null ? String(found).slice(from, to) : found;
  };
  return (field) => {
    const parts = computed.get(field);
    if (!parts) return table.values(field);
    const rows = table.rows.map((_, row) => parts.map((each) => part(each, row)));
    return rows.map((found) => (found.length === 1 ? found[0] : found.map((each) => each ?? "").join("")));
  };
}

function sums(points) {
  const found = new Map();
  for (const { x, y, series } of points) {
    const key = JSON.stringify([x, series]);
    found.set(key, { x, series, y: (found.get(key)?.y ?? 0) + y });
  }
  return [...found.values()];
}

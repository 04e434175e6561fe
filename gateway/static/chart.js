// A chart of a table's rows as plain SVG, from what the chart event's Vega-Lite specification says about fields.

import { drawn, element } from "/static/dom.js";

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 64;
const BOTTOM = 40;
const TOP = 10;
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

// Returns the picture, or null when the rows cannot be drawn that way.
export function picture(chart, table) {
  if (chart.kind === "CHART_KIND_FIGURE") return figure(table);
  const fields = specified(chart.vegaLite);
  if (!fields) return null;
  const across = table.values(fields.across);
  const up = table.values(fields.up);
  if (!across || !up || !up.some(Number.isFinite)) return null;
  const points = across.map((x, index) => ({ x, y: up[index] })).filter((point) => point.x !== null && Number.isFinite(point.y));
  const draw = { CHART_KIND_LINE: line, CHART_KIND_BAR: bars, CHART_KIND_ARC: arcs, CHART_KIND_POINT: dots }[chart.kind];
  if (!draw || points.length === 0) return null;
  const label = chart.title || `${fields.up} by ${fields.across}`;
  const svg = drawn("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label });
  draw(svg, points, fields);
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
  let encoding;
  try {
    const spec = JSON.parse(text);
    encoding = spec.encoding ?? spec.layer?.[0]?.encoding ?? {};
  } catch {
    return null;
  }
  const field = (channel) => encoding[channel]?.field?.replace(/\\(.)/g, "$1");
  const pair = encoding.theta ? [field("color"), field("theta")] : [field("x"), field("y")];
  const lying = encoding.x?.type === "quantitative" && encoding.y && encoding.y.type !== "quantitative";
  const [across, up] = lying ? pair.reverse() : pair;
  return across && up ? { across, up } : null;
}

// The axis for figures: lines at round numbers, from zero where that is not far away.
function scale(svg, numbers, fromZero) {
  const least = Math.min(...numbers, ...(fromZero ? [0] : []));
  const most = Math.max(...numbers, ...(fromZero ? [0] : []));
  const span = most - least || Math.abs(most) || 1;
  const rough = 10 ** Math.floor(Math.log10(span / 4));
  const stride = [1, 2, 2.5, 5, 10].map((by) => by * rough).find((by) => span / by <= 5);
  const low = Math.floor(least / stride) * stride;
  const high = Math.ceil((most === least ? most + stride : most) / stride) * stride;
  const place = (value) => HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - BOTTOM - TOP);
  for (let value = low; value <= high + stride / 2; value += stride) {
    const y = place(value);
    svg.append(drawn("line", { x1: LEFT, x2: WIDTH, y1: y, y2: y, class: "grid" }));
    svg.append(label(LEFT - 6, y + 4, SHORT.format(value), "end"));
  }
  return place;
}

function names(svg, labels, place) {
  const every = Math.ceil(labels.length / 10);
  labels.forEach((text, index) => {
    if (index % every === 0) svg.append(label(place(index), HEIGHT - BOTTOM + 18, cut(text, 14), "middle"));
  });
}

function line(svg, points) {
  const sorted = [...points].sort((a, b) => (a.x < b.x ? -1 : a.x > b.x ? 1 : 0));
  const y = scale(svg, sorted.map((point) => point.y), false);
  const x = (index) => LEFT + 20 + (index * (WIDTH - LEFT - 50)) / Math.max(1, sorted.length - 1);
  const path = sorted.map((point, index) => `${index ? "L" : "M"}${x(index).toFixed(1)} ${y(point.y).toFixed(1)}`).join("");
  svg.append(drawn("path", { d: path, class: "trace" }));
  sorted.forEach((point, index) => svg.append(told(drawn("circle", { cx: x(index), cy: y(point.y), r: 3, class: "mark" }), point)));
  names(svg, sorted.map((point) => point.x), x);
}

function bars(svg, points) {
  const y = scale(svg, points.map((point) => point.y), true);
  const wide = (WIDTH - LEFT) / points.length;
  points.forEach((point, index) => {
    const top = Math.min(y(point.y), y(0));
    const box = { x: LEFT + index * wide + wide * 0.12, y: top, width: wide * 0.76, height: Math.abs(y(point.y) - y(0)) };
    svg.append(told(drawn("rect", { ...box, class: "mark" }), point));
  });
  names(svg, points.map((point) => point.x), (index) => LEFT + (index + 0.5) * wide);
}

function dots(svg, points, fields) {
  const y = scale(svg, points.map((point) => point.y), false);
  const numbers = points.map((point) => Number(point.x));
  const least = Math.min(...numbers);
  const span = Math.max(...numbers) - least || 1;
  const x = (value) => LEFT + 20 + ((Number(value) - least) / span) * (WIDTH - LEFT - 50);
  points.forEach((point) => svg.append(told(drawn("circle", { cx: x(point.x), cy: y(point.y), r: 4, class: "mark see-through" }), point)));
  svg.append(label(x(least), HEIGHT - BOTTOM + 18, SHORT.format(least), "middle"));
  svg.append(label(x(least + span), HEIGHT - BOTTOM + 18, SHORT.format(least + span), "middle"));
  svg.append(label(WIDTH / 2, HEIGHT - 6, fields.across, "middle"));
}

function arcs(svg, points) {
  const whole = points.reduce((sum, point) => sum + Math.max(0, point.y), 0) || 1;
  const [x, y, radius] = [150, HEIGHT / 2, 125];
  let from = 0;
  points.forEach((point, index) => {
    const share = Math.min(0.99999, Math.max(0, point.y) / whole);
    const at = (turn) => `${x + radius * Math.sin(turn * 2 * Math.PI)} ${y - radius * Math.cos(turn * 2 * Math.PI)}`;
    const path = `M${x} ${y}L${at(from)}A${radius} ${radius} 0 ${share > 0.5 ? 1 : 0} 1 ${at(from + share)}Z`;
    svg.append(told(drawn("path", { d: path, class: `slice slice-${index % 6}` }), point));
    const top = 40 + index * 26;
    svg.append(drawn("rect", { x: 320, y: top - 11, width: 14, height: 14, class: `slice slice-${index % 6}` }));
    svg.append(label(342, top, `${cut(point.x, 24)}: ${SHORT.format(point.y)} (${Math.round((100 * point.y) / whole)} %)`, "start"));
    from += share;
  });
}

function told(mark, point) {
  mark.append(drawn("title", {}, `${point.x}: ${point.y.toLocaleString("en")}`));
  return mark;
}

function label(x, y, text, anchor) {
  return drawn("text", { x, y, "text-anchor": anchor }, text);
}

function cut(text, most) {
  const short = String(text).replace(/T00:00:00.*$/, "");
  return short.length > most ? `${short.slice(0, most - 1)}…` : short;
}

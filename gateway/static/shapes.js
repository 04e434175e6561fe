// Shapes in plain SVG: lines, bars, slices and points, with their axes.

import { drawn } from "/static/dom.js";

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 64;
const NAMES = 190;
const BOTTOM = 40;
const TOP = 10;
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

function size(svg, height) {
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
}

// The axis for figures, with lines at round numbers.
function scale(svg, numbers) {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
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

export function lines(svg, points, { order }) {
  size(svg, HEIGHT);
  const place = order ? (x) => order.indexOf(x) : null;
  const labels = [...new Set(points.map((point) => point.x))].sort((a, b) => (place ? place(a) - place(b) : a < b ? -1 : 1));
  const y = scale(svg, points.map((point) => point.y));
  const x = (index) => LEFT + 20 + (index * (WIDTH - LEFT - 50)) / Math.max(1, labels.length - 1);
  const series = [...new Set(points.map((point) => point.series))];
  series.forEach((name, number) => {
    const own = points.filter((point) => point.series === name).sort((a, b) => labels.indexOf(a.x) - labels.indexOf(b.x));
    const at = (point) => `${x(labels.indexOf(point.x)).toFixed(1)} ${y(point.y).toFixed(1)}`;
    svg.append(drawn("path", { d: `M${own.map(at).join("L")}`, class: `trace trace-${number % 6}` }));
    if (labels.length > 60) return;
    for (const point of own) {
      const [cx, cy] = at(point).split(" ");
      svg.append(told(drawn("circle", { cx, cy, r: 3, class: `slice slice-${number % 6}` }), point));
    }
  });
  names(svg, labels, x);
  if (series.length > 1) legend(svg, series);
}

// Lying, so that names have room; in the rows' order within series, the longest first otherwise.
export function bars(svg, points) {
  const sorted = points.some((point) => point.series) ? points : [...points].sort((a, b) => b.y - a.y);
  size(svg, sorted.length * 24 + 10);
  const series = [...new Set(points.map((point) => point.series))];
  const [least, most] = [Math.min(0, ...sorted.map((point) => point.y)), Math.max(0, ...sorted.map((point) => point.y))];
  const x = (value) => NAMES + ((value - least) / (most - least || 1)) * (WIDTH - NAMES - 70);
  sorted.forEach((point, index) => {
    const [y, from, to] = [index * 24 + 5, Math.min(x(0), x(point.y)), Math.max(x(0), x(point.y))];
    const style = `slice slice-${series.indexOf(point.series) % 6}`;
    svg.append(told(drawn("rect", { x: from, y, width: Math.max(1, to - from), height: 18, class: style }), point));
    svg.append(label(NAMES - 8, y + 13, cut(point.series ? `${point.x}, ${point.series}` : point.x, 26), "end"));
    svg.append(label(to + 6, y + 13, SHORT.format(point.y), "start"));
  });
}

export function dots(svg, points, { acrossTitle, upTitle }) {
  size(svg, HEIGHT);
  const y = scale(svg, points.map((point) => point.y));
  const numbers = points.map((point) => Number(point.x));
  const least = Math.min(...numbers);
  const span = Math.max(...numbers) - least || 1;
  const x = (value) => LEFT + 20 + ((Number(value) - least) / span) * (WIDTH - LEFT - 50);
  points.forEach((point) => svg.append(told(drawn("circle", { cx: x(point.x), cy: y(point.y), r: 4, class: "slice slice-0 see-through" }), point)));
  svg.append(label(x(least), HEIGHT - BOTTOM + 18, SHORT.format(least), "middle"));
  svg.append(label(x(least + span), HEIGHT - BOTTOM + 18, SHORT.format(least + span), "middle"));
  svg.append(label(WIDTH / 2, HEIGHT - 4, `${upTitle} by ${acrossTitle}`, "middle"));
}

export function arcs(svg, points) {
  size(svg, HEIGHT);
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

function legend(svg, series) {
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT + 20 * Math.ceil(series.length / 4)}`);
  series.forEach((name, index) => {
    const [x, y] = [LEFT + (index % 4) * 144, HEIGHT + 4 + 20 * Math.floor(index / 4)];
    svg.append(drawn("rect", { x, y, width: 12, height: 12, class: `slice slice-${index % 6}` }));
    svg.append(label(x + 18, y + 11, cut(name, 16), "start"));
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
  const short = String(text).replace(/[T ]00:00:00.*$/, "");
  return short.length > most ? `${short.slice(0, most - 1)}…` : short;
}

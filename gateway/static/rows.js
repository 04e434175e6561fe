// Tables of rows: columns of typed values into cells, as they come; the page shows a part of long ones.

import { element } from "/static/dom.js";

const SHOWN = 200;
const NUMERIC = new Set(["COLUMN_TYPE_INTEGER", "COLUMN_TYPE_DOUBLE", "COLUMN_TYPE_DECIMAL"]);
const KINDS = ["bools", "ints", "doubles", "texts", "binaries"];

export class Table {
  constructor(started) {
    this.columns = started.columns ?? [];
    this.rows = [];
    this.body = element("tbody");
    this.foot = element("p", { class: "quiet" }, "Waiting for rows…");
    const heads = this.columns.map((column) => element("th", { class: style(column), scope: "col" }, title(column)));
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), this.body);
    this.more = element("button", { type: "button", hidden: true, onclick: () => this.show(this.rows.length) }, "Show all");
    this.element = element("div", { class: "rows" }, element("div", { class: "wide", tabindex: 0 }, table), this.foot, this.more);
    this.shown = 0;
  }

  add(batch) {
    const columns = (batch.columns ?? []).map((column) => values(column, batch.rowCount ?? 0));
    for (let row = 0; row < (batch.rowCount ?? 0); row += 1) this.rows.push(columns.map((column) => column[row]));
    this.foot.textContent = `${count(this.rows.length)} so far…`;
    this.show(SHOWN);
  }

  end(completed) {
    const part = this.shown < this.rows.length ? `, of which the first ${this.shown.toLocaleString("en")} are shown` : "";
    const cut = completed.truncated ? ` ${completed.message || "There are more."}` : "";
    this.foot.textContent = `${count(Number(completed.rows ?? 0))}${part}.${cut}`;
  }

  show(most) {
    const rows = this.rows.slice(this.shown, most);
    this.body.append(...rows.map((row) => element("tr", {}, ...row.map((value, index) => this.cell(value, index)))));
    this.shown += rows.length;
    this.more.hidden = this.shown >= this.rows.length;
  }

  cell(value, index) {
    const column = this.columns[index] ?? {};
    if (value === null || value === undefined) return element("td", { class: "quiet" }, "–");
    return element("td", { class: style(column) }, written(value, column));
  }

  // The values of a column by name, numbers as numbers, for the chart.
  values(name) {
    const index = this.columns.findIndex((column) => column.name === name);
    if (index < 0) return null;
    const numeric = NUMERIC.has(this.columns[index].type);
    return this.rows.map((row) => (row[index] === null ? null : numeric ? Number(row[index]) : String(row[index])));
  }
}

function values(column, count) {
  const kind = KINDS.find((name) => column[name]);
  const found = kind ? column[kind].values ?? [] : [];
  const nulls = column.nulls ? Uint8Array.from(atob(column.nulls), (letter) => letter.charCodeAt(0)) : [];
  return Array.from({ length: count }, (_, row) => (nulls[row >> 3] & (1 << (row & 7)) ? null : found[row]));
}

// Whole digits are kept as text: a double would lose some of a long integer or a decimal.
export function written(value, column) {
  if (!NUMERIC.has(column.type)) return String(value);
  if (column.type === "COLUMN_TYPE_DOUBLE" && typeof value === "number") return value.toLocaleString("en", { maximumFractionDigits: 4 });
  const [whole, fraction] = String(value).split(".");
  const named = /(^|_)(id|year|month|zip)$/i.test(column.name ?? "");
  const grouped = named ? whole : whole.replace(/\B(?=(\d{3})+$)/g, ",");
  // A database pads decimals with zeros: 41,741.250000000000 says no more than 41,741.25.
  const told = (fraction ?? "").length > 2 ? fraction.replace(/0+$/, "").padEnd(2, "0") : fraction;
  return told === undefined ? grouped : `${grouped}.${told}`;
}

function style(column) {
  return NUMERIC.has(column.type) ? "number" : "";
}

function title(column) {
  return column.unit ? `${column.name} (${column.unit})` : column.name;
}

export function count(rows) {
  return rows === 1 ? "1 row" : `${rows.toLocaleString("en")} rows`;
}

// How one value of a table is shown: short and aligned in its cell, whole where somebody looks closer.

import type { Cell } from "../../cells.js";
import type { Column } from "../../table.js";
import { bytes } from "../words.js";

const NUMERIC = new Set(["integer", "double", "decimal"]);
// Figures that name something are not amounts: 2026 is a year, not 2,026.
const NAMES = /(^|_)(id|year|month|zip|code|number)$/i;
const LONGEST = 300;

export type CellKind = "null" | "number" | "boolean" | "json" | "binary" | "text";

export function kindOf(value: Cell, column: Column): CellKind {
  if (value === null) return "null";
  if (isNumeric(column)) return "number";
  if (column.type === "boolean" || column.type === "json" || column.type === "binary") return column.type;
  return "text";
}

export function isNumeric(column: Column): boolean {
  return column.type !== undefined && NUMERIC.has(column.type);
}

/** Return the column's name with its unit. */
export function heading(column: Column): string {
  return column.unit ? `${column.name} (${column.unit})` : column.name;
}

/** Return what stands in the cell. */
export function short(value: Cell, column: Column): string {
  const kind = kindOf(value, column);
  if (kind === "null") return "NULL";
  if (kind === "number") return figure(value as number | bigint | string, column);
  if (kind === "binary") return bytes(byteLength(String(value)));
  const text = String(value);
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return column.type?.startsWith("timestamp") ? cut.replace("T", " ") : cut.replace(/\s+/g, " ");
}

/** Return the whole value for people, JSON with its lines. */
export function whole(value: Cell, column: Column): string {
  if (value === null) return "NULL";
  if (column.type === "binary") return `${bytes(byteLength(String(value)))}, base64:\n${value}`;
  if (column.type !== "json") return exact(value);
  try {
    // Figures are shown as they stand in the text wherever a double would lose some of them.
    const parsed: unknown = JSON.parse(String(value));
    return JSON.stringify(parsed) === String(value).replace(/\s/g, "")
      ? JSON.stringify(parsed, null, 2)
      : String(value);
  } catch {
    return String(value);
  }
}

/** Return the value as the source gave it; nothing for NULL. */
export function exact(value: Cell): string {
  return value === null ? "" : String(value);
}

// What a spreadsheet takes for a formula, also behind spaces or a quotation mark, and in the wide forms of East Asia.
const FORMULA = /^[\s"]*[=+\-@＝＋－＠]/;
const FIGURE = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Return the value for the clipboard: a ' stands before a text that a spreadsheet would run as a formula. */
export function pasted(value: Cell): string {
  const text = exact(value);
  return typeof value !== "string" || !FORMULA.test(text) || FIGURE.test(text) ? text : `'${text}`;
}

function figure(value: number | bigint | string, column: Column): string {
  if (NAMES.test(column.name)) return String(value);
  if (typeof value !== "number" || column.type !== "double") return grouped(String(value));
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toPrecision(6);
  if (size < 1) return value.toLocaleString("en", { maximumSignificantDigits: 6 });
  const minimumFractionDigits = Number.isInteger(value) ? 0 : 2;
  return value.toLocaleString("en", { minimumFractionDigits, maximumFractionDigits: 4 });
}

// By its digits: a double would lose some of a long integer or a decimal.
function grouped(digits: string): string {
  const [integer = "", fraction] = digits.split(".");
  const head = integer.replace(/\B(?=(\d{3})+$)/g, ",");
  if (fraction === undefined) return head;
  // A database pads decimals with zeros: 41,741.250000000000 says no more than 41,741.25.
  const told = fraction.length > 2 ? fraction.replace(/0+$/, "").padEnd(2, "0") : fraction;
  return `${head}.${told}`;
}

function byteLength(base64: string): number {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return Math.max(0, (base64.length / 4) * 3 - padding);
}

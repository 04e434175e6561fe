// A table's rows as a chart takes them: objects by column names, figures as numbers.

import type { Cell } from "../../cells.js";
import type { Table } from "../../table.js";
import { isNumeric } from "../table/cell-text.js";

export type Datum = Record<string, number | boolean | string | null>;

// What is drawn of a longer table would be a smear, and freeze the page.
const MOST = 20_000;

export function dataOf(table: Table): Datum[] {
  const numeric = table.columns.map(isNumeric);
  return Array.from({ length: Math.min(MOST, table.rowCount) }, (_, row) => {
    const cells = table.row(row) ?? [];
    return Object.fromEntries(
      table.columns.map((column, index) => [column.name, datum(cells[index] ?? null, numeric[index])]),
    );
  });
}

function datum(value: Cell, numeric = false): Datum[string] {
  if (value === null || typeof value === "boolean") return value;
  return numeric ? Number(value) : String(value);
}

/** Which rows of two tables differ, and in which cells: matched by what names a row where there is such a column. */
import type { Table } from "@levada/client";

export interface RowPair {
  key: string;
  left: number | undefined;
  right: number | undefined;
  /** Columns, by their place, whose values differ. */
  differs: readonly number[];
}

export interface RowsComparison {
  /** Names of the columns that both have, in the left one's order; none where their rows can't be matched. */
  columns: readonly string[];
  pairs: readonly RowPair[];
  same: number;
  /** Rows beyond this many were not looked at. */
  cut: boolean;
}

export const MOST = 5000;

export function compareRows(left: Table, right: Table): RowsComparison {
  const columns = left.columns.map(({ name }) => name).filter((name) => placeOf(right, name) >= 0);
  const naming = columns.find((name) => names(left, placeOf(left, name)) && names(right, placeOf(right, name)));
  const alike = left.columns.length === columns.length && right.columns.length === columns.length;
  if (!naming && !alike) return { columns: [], pairs: [], same: 0, cut: false };
  const [mine, other] = [keyed(left, naming), keyed(right, naming)];
  const pairs: RowPair[] = [];
  let same = 0;
  for (const key of new Set([...mine.keys(), ...other.keys()])) {
    const [one, two] = [mine.get(key), other.get(key)];
    const differs = one === undefined || two === undefined ? [] : differing(left, one, right, two, columns);
    if (one !== undefined && two !== undefined && !differs.length) same += 1;
    else pairs.push({ key, left: one, right: two, differs });
  }
  return { columns, pairs, same, cut: left.rowCount > MOST || right.rowCount > MOST };
}

export function placeOf(table: Table, name: string): number {
  return table.columns.findIndex((column) => column.name === name);
}

function differing(left: Table, one: number, right: Table, two: number, columns: readonly string[]): number[] {
  return columns.flatMap((name, place) =>
    left.cell(one, placeOf(left, name)) === right.cell(two, placeOf(right, name)) ? [] : [place],
  );
}

const FIGURES = new Set(["double", "decimal"]);

/** Return whether each row has a value of its own in that column, and it is no figure. */
function names(table: Table, place: number): boolean {
  const type = table.columns[place]?.type;
  if (type && FIGURES.has(type)) return false;
  const rows = Math.min(table.rowCount, MOST);
  const values = new Set(Array.from({ length: rows }, (_, row) => table.cell(row, place)));
  return rows > 0 && values.size === rows && !values.has(null);
}

function keyed(table: Table, naming: string | undefined): Map<string, number> {
  const place = naming === undefined ? -1 : placeOf(table, naming);
  const rows = Array.from({ length: Math.min(table.rowCount, MOST) }, (_, row) => row);
  return new Map(rows.map((row) => [place < 0 ? String(row + 1) : String(table.cell(row, place)), row]));
}

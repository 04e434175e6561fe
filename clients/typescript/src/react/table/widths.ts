// How wide a table's columns are: as their first rows need, so that they do not move while more rows come.

import type { Table } from "../../table.js";
import { heading, short } from "./cell-text.js";

export const SAMPLED = 100;
const [NARROWEST, WIDEST] = [5, 42];

/** Return each column's width in characters. */
export function widths(table: Table): number[] {
  const rows = Math.min(table.rowCount, SAMPLED);
  return table.columns.map((column, index) => {
    let longest = heading(column).length + 1;
    for (let row = 0; row < rows; row += 1) {
      const value = table.cell(row, index);
      if (value !== undefined) longest = Math.max(longest, short(value, column).length);
    }
    return Math.min(WIDEST, Math.max(NARROWEST, longest + 1));
  });
}

/** Return the widths as tracks of a CSS grid that share out what room is left. */
export function tracks(characters: readonly number[]): string {
  return characters.map((width) => `minmax(calc(${track(width)}), ${width}fr)`).join(" ");
}

/** Return the width below which the table scrolls sideways. */
export function least(characters: readonly number[]): string {
  return `calc(${characters.map(track).join(" + ")})`;
}

// No column takes more than half of a narrow table: the one beside it is to be seen too.
function track(width: number): string {
  return `min(${width}ch + var(--levada-cell-padding) * 2, 49cqi)`;
}

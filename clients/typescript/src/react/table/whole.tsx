// One value of a table as a whole, for a closer look.

import type { Table } from "../../table.js";
import { heading, whole } from "./cell-text.js";

export function Whole({ table, row, column }: { table: Table; row: number; column: number }) {
  const [described, value] = [table.columns[column], table.cell(row, column)];
  if (!described || value === undefined) return null;
  return (
    <figure className="levada-whole">
      <figcaption>
        {heading(described)}, row {(row + 1).toLocaleString("en")}
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre tabIndex={0}>{whole(value, described)}</pre>
    </figure>
  );
}

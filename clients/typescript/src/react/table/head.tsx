// The headings of a table, which stay at its top.

import type { Table } from "../../table.js";
import { heading, isNumeric } from "./cell-text.js";

export function Head({ table }: { table: Table }) {
  return (
    <div role="rowgroup" className="levada-head">
      <div role="row" className="levada-row" aria-rowindex={1}>
        {table.columns.map((column, index) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: names may stand twice
            key={index}
            role="columnheader"
            className="levada-cell"
            data-kind={isNumeric(column) ? "number" : "text"}
            title={column.type ? `${heading(column)}, ${column.type.replace("_", " ")}` : heading(column)}
          >
            <strong>{heading(column)}</strong>
          </div>
        ))}
      </div>
    </div>
  );
}

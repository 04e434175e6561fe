// One row of a table, and what stands in place of one that has not come.

import { memo } from "react";
import type { Column, Table } from "../../table.js";
import { isNumeric, kindOf, short } from "./cell-text.js";
import { holds, type Selection } from "./selection.js";

export interface RowProps {
  /** What the ids of cells begin with. */
  prefix: string;
  table: Table;
  row: number;
  /** Set only where it touches this row. */
  selection: Selection | undefined;
}

/** A row that came never changes: it is drawn anew only when it is chosen, or another one is shown. */
export const Row = memo(function Row({ prefix, table, row, selection }: RowProps) {
  return (
    <div role="row" className="levada-row" aria-rowindex={row + 2}>
      {table.columns.map((column, index) => {
        const value = table.cell(row, index);
        const chosen = selection !== undefined && holds(selection, row, index);
        const active = chosen && selection.to.row === row && selection.to.column === index;
        return (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: columns keep their places, and names may stand twice
            key={index}
            id={`${prefix}-${row}-${index}`}
            role="gridcell"
            aria-selected={chosen}
            className="levada-cell"
            data-kind={value === undefined ? "text" : kindOf(value, column)}
            data-row={row}
            data-column={index}
            data-active={active || undefined}
          >
            {value === undefined ? "" : short(value, column)}
          </div>
        );
      })}
    </div>
  );
}, same);

function same(before: RowProps, after: RowProps): boolean {
  return (
    before.row === after.row &&
    before.selection === after.selection &&
    before.table.columns === after.table.columns &&
    before.table.attempt === after.table.attempt
  );
}

/** The place of a row that will come. */
export function PendingRow({ columns }: { columns: readonly Column[] }) {
  return (
    <div className="levada-row levada-pending-row" aria-hidden="true">
      {columns.map((column, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: as above
        <div key={index} className="levada-cell" data-kind={isNumeric(column) ? "number" : "text"}>
          <span className="levada-pending" />
        </div>
      ))}
    </div>
  );
}

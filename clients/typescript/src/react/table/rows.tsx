// The rows of a table that are in view, in the place where all of them would be.

import type { Table } from "../../table.js";
import { PendingRow, Row } from "./row.js";
import { holds, type Selection } from "./selection.js";
import { ROW_HEIGHT, scrollHeight, type Window } from "./window.js";

export interface RowsProps {
  prefix: string;
  table: Table;
  /** How many rows there are, with those that will come. */
  rows: number;
  /** How high the view is, and what is seen in it. */
  view: number;
  seen: Window;
  selection: Selection | undefined;
}

export function Rows({ prefix, table, rows, view, seen, selection }: RowsProps) {
  const numbers = Array.from({ length: seen.end - seen.first }, (_, index) => seen.first + index);
  return (
    <div role="none" className="levada-rows" style={{ height: scrollHeight(rows) }}>
      <div role="rowgroup" className="levada-rows-view" style={{ height: Math.min(view, rows * ROW_HEIGHT) }}>
        <div role="none" style={{ transform: `translateY(${seen.shift}px)` }}>
          {numbers.map((row) =>
            row < table.rowCount ? (
              <Row key={row} prefix={prefix} table={table} row={row} selection={touching(selection, row)} />
            ) : (
              <PendingRow key={row} columns={table.columns} />
            ),
          )}
        </div>
      </div>
    </div>
  );
}

// Rows that the choice does not touch need not be drawn anew when it changes.
function touching(selection: Selection | undefined, row: number): Selection | undefined {
  return selection && holds(selection, row, selection.from.column) ? selection : undefined;
}

// Rows of a result: the headings at once, rows as they come, any of a million without delay.

import { type CSSProperties, useId, useMemo, useRef } from "react";
import type { Table } from "../../table.js";
import { count } from "../words.js";
import { Head } from "./head.js";
import { Rows } from "./rows.js";
import { useSelection } from "./use-selection.js";
import { useView } from "./use-view.js";
import { Whole } from "./whole.js";
import { least, SAMPLED, tracks, widths } from "./widths.js";
import { inView, ROW_HEIGHT, scrollTo, topRow } from "./window.js";

const HEAD_HEIGHT = 32;
const PENDING = 3;

export interface ResultTableProps {
  table: Table;
  /** Whether the run still goes on, so that more rows may come. */
  live?: boolean;
  label?: string;
}

/** Show the rows of *table*. Arrow keys choose cells, Enter shows a whole value, Ctrl+C copies. */
export function ResultTable({ table, live = false, label = "Rows" }: ResultTableProps) {
  const area = useRef<HTMLDivElement>(null);
  const prefix = useId();
  const view = useView(area, HEAD_HEIGHT);
  const waiting = live && !table.completed;
  const rows = table.rowCount + (waiting ? PENDING : 0);
  const seen = inView(view.top, view.height, rows);

  const reveal = (cell: { row: number; column: number }) => {
    const element = area.current;
    if (!element) return;
    element.scrollTop = scrollTo(cell.row, element.scrollTop, view.height, rows);
    revealColumn(element, cell.column);
  };
  const page = Math.max(1, Math.floor(view.height / ROW_HEIGHT) - 1);
  const extent = { rows: table.rowCount, columns: table.columns.length, page };
  const first = { row: Math.min(topRow(seen), Math.max(0, table.rowCount - 1)), column: 0 };
  const choosing = useSelection(table, extent, first, reveal);
  const active = choosing.selection?.to;

  return (
    <div className="levada-table">
      <div
        ref={area}
        className="levada-table-area"
        role="grid"
        aria-label={label}
        aria-rowcount={waiting ? -1 : table.rowCount + 1}
        aria-colcount={table.columns.length}
        aria-multiselectable="true"
        aria-busy={waiting}
        aria-activedescendant={active ? `${prefix}-${active.row}-${active.column}` : undefined}
        tabIndex={0}
        style={useColumns(table)}
        onScroll={view.scrolled}
        onKeyDown={choosing.onKeyDown}
        onMouseDown={choosing.onMouse}
        onMouseMove={choosing.onMouse}
        onDoubleClick={choosing.onDoubleClick}
        onCopy={choosing.onCopy}
      >
        <Head table={table} />
        <Rows prefix={prefix} table={table} rows={rows} view={view.height} seen={seen} selection={choosing.selection} />
      </div>
      {active && choosing.opened ? <Whole table={table} row={active.row} column={active.column} /> : null}
      <p className="levada-table-foot" aria-live="polite">
        {choosing.said || told(table, waiting)}
      </p>
    </div>
  );
}

// Widths settle with the first rows and then stay.
function useColumns(table: Table): CSSProperties {
  const sampled = Math.min(table.rowCount, SAMPLED);
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows that came do not change
  return useMemo(() => {
    const characters = widths(table);
    return {
      "--levada-columns": tracks(characters),
      "--levada-least": least(characters),
      "--levada-row-height": `${ROW_HEIGHT}px`,
      "--levada-head-height": `${HEAD_HEIGHT}px`,
    } as CSSProperties;
  }, [table.columns, table.attempt, sampled]);
}

function revealColumn(area: HTMLElement, column: number): void {
  const head = area.querySelectorAll<HTMLElement>("[role=columnheader]")[column];
  if (!head) return;
  const end = head.offsetLeft + head.offsetWidth - area.clientWidth;
  area.scrollLeft = Math.min(head.offsetLeft, Math.max(end, area.scrollLeft));
}

function told(table: Table, waiting: boolean): string {
  if (waiting) return table.rowCount === 0 ? "Waiting for rows…" : `${count(table.rowCount, "row")} so far…`;
  const rows = count(table.rowCount, "row");
  if (!table.completed) return `${rows}. The run ended before the rest came.`;
  return table.truncated ? `${rows}. ${table.message || "There are more."}` : rows;
}

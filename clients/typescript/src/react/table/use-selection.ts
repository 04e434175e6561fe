// Choosing cells of a table with keys and mouse, and copying them.

import { type ClipboardEvent, type KeyboardEvent, type MouseEvent, useState } from "react";
import type { Table } from "../../table.js";
import { pasted } from "./cell-text.js";
import { type Cell, copied, type Extent, moved, type Selection } from "./selection.js";

// More than this belongs into a file.
const MOST_COPIED = 500_000;

export interface Choosing {
  readonly selection: Selection | undefined;
  /** Whether the whole value of the chosen cell is asked for. */
  readonly opened: boolean;
  /** What became of the last copy, for people. */
  readonly said: string;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onMouse: (event: MouseEvent) => void;
  readonly onDoubleClick: () => void;
  readonly onCopy: (event: ClipboardEvent) => void;
}

/** Let cells of *table* be chosen; *reveal* brings one into view, *first* is the one where keys begin. */
export function useSelection(table: Table, extent: Extent, first: Cell, reveal: (cell: Cell) => void): Choosing {
  // What was chosen in another table means nothing in this one.
  const [chosen, choose] = useState<{ columns: Table["columns"]; selection: Selection }>();
  const selection = chosen?.columns === table.columns ? chosen.selection : undefined;
  const select = (next: Selection) => choose({ columns: table.columns, selection: next });
  const [opened, open] = useState(false);
  const [said, say] = useState("");

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && selection) open(false);
    if (event.key === "Enter" && selection) open(!opened);
    const key = { key: event.key, shift: event.shiftKey, control: event.ctrlKey || event.metaKey };
    // The first key only shows where one is.
    const next = moved(selection ?? { from: first, to: first }, key, extent);
    if (!next || extent.rows === 0) return;
    event.preventDefault();
    select(selection || key.control ? next : { from: first, to: first });
    if (key.key.toLowerCase() !== "a") reveal(selection ? next.to : first);
  };

  const onMouse = (event: MouseEvent) => {
    const cell = cellAt(event.target);
    const drags = event.type === "mousemove";
    if (!cell || cell.row >= extent.rows || (drags && event.buttons !== 1)) return;
    if (drags && selection?.to.row === cell.row && selection.to.column === cell.column) return;
    select({ from: (event.shiftKey || drags) && selection ? selection.from : cell, to: cell });
  };

  const onCopy = (event: ClipboardEvent) => {
    if (!selection) return;
    event.preventDefault();
    const cells = size(selection);
    if (cells > MOST_COPIED) return say("That is more than a clipboard should take. Export the rows instead.");
    const text = copied(selection, (row, column) => pasted(table.cell(row, column) ?? null));
    event.clipboardData.setData("text/plain", text);
    say(cells === 1 ? "Copied the cell." : `Copied ${cells.toLocaleString("en")} cells.`);
  };

  return { selection, opened, said, onKeyDown, onMouse, onDoubleClick: () => open(true), onCopy };
}

function size({ from, to }: Selection): number {
  return (Math.abs(from.row - to.row) + 1) * (Math.abs(from.column - to.column) + 1);
}

function cellAt(target: EventTarget): Cell | undefined {
  const cell = target instanceof Element ? target.closest<HTMLElement>("[data-row]") : null;
  return cell ? { row: Number(cell.dataset.row), column: Number(cell.dataset.column) } : undefined;
}

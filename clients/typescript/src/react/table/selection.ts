// The cells that are chosen in a table: one, a rectangle, or all. Pure: keys in, selection out.

export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** From the cell where the choice began to the one where it is now. */
export interface Selection {
  readonly from: Cell;
  readonly to: Cell;
}

export interface Extent {
  readonly rows: number;
  readonly columns: number;
  /** Rows that fit into the view, for PageUp and PageDown. */
  readonly page: number;
}

export interface Key {
  readonly key: string;
  readonly shift: boolean;
  /** Control, or Command on a Mac. */
  readonly control: boolean;
}

/** Return the choice after a key; undefined when the key means nothing here. */
export function moved(selection: Selection, { key, shift, control }: Key, extent: Extent): Selection | undefined {
  const last = { row: extent.rows - 1, column: extent.columns - 1 };
  if (control && key.toLowerCase() === "a") return { from: { row: 0, column: 0 }, to: last };
  const to = target(selection.to, key, control, extent);
  if (!to) return undefined;
  const held = { row: clamp(to.row, last.row), column: clamp(to.column, last.column) };
  return { from: shift ? selection.from : held, to: held };
}

function target({ row, column }: Cell, key: string, control: boolean, extent: Extent): Cell | undefined {
  const [end, side] = [extent.rows - 1, extent.columns - 1];
  const targets: Record<string, Cell> = {
    ArrowUp: { row: control ? 0 : row - 1, column },
    ArrowDown: { row: control ? end : row + 1, column },
    ArrowLeft: { row, column: control ? 0 : column - 1 },
    ArrowRight: { row, column: control ? side : column + 1 },
    PageUp: { row: row - extent.page, column },
    PageDown: { row: row + extent.page, column },
    Home: { row: control ? 0 : row, column: 0 },
    End: { row: control ? end : row, column: side },
  };
  return Object.hasOwn(targets, key) ? targets[key] : undefined;
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}

/** Return whether a cell is among the chosen ones. */
export function holds({ from, to }: Selection, row: number, column: number): boolean {
  return between(row, from.row, to.row) && between(column, from.column, to.column);
}

function between(value: number, one: number, other: number): boolean {
  return value >= Math.min(one, other) && value <= Math.max(one, other);
}

/** Return the chosen cells as a spreadsheet takes them: tabs between cells, a line for each row. */
export function copied({ from, to }: Selection, text: (row: number, column: number) => string): string {
  const lines: string[] = [];
  for (let row = Math.min(from.row, to.row); row <= Math.max(from.row, to.row); row += 1) {
    const cells: string[] = [];
    for (let column = Math.min(from.column, to.column); column <= Math.max(from.column, to.column); column += 1) {
      cells.push(text(row, column).replace(/[\t\r\n]+/g, " "));
    }
    lines.push(cells.join("\t"));
  }
  return lines.join("\n");
}

// A table of a run's rows as far as they came: chunks that only grow, shared by all states that hold the table.
import type { ColumnType, Truncation } from "./words.js";

export interface Column {
  readonly name: string;
  /** Undefined where the server does not know: the values are texts. */
  readonly type: ColumnType | undefined;
  readonly nullable: boolean;
  readonly unit: string;
}

/**
 * A value: NULL is null; integers are numbers, or bigints where a number would lose digits; doubles are numbers;
 * binary is base64; everything else (decimals, dates, JSON, …) is text, exactly as the source gave it.
 */
export type Cell = null | boolean | number | bigint | string;

export interface Table {
  readonly id: string;
  readonly step: string;
  readonly attempt: number;
  readonly queryId: string;
  readonly columns: readonly Column[];
  /** Rows that came so far. */
  readonly rowCount: number;
  readonly completed: boolean;
  readonly truncated: boolean;
  readonly truncation: Truncation | undefined;
  /** Why rows are missing, for people; empty unless truncated. */
  readonly message: string;
  /** The value at *row* (from 0) and *column*; undefined when that row has not come, or never will. */
  cell(row: number, column: number): Cell | undefined;
  /** One row; undefined when it has not come. */
  row(row: number): readonly Cell[] | undefined;
}

// A table of a run's rows as far as they came: batches that only grow, shared by all states that hold the table.
import { type Cell, type Values, valueAt, valuesOf } from "./cells.js";
import type { TableRowsJson } from "./levada/v1/event_pb.js";
import type { ColumnType, Truncation } from "./words.js";

export interface Column {
  readonly name: string;
  /** Undefined where the server does not know: the values are texts. */
  readonly type: ColumnType | undefined;
  readonly nullable: boolean;
  readonly unit: string;
}

export interface TableFacts {
  readonly id: string;
  readonly step: string;
  readonly attempt: number;
  readonly queryId: string;
  readonly columns: readonly Column[];
  /** Arrow IPC schema message in base64, where the request asked for Arrow; the batches are in `arrow`. */
  readonly arrowSchema: string;
  readonly completed: boolean;
  readonly truncated: boolean;
  readonly truncation: Truncation | undefined;
  /** Why rows are missing, for people; empty unless truncated. */
  readonly message: string;
}

interface Batch {
  readonly first: number;
  readonly rows: number;
  readonly columns: readonly Values[];
  readonly arrow: string;
}

/** Immutable: what was read from a table once stays so, while the run's later states hold more of its rows. */
export class Table {
  readonly id: string;
  readonly step: string;
  readonly attempt: number;
  readonly queryId: string;
  readonly columns: readonly Column[];
  readonly arrowSchema: string;
  readonly completed: boolean;
  readonly truncated: boolean;
  readonly truncation: Truncation | undefined;
  readonly message: string;
  /** Rows that came so far. */
  readonly rowCount: number;
  // Grows in place while later tables are made from this one; this one reads no more than its own first `#length`.
  readonly #batches: Batch[];
  readonly #length: number;

  private constructor(facts: TableFacts, batches: Batch[], length: number, rowCount: number) {
    this.id = facts.id;
    this.step = facts.step;
    this.attempt = facts.attempt;
    this.queryId = facts.queryId;
    this.columns = facts.columns;
    this.arrowSchema = facts.arrowSchema;
    this.completed = facts.completed;
    this.truncated = facts.truncated;
    this.truncation = facts.truncation;
    this.message = facts.message;
    this.rowCount = rowCount;
    this.#batches = batches;
    this.#length = length;
  }

  static begun(facts: Omit<TableFacts, "completed" | "truncated" | "truncation" | "message">): Table {
    return new Table({ ...facts, completed: false, truncated: false, truncation: undefined, message: "" }, [], 0, 0);
  }

  /** This table with a batch more. */
  with(rows: TableRowsJson): Table {
    const first = Number(rows.offset ?? 0);
    const count = rows.rowCount ?? 0;
    // Another table may have grown from the same batches already, for instance when a run is replayed from the middle.
    const batches = this.#batches.length === this.#length ? this.#batches : this.#batches.slice(0, this.#length);
    const columns = this.columns.map((_, index) => valuesOf(rows.columns?.[index], count));
    batches.push({ first, rows: count, columns, arrow: rows.arrow ?? "" });
    return new Table(this, batches, batches.length, Math.max(this.rowCount, first + count));
  }

  /** This table, with no more rows to come. */
  ended(facts: Pick<TableFacts, "truncated" | "truncation" | "message">): Table {
    const { truncated, truncation, message } = facts;
    const whole = { ...this, completed: true, truncated, truncation, message };
    return new Table(whole, this.#batches, this.#length, this.rowCount);
  }

  /** The value at *row* (from 0) and *column*; undefined when that row has not come, or can't be told any more. */
  cell(row: number, column: number): Cell | undefined {
    const batch = this.#batchOf(row);
    return batch && valueAt(batch.columns[column], row - batch.first);
  }

  /** One row; undefined when it has not come. */
  row(row: number): readonly Cell[] | undefined {
    const batch = this.#batchOf(row);
    return batch?.columns.map((values) => valueAt(values, row - batch.first) ?? null);
  }

  /** The Arrow IPC record batches in base64, where the request asked for Arrow. */
  get arrow(): readonly string[] {
    return this.#batches.slice(0, this.#length).flatMap(({ arrow }) => (arrow ? [arrow] : []));
  }

  #batchOf(row: number): Batch | undefined {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#batches[middle]?.first ?? 0) <= row) low = middle + 1;
      else high = middle;
    }
    const batch = this.#batches[low - 1];
    return batch && row >= 0 && row < batch.first + batch.rows ? batch : undefined;
  }
}

// Values of a batch's column as they came in JSON, kept small and read one by one.
import type { ColumnValuesJson } from "./levada/v1/event_pb.js";

/**
 * A value: NULL is null; integers are numbers, or bigints where a number would lose digits; doubles are numbers;
 * binary is base64; everything else (decimals, dates, JSON, …) is text, exactly as the source gave it.
 */
export type Cell = null | boolean | number | bigint | string;

/** The values of one column of a batch. */
export interface Values {
  // Numbers are kept in 8 bytes each: a million rows of texts in their place would take many times that.
  readonly values: Float64Array | BigInt64Array | readonly (boolean | string)[];
  /** Bit i is set when row i is NULL; undefined when none is. */
  readonly nulls: Uint8Array | undefined;
}

export function valuesOf(column: ColumnValuesJson | undefined, rows: number): Values {
  const nulls = column?.nulls ? bytesOf(column.nulls) : undefined;
  if (column?.ints) return { values: integers(column.ints.values ?? []), nulls };
  if (column?.doubles) return { values: Float64Array.from(column.doubles.values ?? [], Number), nulls };
  const values = column?.bools?.values ?? column?.texts?.values ?? column?.binaries?.values;
  // Without any values (Arrow, or a type from a newer server) every cell is told as NULL.
  return values ? { values, nulls } : { values: [], nulls: new Uint8Array(Math.ceil(rows / 8)).fill(255) };
}

export function valueAt(column: Values | undefined, row: number): Cell | undefined {
  if (!column) return undefined;
  if (((column.nulls?.[row >> 3] ?? 0) >> (row & 7)) & 1) return null;
  return column.values[row];
}

function integers(texts: readonly string[]): Float64Array | BigInt64Array {
  const numbers = new Float64Array(texts.length);
  for (let index = 0; index < texts.length; index++) {
    const number = Number(texts[index]);
    if (!Number.isSafeInteger(number)) return BigInt64Array.from(texts, BigInt);
    numbers[index] = number;
  }
  return numbers;
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

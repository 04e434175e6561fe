// Tables: every type's values, rows that come in batches, and old tables that stay as they were.
import { describe, expect, it } from "vitest";
import { Table } from "../src/index.js";
import { worked } from "./support/worked.js";

function begun(columns = 1): Table {
  const names = Array.from({ length: columns }, (_, index) => `c${index}`);
  return Table.begun({
    id: "t",
    step: "s",
    attempt: 1,
    queryId: "q",
    arrowSchema: "",
    columns: names.map((name) => ({ name, type: undefined, nullable: true, unit: "" })),
  });
}

describe("a cell", () => {
  it("has the value that the source gave, NULL where it gave none", () => {
    const table = begun(6).with({
      rowCount: 3,
      columns: [
        { nulls: "Ag==", ints: { values: ["1", "0", "-9007199254740991"] } },
        { doubles: { values: [1.5, "NaN", "-Infinity"] } },
        { bools: { values: [true, false, true] } },
        { nulls: "BA==", texts: { values: ["a", "", ""] } },
        { binaries: { values: ["AAE=", "", "/w=="] } },
        { nulls: "Bw==" },
      ],
    });
    expect(table.row(0)).toEqual([1, 1.5, true, "a", "AAE=", null]);
    expect(table.row(1)).toEqual([null, Number.NaN, false, "", "", null]);
    expect(table.row(2)).toEqual([-9007199254740991, Number.NEGATIVE_INFINITY, true, null, "/w==", null]);
  });

  it("keeps every digit of an integer that a number can't hold", () => {
    const values = ["9223372036854775807", "-9223372036854775808", "1"];
    const table = begun().with({ rowCount: 3, columns: [{ ints: { values } }] });
    expect([0, 1, 2].map((row) => String(table.cell(row, 0)))).toEqual(values);
  });

  it("finds the NULLs of long columns", () => {
    const nulls = btoa(String.fromCharCode(0, 1, 0x80));
    const values = Array.from({ length: 24 }, () => "x");
    const table = begun().with({ rowCount: 24, columns: [{ nulls, texts: { values } }] });
    const empty = values.map((_, row) => row).filter((row) => table.cell(row, 0) === null);
    expect(empty).toEqual([8, 23]);
  });
});

describe("a table", () => {
  const batch = (offset: number, ...values: string[]) => ({
    offset: String(offset),
    rowCount: values.length,
    columns: [{ texts: { values } }],
  });

  it("grows without changing those who hold it as it was", () => {
    const one = begun().with(batch(0, "a", "b"));
    const two = one.with(batch(2, "c"));
    expect([one.rowCount, two.rowCount]).toEqual([2, 3]);
    expect(one.row(2)).toBeUndefined();
    expect(two.row(2)).toEqual(["c"]);
    expect(two.ended({ truncated: true, truncation: "row_limit", message: "more" })).toMatchObject({
      rowCount: 3,
      completed: true,
    });
    expect(two.completed).toBe(false);
  });

  it("can be continued in two ways that do not see each other", () => {
    const common = begun().with(batch(0, "a"));
    const [left, right] = [common.with(batch(1, "left")), common.with(batch(1, "right"))];
    expect([left.cell(1, 0), right.cell(1, 0)]).toEqual(["left", "right"]);
    const begin = begun().with(batch(0, "a"));
    const [longer, other] = [begin.with(batch(1, "b")).with(batch(2, "c")), begin.with(batch(1, "other"))];
    expect([longer.cell(2, 0), other.row(2), other.cell(1, 0)]).toEqual(["c", undefined, "other"]);
  });

  it("says nothing of rows that it was not told", () => {
    const table = begun().with(batch(5, "f"));
    expect(table.rowCount).toBe(6);
    expect(table.row(3)).toBeUndefined();
    expect(table.row(5)).toEqual(["f"]);
    expect([table.row(-1), table.row(6), table.cell(0, 9), table.cell(5, 9)]).toEqual(Array(4).fill(undefined));
  });

  it("holds a million rows and finds each at once", () => {
    let table = begun();
    for (let offset = 0; offset < 1_000_000; offset += 1_000) {
      const values = Array.from({ length: 1_000 }, (_, row) => String(offset + row));
      table = table.with({ offset: String(offset), rowCount: 1_000, columns: [{ ints: { values } }] });
    }
    const took = worked(() => {
      for (let row = 0; row < 1_000_000; row += 7) if (table.cell(row, 0) !== row) throw new Error(`row ${row}`);
    });
    expect(took).toBeLessThan(500);
  });
});

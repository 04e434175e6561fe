import { type EventJson, initialState, reduce, type Table, tableOf } from "@levada/client";
import { expect, test } from "vitest";
import { compareRows } from "../src/compare/rows";

type Values = { texts: string[] } | { doubles: number[] };

/** A table as it comes out of a run's events. */
function table(columns: Record<string, Values>): Table {
  const names = Object.entries(columns);
  const rowCount = Math.max(...names.map(([, values]) => Object.values(values)[0].length));
  const events: EventJson[] = [
    {
      sequence: "1",
      tableStarted: {
        tableId: "t",
        columns: names.map(([name, values]) => ({
          name,
          type: "texts" in values ? "COLUMN_TYPE_TEXT" : "COLUMN_TYPE_DOUBLE",
        })),
      },
    },
    {
      sequence: "2",
      tableRows: {
        tableId: "t",
        rowCount,
        columns: names.map(([, values]) =>
          "texts" in values ? { texts: { values: values.texts } } : { doubles: { values: values.doubles } },
        ),
      },
    },
  ];
  const found = tableOf(events.reduce(reduce, initialState("r")));
  if (!found) throw new Error("no table");
  return found;
}

test("rows are matched by what names them, wherever they stand", () => {
  const left = table({ country: { texts: ["DE", "FR", "PT"] }, revenue: { doubles: [3, 2, 1] } });
  const right = table({ country: { texts: ["PT", "DE", "AT"] }, revenue: { doubles: [1, 4, 9] } });
  const { pairs, same } = compareRows(left, right);
  expect(same).toBe(1);
  expect(pairs).toEqual([
    { key: "DE", left: 0, right: 1, differs: [1] },
    { key: "FR", left: 1, right: undefined, differs: [] },
    { key: "AT", left: undefined, right: 2, differs: [] },
  ]);
});

test("rows that nothing names are matched by their place", () => {
  const left = table({ revenue: { doubles: [3, 2] } });
  const right = table({ revenue: { doubles: [3, 5] } });
  expect(compareRows(left, right).pairs).toEqual([{ key: "2", left: 1, right: 1, differs: [0] }]);
});

test("rows of different things are not compared", () => {
  const left = table({ country: { texts: ["DE"] }, revenue: { doubles: [3] } });
  const right = table({ month: { texts: ["2026-01"] }, revenue: { doubles: [3] } });
  expect(compareRows(left, right)).toMatchObject({ columns: [], pairs: [], same: 0 });
});

// A table of any length, as it grows while its rows are streamed.

import { Table } from "@levada/client";

const BATCH = 5000;
const CITIES = ["Lisboa", "Porto", "Funchal"];
const COLUMNS = (
  [
    ["id", "integer"],
    ["name", "text"],
    ["city", "text"],
    ["amount", "double"],
    ["price", "decimal"],
    ["at", "timestamp"],
  ] as const
).map(([name, type]) => ({ name, type, nullable: true, unit: "" }));

export function* rows(count: number): Generator<Table> {
  let table = Table.begun({ id: "t", step: "s", attempt: 1, queryId: "q", columns: COLUMNS, arrowSchema: "" });
  yield table;
  for (let first = 0; first < count; first += BATCH) {
    table = table.with(batch(first, Math.min(BATCH, count - first)));
    yield table;
  }
  yield table.ended({ truncated: false, truncation: undefined, message: "" });
}

function batch(first: number, count: number) {
  const numbers = Array.from({ length: count }, (_, index) => first + index);
  return {
    tableId: "t",
    offset: `${first}`,
    rowCount: count,
    columns: [
      { ints: { values: numbers.map(String) } },
      { texts: { values: numbers.map((number) => `Customer ${number}`) } },
      { texts: { values: numbers.map((number) => CITIES[number % CITIES.length] ?? "") } },
      { doubles: { values: numbers.map((number) => number * 1.37) } },
      { texts: { values: numbers.map((number) => (number / 100).toFixed(2)) } },
      { texts: { values: numbers.map(() => "2026-01-31T13:05:00") } },
    ],
  };
}

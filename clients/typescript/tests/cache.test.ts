// Runs that are kept: those used last, no more of them and no larger ones than there is room for.
import { expect, it } from "vitest";
import { RunCache } from "../src/cache.js";
import { initialState, type RunState, reduce } from "../src/index.js";

function run(runId: string, rows: number): RunState {
  const values = Array.from({ length: rows }, String);
  const started = { tableStarted: { tableId: "t", columns: [{ name: "n" }] } };
  const batch = { tableRows: { tableId: "t", rowCount: rows, columns: [{ texts: { values } }] } };
  return reduce(reduce(initialState(runId), { sequence: "1", ...started }), { sequence: "2", ...batch });
}

it("forgets the runs that were used least lately, once there are too many", () => {
  const cache = new RunCache({ mostRuns: 2 });
  cache.put(run("a", 1));
  cache.put(run("b", 1));
  cache.get("a");
  cache.put(run("c", 1));
  expect(["a", "b", "c"].map((id) => cache.get(id)?.runId)).toEqual(["a", undefined, "c"]);
});

it("forgets runs once their tables are too large together", () => {
  const cache = new RunCache({ mostCells: 100 });
  cache.put(run("a", 60));
  cache.put(run("b", 30));
  expect(cache.size).toBe(2);
  cache.put(run("b", 50));
  expect([cache.get("a"), cache.get("b")?.runId]).toEqual([undefined, "b"]);
  cache.put(run("c", 101));
  expect(cache.size).toBe(0);
});

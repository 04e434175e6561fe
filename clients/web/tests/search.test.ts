import type { RunJson } from "@levada/client";
import { expect, test } from "vitest";
import { matches } from "../src/runs/search";

const run: RunJson = {
  runId: "a",
  state: "RUN_STATE_FAILED",
  request: { question: "Revenue by Country", sources: ["shop"] },
  message: "The source does not answer.",
};

test("a run is found by words in any order, whatever their case, wherever they stand", () => {
  expect(matches(run, "country REVENUE", "")).toBe(true);
  expect(matches(run, "shop answer", "")).toBe(true);
  expect(matches(run, "revenue month", "")).toBe(false);
  expect(matches(run, "", "")).toBe(true);
});

test("a state leaves out the others", () => {
  expect(matches(run, "", "failed")).toBe(true);
  expect(matches(run, "", "completed")).toBe(false);
});

import { type EventJson, initialState, reduce } from "@levada/client";
import { expect, test } from "vitest";
import { rate, stepHealth } from "../src/runs/step-health";

const NAMES = ["stepStarted", "stepCompleted", "stepFailed", "cancelled"] as const;

function run(...said: readonly [(typeof NAMES)[number], object?, number?][]) {
  return said
    .map(([name, payload = {}, attempt = 1], index): EventJson => {
      return { sequence: String(index + 1), step: name === "cancelled" ? "" : "plan", attempt, [name]: payload };
    })
    .reduce(reduce, initialState("r"));
}

test("a step's success rate counts how it ended, not how often it was tried", () => {
  const [plan] = stepHealth([
    run(["stepStarted"], ["stepCompleted", { duration: "0.010s" }]),
    run(
      ["stepStarted"],
      ["stepFailed", { willRetry: true }],
      ["stepStarted", {}, 2],
      ["stepCompleted", { duration: "0.030s" }, 2],
    ),
    run(["stepStarted"], ["stepFailed", {}]),
  ]);
  if (!plan) throw new Error("no step");
  expect(plan).toMatchObject({ begun: 3, done: 2, retried: 1, median: 20, slowest: 30 });
  expect(rate(plan)).toBeCloseTo(2 / 3);
});

test("a step that a cancel cut short is not judged", () => {
  expect(stepHealth([run(["stepStarted"], ["cancelled"])])).toEqual([]);
});

import { type EventJson, initialState, reduce, taskTree } from "@levada/client";
import { expect, test } from "vitest";
import { sameTask } from "../src/run/same";

const SAID: Omit<EventJson, "sequence">[] = [
  { taskPlanned: { taskId: "a" } },
  { taskPlanned: { taskId: "b", parent: "a" } },
  { step: "i/a", attempt: 1, stepStarted: { title: "A" } },
  { step: "i/a/run", attempt: 1, stepStarted: { title: "Run" } },
];

function task(...more: Omit<EventJson, "sequence">[]) {
  const numbered = [...SAID, ...more].map((event, index) => ({ ...event, sequence: String(index + 1) }));
  let [state, before] = [initialState("r"), initialState("r")];
  for (const [place, event] of numbered.entries()) {
    if (place === SAID.length) before = state;
    state = reduce(state, event);
  }
  const [[old], [now]] = [taskTree(before), taskTree(state)];
  return old !== undefined && now !== undefined && sameTask(old, now);
}

test("a task is as it was when something else happens", () => {
  expect(task({ step: "x", attempt: 1, stepStarted: { title: "X" } })).toBe(true);
});

test.each<[string, Omit<EventJson, "sequence">]>([
  ["its step ends", { step: "i/a", attempt: 1, stepCompleted: {} }],
  ["a step within it ends", { step: "i/a/run", attempt: 1, stepCompleted: {} }],
  ["a step within it begins", { step: "i/a/look", attempt: 1, stepStarted: { title: "Look" } }],
  ["it calls for another task", { taskPlanned: { taskId: "c", parent: "b" } }],
  ["a task that it called for begins", { step: "i/b", attempt: 1, stepStarted: { title: "B" } }],
])("there is something new of a task when %s", (_, event) => {
  expect(task(event)).toBe(false);
});

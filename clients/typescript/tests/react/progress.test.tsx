// @vitest-environment happy-dom
// The panel of progress, told by events, as people and screen readers get it.

import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import type { EventJson } from "../../src/levada/v1/event_pb.js";
import { RunProgress } from "../../src/react/run-progress.js";
import { initialState, reduce } from "../../src/reduce/index.js";
import type { RunState } from "../../src/state.js";

afterEach(cleanup);

function after(...said: Partial<EventJson>[]): RunState {
  const time = new Date().toISOString();
  return said.reduce(
    (state, event, index) => reduce(state, { time, ...event, runId: "r", sequence: `${index + 1}` }),
    initialState("r"),
  );
}

const STEPS = [
  { step: "read", title: "Reading", icon: "💭", category: "CATEGORY_THINKING" },
  { step: "run", title: "Running", icon: "📊", category: "CATEGORY_ACTION" },
  { step: "repair", title: "Repairing", icon: "🔧", category: "CATEGORY_ERROR", conditional: true },
] as const;

const BEGUN: Partial<EventJson>[] = [
  { started: { pipeline: "query", question: "How many?", steps: [...STEPS] } },
  {
    step: "read",
    attempt: 1,
    progress: 0.2,
    stepStarted: { title: "Reading", icon: "💭", category: "CATEGORY_THINKING" },
  },
];
const FAILED: Partial<EventJson>[] = [
  {
    step: "read",
    attempt: 1,
    stepFailed: { reason: "ERROR_REASON_QUERY_FAILED", message: "It broke.", duration: "1s" },
  },
  { failed: { reason: "ERROR_REASON_QUERY_FAILED", message: "It broke." } },
];

function steps(): string[] {
  return screen.getAllByRole("listitem").map((item) => item.dataset.state ?? "");
}

it("shows what is under way, what is ahead, and nothing of what may not be needed", () => {
  render(<RunProgress state={after(...BEGUN)} />);
  expect(steps()).toEqual(["current", "pending"]);
  expect(screen.getAllByRole("listitem")[0]?.textContent).toContain("thinking ← current");
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("20");
  expect(screen.getByRole("status").textContent).toBe("Reading 20%");
});

it("says that nothing of a step ahead was reached when the run failed, and why it failed", () => {
  render(<RunProgress state={after(...BEGUN, ...FAILED)} />);
  expect(steps()).toEqual(["failed", "unreached"]);
  expect(document.body.textContent).toContain("It broke.");
  expect(document.body.textContent).toContain("not reached");
});

it("does not repeat why it failed where that is told elsewhere", () => {
  render(<RunProgress state={after(...BEGUN, ...FAILED)} endingShown />);
  expect(document.body.textContent).not.toContain("It broke.");
});

it("shows no estimate where there is no history, and the estimate where there is", () => {
  const { rerender } = render(<RunProgress state={after(...BEGUN)} />);
  expect(document.body.textContent).not.toContain("left");
  const known: Partial<EventJson>[] = [
    { started: { pipeline: "query", steps: [STEPS[0]] } },
    { step: "read", attempt: 1, stepStarted: { title: "Reading", estimatedDuration: "9s" } },
  ];
  rerender(<RunProgress state={after(...known)} />);
  expect(document.body.textContent).toContain("about 9 s left");
});

it("stands still while the run waits for a person", () => {
  const asked = { step: "read", attempt: 1, inputRequested: { inputId: "i", prompt: "Which?" } };
  render(<RunProgress state={after(...BEGUN, asked)} />);
  expect(screen.getByRole("status").textContent).toBe("Waiting for you");
  expect(steps()[0]).toBe("running");
});

it("says a cost that is not known as unknown", () => {
  const totals = { duration: "1.5s", inputTokens: "10", outputTokens: "2" };
  render(<RunProgress state={after(...BEGUN, { completed: { totals } })} />);
  expect(document.body.textContent).toContain("1.5 s · 12 tokens, cost unknown");
});

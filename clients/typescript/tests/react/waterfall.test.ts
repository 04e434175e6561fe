// Where the time went: spans read off events.

import { describe, expect, it } from "vitest";
import type { EventJson } from "../../src/levada/v1/event_pb.js";
import { extentOf, spansOf, ticks } from "../../src/react/waterfall.js";
import { initialState, reduce } from "../../src/reduce/index.js";
import type { RunState } from "../../src/state.js";

type Said = Omit<EventJson, "sequence" | "runId" | "time"> & { at: number };

const BEGIN = Date.UTC(2026, 0, 31, 12);

function after(...said: Said[]): RunState {
  return said.reduce(
    (state, { at, ...event }, index) =>
      reduce(state, { ...event, runId: "r", sequence: `${index + 1}`, time: new Date(BEGIN + at).toISOString() }),
    initialState("r"),
  );
}

const PLANNED: Said[] = [
  { at: 0, queued: { position: 1 } },
  { at: 10, started: { pipeline: "federated" } },
  { at: 20, step: "plan", attempt: 1, stepStarted: { title: "Planning" } },
  { at: 50, step: "plan", attempt: 1, planDrafted: { operation: { id: "a", source: "shop", kind: "sql" } } },
  {
    at: 60,
    step: "plan",
    attempt: 1,
    modelCalled: { model: "m", duration: "0.030s", inputTokens: "7", outputTokens: "3" },
  },
  { at: 70, step: "plan", attempt: 1, stepCompleted: { duration: "0.050s" } },
  { at: 80, step: "execute", attempt: 1, stepStarted: { title: "Asking" } },
  { at: 90, step: "execute/a", attempt: 1, stepStarted: { title: "Fetch" } },
  { at: 95, step: "execute/b", attempt: 1, stepStarted: { title: "Look" } },
  { at: 100, step: "execute/a", attempt: 1, operationStarted: { operationId: "a", source: "shop", kind: "sql" } },
];

describe("spans", () => {
  it("stand under the step whose time they took, even where another one planned them", () => {
    const spans = spansOf(after(...PLANNED));
    expect(spans.map((span) => [span.kind, span.label, span.depth])).toEqual([
      ["step", "Planning", 0],
      ["model", "m", 1],
      ["step", "Asking", 0],
      ["step", "Fetch", 1],
      ["query", "shop", 2],
      ["step", "Look", 1],
    ]);
  });

  it("begin when they began: a model call its duration before it was told", () => {
    const [plan, call] = spansOf(after(...PLANNED));
    expect([plan?.start, plan?.duration]).toEqual([20, 50]);
    expect([call?.start, call?.duration]).toEqual([30, 30]);
  });

  it("have no length of their own while they last", () => {
    expect(spansOf(after(...PLANNED)).find((span) => span.kind === "query")?.duration).toBeUndefined();
  });

  it("say that a cost is unknown rather than nothing", () => {
    expect(spansOf(after(...PLANNED))[1]?.facts).toContain("cost unknown");
  });
});

it("the axis ends where the run did, and at this moment while it goes on", () => {
  expect(extentOf(after(...PLANNED), BEGIN + 400)).toBe(400);
  const ended = after(...PLANNED, { at: 300, completed: { outcome: "OUTCOME_ANSWERED" } });
  expect(extentOf(ended, BEGIN + 400)).toBe(300);
});

it("the axis has round times on it", () => {
  expect(ticks(856)).toEqual([0, 200, 400, 600, 800]);
  expect(ticks(1000)).toEqual([0, 200, 400, 600, 800, 1000]);
  expect(ticks(4100)).toEqual([0, 1000, 2000, 3000, 4000]);
  expect(ticks(1)).toEqual([0, 1]);
});

// What a run looks like after its events, however they came.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chartOf,
  currentSteps,
  initialState,
  operationOf,
  queryOf,
  reduce,
  remaining,
  stepsOf,
  tableOf,
  textOf,
} from "../src/index.js";
import { folded, plain, recorded, told } from "./support/events.js";

const RUN = recorded("revenue-by-month");

describe("the state of a recorded run", () => {
  const state = folded(RUN);

  it("says what was asked, and how it ended", () => {
    expect(state).toMatchObject({
      phase: "completed",
      question: "Revenue by month in 2025?",
      pipeline: "query",
      progress: 1,
    });
    expect(state.end).toMatchObject({ kind: "completed", outcome: "answered" });
    expect(state.gaps).toEqual([]);
  });

  it("lists the steps that were taken, with what they took and found", () => {
    const taken = stepsOf(state).filter((step) => step.state === "done");
    expect(taken.map((step) => step.path)).toEqual([
      "classify_sources",
      "classify_intent",
      "fetch_context",
      "generate_sql",
      "validate_sql",
      "execute_sql",
      "analyze_results",
      "generate_viz",
    ]);
    expect(taken[5]).toMatchObject({ category: "action", note: "12 rows", attempt: 1 });
    expect(taken[5]?.duration).toBeCloseTo(156.71);
  });

  it("has the query with the rows that it gave", () => {
    const query = queryOf(state);
    expect(query).toMatchObject({ id: "q1", state: "validated", source: "shop", language: "sql" });
    expect(query?.validatedText).toContain("SUM(`order_items`.`quantity`");
    expect(query && operationOf(state, query)).toMatchObject({ state: "done", rows: 12 });
    const table = tableOf(state);
    expect(table).toMatchObject({ rowCount: 12, completed: true, truncated: false, queryId: "q1" });
    expect(table?.row(0)?.[0]).toBe("2025-01");
    expect(table?.row(12)).toBeUndefined();
    expect(chartOf(state, table?.id ?? "")).toMatchObject({ kind: "line" });
  });

  it("has the answer, what was found, and what to ask next", () => {
    expect(textOf(state, "answer")).toContain("6,386,946 EUR");
    expect(state.findings.values().map(({ kind }) => kind)).toEqual(["outlier", "change", "trend", "total", "extreme"]);
    expect(state.followUps).toHaveLength(3);
    expect(state.drafts.size).toBe(0);
  });

  it("is the same after any cut, with any of the events told twice", () => {
    const whole = plain(state);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(RUN.length), fc.nat(20)), { maxLength: 6 }), (cuts) => {
        let resumed = initialState("r1");
        for (const [cut, again] of [...cuts].sort(([a], [b]) => a - b)) {
          resumed = folded(RUN.slice(Math.max(0, resumed.sequence - again), Math.max(cut, resumed.sequence)), resumed);
        }
        expect(plain(folded(RUN, resumed))).toEqual(whole);
      }),
    );
  });

  it("can be looked at in any moment of its past", () => {
    const past = RUN.map((_, count) => folded(RUN.slice(0, count)));
    const then = past.map(plain);
    let state = initialState("r1");
    const kept = RUN.map((event) => {
      const before = state;
      state = reduce(state, event);
      return before;
    });
    expect(kept.map(plain)).toEqual(then);
  });
});

describe("a plan's operations", () => {
  const asks = (operation: object) => {
    const plan = folded(told({ step: "plan", planDrafted: { operation: { id: "o", ...operation } } })).plan;
    const found = plan.operations.get("o");
    return [found?.language, found?.text];
  };

  it("say what they ask in the language of their source", () => {
    expect(asks({ kind: "sql", paramsJson: '{"query": "SELECT 1"}' })).toEqual(["sql", "SELECT 1"]);
    expect(asks({ kind: "combine", paramsJson: '{"sql": "SELECT 2"}' })).toEqual(["sql", "SELECT 2"]);
    const [language, text] = asks({ kind: "mongodb", paramsJson: '{"b": 1, "a": [2]}' });
    expect([language, text?.replace(/\s/g, "")]).toEqual(["json", '{"b":1,"a":[2]}']);
  });

  it("say nothing where it may not be seen or can't be read", () => {
    for (const paramsJson of ["", "{", "[1]", "null", "3"]) expect(asks({ paramsJson })[1]).toBe("");
  });
});

describe("what an attempt said", () => {
  const rows = { tableRows: { tableId: "t", rowCount: 1, columns: [{ ints: { values: ["1"] } }] } };
  const first = told(
    { started: { question: "q" } },
    { step: "run", stepStarted: { title: "Running" } },
    { step: "run", textDelta: { channel: "CHANNEL_SQL", text: "select" } },
    { step: "run", textDelta: { channel: "CHANNEL_ANSWER", text: "half of it" } },
    { step: "run", tableStarted: { tableId: "t", columns: [{ name: "n" }] } },
    { step: "run", ...rows },
    { step: "run", finding: { text: "found" } },
    { step: "run", chart: { tableId: "t" } },
    { step: "run", followUps: { questions: ["more?"] } },
    { step: "run", stepProgressed: { message: "another model took over", lasting: true } },
    { step: "run", schemaMatched: { source: "shop" } },
    { step: "run", agentStarted: { agent: "a" } },
    { step: "run", planDrafted: { operation: { id: "o" }, description: "d" } },
    { step: "other", finding: { text: "stays" } },
    { step: "run", modelCalled: { model: "m", inputTokens: "7" } },
  );
  const empty = {
    tables: [],
    texts: [],
    drafts: [],
    charts: [],
    followUps: [],
    remarks: [],
    schemas: [],
    agents: [],
    plan: { description: "", validated: false, operations: [] },
    findings: [{ text: "stays" }],
    modelCalls: [{ model: "m", inputTokens: 7 }],
  };

  it("is void once the next attempt begins, but for what it cost", () => {
    const again = { ...told({ step: "run", attempt: 2, stepStarted: {} })[0], sequence: String(first.length + 1) };
    const before = folded(first);
    const after = reduce(before, again);
    expect(plain(after)).toMatchObject(empty);
    expect(after.begun.get("run")).toMatchObject({ attempt: 2, state: "running" });
    expect(before.tables.get("t")?.cell(0, 0)).toBe(1);
  });

  it("is void at once when it failed and is tried again", () => {
    const failed = { step: "run", attempt: 1, stepFailed: { message: "no such column", willRetry: true } };
    const state = reduce(folded(first), { ...failed, sequence: String(first.length + 1) });
    expect(plain(state)).toMatchObject(empty);
    expect(state.begun.get("run")).toMatchObject({ state: "failed", willRetry: true, note: "no such column" });
  });

  it("stays when it failed for good", () => {
    const failed = { step: "run", attempt: 1, stepFailed: { message: "lost" } };
    expect(reduce(folded(first), { ...failed, sequence: String(first.length + 1) }).tables.size).toBe(1);
  });

  it("is not taken in after the next one began", () => {
    const late = told(
      { step: "run", attempt: 2, stepStarted: {} },
      { step: "run", attempt: 1, textDelta: { channel: "CHANNEL_ANSWER", text: "late" } },
      { step: "run", attempt: 1, modelCalled: { model: "m" } },
      { step: "run", attempt: 2, textDelta: { channel: "CHANNEL_ANSWER", text: "right" } },
    );
    const state = folded(late);
    expect(textOf(state, "answer")).toBe("right");
    expect(state.modelCalls.size).toBe(1);
    const later = { step: "run", attempt: 1, textDelta: { channel: "CHANNEL_ANSWER", text: "later" } } as const;
    expect(textOf(reduce(state, { ...later, sequence: "5" }), "answer")).toBe("right");
  });
});

describe("events", () => {
  it("of a kind that is not known move nothing but the number", () => {
    const before = folded(told({ started: { question: "q" } }));
    const after = reduce(before, { sequence: "2", somethingNew: { text: "x" }, constructor: {} } as never);
    expect(plain({ ...after, sequence: 1 })).toEqual(plain(before));
    expect(after.sequence).toBe(2);
  });

  it("that are told twice change nothing", () => {
    const text = (text: string) => ({ step: "s", textDelta: { channel: "CHANNEL_ANSWER" as const, text } });
    const events = told(text("a"), text("b"), text("c"));
    const state = folded(events);
    expect(events.map((event) => reduce(state, event))).toEqual([state, state, state]);
    expect(textOf(state, "answer")).toBe("abc");
  });

  it("that are missing are told as a gap", () => {
    const [first, , , fourth] = told({ started: {} }, {}, {}, { step: "a", stepStarted: { title: "A" } });
    expect(folded([first, fourth] as never).gaps).toEqual([{ from: 2, to: 3 }]);
  });

  it("never let progress fall", () => {
    expect(folded(told({ progress: 0.5 }, { progress: 0.2 }, {})).progress).toBe(0.5);
  });

  it("of a person's answer open and close the question", () => {
    const asked = told(
      { started: {} },
      {
        step: "ask",
        inputRequested: { inputId: "i", kind: "INPUT_KIND_APPROVAL", prompt: "Run it?", query: "select 1" },
      },
    );
    const waiting = folded(asked);
    expect(waiting).toMatchObject({ phase: "waiting", input: { id: "i", kind: "approval", query: "select 1" } });
    const answer = { inputReceived: { inputId: "i", by: "me", decision: "DECISION_EDIT", text: "select 2" } } as const;
    const state = reduce(waiting, { sequence: "3", ...answer });
    expect(state).toMatchObject({ phase: "running", input: undefined });
    expect(state.answers).toEqual([{ id: "i", by: "me", decision: "edit", text: "select 2" }]);
  });

  it("of the end stop what is under way", () => {
    const state = folded(told({ started: {} }, { step: "a", stepStarted: {} }, { cancelled: { by: "me" } }));
    expect(state.begun.get("a")?.state).toBe("stopped");
    expect(state.end).toMatchObject({ kind: "cancelled", by: "me", totals: { rows: 0 } });
  });

  it("of a mended query name the one that it mends", () => {
    const state = folded(
      told(
        { step: "write", textDelta: { channel: "CHANNEL_SQL", text: "sel" } },
        { step: "write", queryProposed: { queryId: "q1", source: "shop", text: "select x" } },
        { step: "check", queryRefused: { queryId: "q1", rule: "function", message: "no" } },
        { step: "mend", queryProposed: { queryId: "q2", source: "shop", text: "select y", author: "repair" } },
      ),
    );
    expect(state.queries.get("q1")).toMatchObject({ state: "refused", rule: "function", message: "no" });
    expect(state.queries.get("q2")).toMatchObject({ state: "proposed", repairs: "q1" });
  });

  it("of steps put those that nobody announced behind those that have begun", () => {
    const steps = [
      { step: "a", title: "A" },
      { step: "b", title: "B" },
      { step: "c", title: "C", conditional: true },
    ];
    const state = folded(
      told(
        { started: { steps } },
        { step: "a", stepStarted: { title: "A!" } },
        { step: "a#2", stepStarted: { title: "A2" } },
      ),
    );
    expect(stepsOf(state).map(({ path, state }) => `${path} ${state}`)).toEqual([
      "a running",
      "a#2 running",
      "b pending",
      "c pending",
    ]);
    expect(currentSteps(state).map(({ path }) => path)).toEqual(["a#2", "a"]);
  });
});

describe("the time left", () => {
  const steps = [
    { step: "a", estimatedDuration: "4s" },
    { step: "b", estimatedDuration: "6s" },
    { step: "c", conditional: true },
  ] as const;
  const events = told({ started: { steps: [...steps] } }, { step: "a", stepStarted: { estimatedDuration: "4s" } });
  const state = folded(events);
  const begun = state.begun.get("a")?.startedAt ?? 0;

  it("is what is left of the step under way, and what is ahead", () => {
    expect(remaining(state, begun + 1_000)).toBe(9_000);
  });

  it("is not known once a step takes longer than usual", () => {
    expect(remaining(state, begun + 4_001)).toBeUndefined();
  });

  it("is not known when a step ahead has no history", () => {
    expect(remaining(folded(told({ started: { steps: [{ step: "x" }] } })), begun)).toBeUndefined();
  });

  it("is not known while the run rests", () => {
    expect(remaining(reduce(state, { sequence: "3", paused: {} }), begun)).toBeUndefined();
  });

  it("counts steps side by side once", () => {
    const both = reduce(state, { ...events[1], step: "b", sequence: "3", stepStarted: { estimatedDuration: "6s" } });
    expect(remaining(both, begun)).toBe(6_000);
  });
});

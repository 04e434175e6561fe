// What stands within what, read off a run's events.
import { describe, expect, it } from "vitest";
import { contributionsOf, queriesOf, type StepNode, stepTree, tableOf, taskTree } from "../src/index.js";
import { folded, told } from "./support/events.js";

const begun = (step: string) => ({ step, stepStarted: { title: step } });
const shape = (nodes: readonly StepNode[]): unknown => nodes.map(({ step, inner }) => [step.path, shape(inner)]);

describe("steps within steps", () => {
  it("stand below the nearest one that is known", () => {
    const state = folded(told(begun("a"), begun("a/b/c"), begun("a/d"), begun("a/d/e"), begun("x/y")));
    expect(shape(stepTree(state.begun))).toEqual([
      [
        "a",
        [
          ["a/b/c", []],
          ["a/d", [["a/d/e", []]]],
        ],
      ],
      ["x/y", []],
    ]);
  });
});

describe("tasks", () => {
  const plan = (taskId: string, parent = "") => ({ step: "plan", taskPlanned: { taskId, parent } });

  it("stand below the task that called for them, with the step that works on them", () => {
    const state = folded(told(plan("t1"), plan("t2", "t1"), plan("t3", "gone"), begun("work/t1"), begun("work/t2#2")));
    const [first, other] = taskTree(state);
    expect(first?.task.id).toBe("t1");
    expect(first?.work?.step.path).toBe("work/t1");
    expect(first?.parts.map(({ task, work }) => [task.id, work?.step.path])).toEqual([["t2", "work/t2#2"]]);
    expect(other).toMatchObject({ task: { id: "t3" }, work: undefined });
  });

  it("are not taken for a step of that name within another one, but for their own parts", () => {
    const steps = [begun("r/turn"), begun("r/t1"), begun("r/t1/turn"), begun("r/t1/t2")];
    const state = folded(told(plan("turn"), plan("t1"), plan("t2", "t1"), ...steps));
    const [turn, first] = taskTree(state);
    expect(turn?.work?.step.path).toBe("r/turn");
    expect(first?.parts[0]?.work?.step.path).toBe("r/t1/t2");
  });

  it("are planned anew when the step that planned them is", () => {
    const again = { step: "plan", attempt: 2, taskPlanned: { taskId: "t9" } };
    expect([...folded(told(plan("t1"), again)).tasks].map(({ id }) => id)).toEqual(["t9"]);
  });

  it("are counted over rounds, each with what was decided at its end", () => {
    const state = folded(
      told(
        { step: "r", iterationStarted: { iteration: 1, depth: 5 } },
        { step: "r", iterationCompleted: { iteration: 1, tasksCompleted: 2, tasksTotal: 4, decision: "Deeper." } },
        { step: "r", iterationStarted: { iteration: 2, depth: 5 } },
      ),
    );
    expect([...state.iterations]).toMatchObject([
      { number: 1, completed: true, decision: "Deeper." },
      { number: 2, completed: false, decision: "", tasksCompleted: 2, tasksTotal: 4 },
    ]);
  });
});

describe("the parts of a run", () => {
  const write = (step: string, text: string) => ({
    step,
    textDelta: { channel: "CHANNEL_CONTRIBUTION" as const, text },
  });

  it("contribute side by side", () => {
    const state = folded(
      told(
        write("s/a", "Re"),
        write("s/b", "One "),
        write("s/a", "venue"),
        write("s/b", "month"),
        write("sa", "Other"),
      ),
    );
    expect(contributionsOf(state, "s/a").map(({ text }) => text)).toEqual(["Revenue"]);
    expect(contributionsOf(state, "s").map(({ text }) => text)).toEqual(["Revenue", "One month"]);
  });

  it("choose sources of their own, beside the run's pipeline and steps", () => {
    const chosen = (step: string, source: string, pipeline?: string) => ({
      step,
      sourcesSelected: { sources: [{ source }], ...(pipeline && { pipeline, steps: [{ step: "next" }] }) },
    });
    const state = folded(told(chosen("choose", "shop", "outer"), chosen("work/t1/choose", "crm", "inner")));
    expect(state.pipeline).toBe("outer");
    expect(state.sources.map(({ source }) => source)).toEqual(["shop", "crm"]);
  });

  it("keep their plans when another one's is checked", () => {
    const plan = (step: string, id: string) => ({ step, planValidated: { operations: [{ id }] } });
    const state = folded(
      told(plan("w/t1/validate", "t1.a"), plan("w/t2/validate", "t2.a"), plan("w/t1/validate", "t1.b")),
    );
    expect([...state.plan.operations].map(({ id }) => id).sort()).toEqual(["t1.b", "t2.a"]);
  });

  it("mend no query of another part", () => {
    const proposed = (step: string, queryId: string, author = "") => ({
      step,
      queryProposed: { queryId, source: "shop", author },
    });
    const state = folded(
      told(
        proposed("w/t1/write", "t1.q1"),
        proposed("w/t2/write", "t2.q1"),
        proposed("w/t1/repair", "t1.q2", "repair"),
      ),
    );
    expect(queriesOf(state).map(({ repairs }) => repairs)).toEqual(["", "", "t1.q1"]);
  });

  it("have tables that are not the run's answer", () => {
    const table = (step: string, tableId: string) => ({ step, tableStarted: { tableId } });
    const task = { step: "plan", taskPlanned: { taskId: "t1" } };
    expect(tableOf(folded(told(task, table("w/t1/run", "t1.rows"))))).toBeUndefined();
    expect(tableOf(folded(told(task, table("w/t1/run", "t1.rows"), table("combine", "all"))))?.id).toBe("all");
  });
});

describe("an exercise", () => {
  it("comes with what was looked at in each step", () => {
    const state = folded(
      told(
        { step: "judge", qualityChecked: { checks: [{ name: "fair" }] } },
        { step: "judge", attempt: 2, qualityChecked: { checks: [{ name: "fair", passed: true }] } },
        { assessmentEnded: { success: true, qualityScore: 8, assessment: { title: "T", errors: [{ id: "e" }] } } },
      ),
    );
    expect([...state.qualities]).toEqual([{ step: "judge", checks: [{ name: "fair", passed: true, message: "" }] }]);
    expect(state.assessment).toMatchObject({ success: true, qualityScore: 8, exercise: { errors: [{ id: "e" }] } });
  });
});

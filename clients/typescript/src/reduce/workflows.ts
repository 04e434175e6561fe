// Events of workflows: their tasks, and the rounds in which they are worked on.
import type { Iteration, RunState } from "../state.js";
import type { Handlers } from "./context.js";
import { put } from "./output.js";

export const workflows: Handlers = {
  iterationStarted: (state, { iteration = 0, depth = 0 }) => round(state, iteration, { depth, completed: false }),

  iterationCompleted: (state, { iteration = 0, tasksCompleted = 0, tasksTotal = 0, decision = "" }) =>
    round(state, iteration, { completed: true, tasksCompleted, tasksTotal, decision }),

  taskPlanned(state, payload, on) {
    const task = {
      id: payload.taskId ?? "",
      step: on.step,
      name: payload.name ?? "",
      dependsOn: payload.dependsOn ?? [],
      priority: payload.priority ?? 0,
      iteration: payload.iteration ?? 0,
      cause: payload.cause ?? "",
      objective: payload.objective ?? "",
      parent: payload.parent ?? "",
    };
    return put(state, "tasks", task.id, task, on);
  },
};

const NEW: Omit<Iteration, "number"> = { depth: 0, completed: false, tasksCompleted: 0, tasksTotal: 0, decision: "" };

// What is counted over all rounds goes on from the round before.
function round(state: RunState, number: number, changes: Partial<Iteration>): RunState {
  const key = String(number);
  const before = state.iterations.get(key) ?? { ...NEW, ...state.iterations.last(), decision: "", number };
  return { ...state, iterations: state.iterations.set(key, { ...before, ...changes }) };
}

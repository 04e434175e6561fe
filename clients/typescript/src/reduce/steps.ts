// Events of steps: announced, begun, getting on, over.
import { Collection } from "../collection.js";
import type { StepInfoJson } from "../levada/v1/event_pb.js";
import type { RunState, Step } from "../state.js";
import type { Category } from "../words.js";
import { type Context, double, type Handlers, maybeMilliseconds, word } from "./context.js";
import { put, withoutOutput } from "./output.js";
import { reasonOf } from "./run.js";

export const steps: Handlers = {
  stepStarted: (state, payload, on) =>
    begun(state, on, {
      title: payload.title ?? "",
      icon: payload.icon ?? "",
      category: word<Category>(payload.category, "CATEGORY_"),
      state: "running",
      attempt: on.attempt,
      note: "",
      willRetry: false,
      reason: undefined,
      fraction: undefined,
      estimate: maybeMilliseconds(payload.estimatedDuration),
      startedAt: on.at,
      duration: undefined,
    }),

  stepProgressed(state, { message, fraction, lasting }, on) {
    const changed = begun(state, on, {
      note: message ?? "",
      fraction: fraction === undefined ? undefined : double(fraction),
    });
    if (!lasting) return changed;
    return put(changed, "remarks", String(on.sequence), { step: on.step, text: message ?? "" }, on);
  },

  stepCompleted(state, { duration, summary }, on) {
    const done = {
      state: "done",
      note: summary ?? "",
      fraction: undefined,
      duration: maybeMilliseconds(duration),
    } as const;
    return { ...begun(state, on, done), resumedCause: "" };
  },

  stepFailed(state, { reason, message, willRetry = false, duration }, on) {
    const failed = {
      state: "failed",
      note: message ?? "",
      willRetry,
      reason: reasonOf(reason),
      fraction: undefined,
      duration: maybeMilliseconds(duration),
    } as const;
    return begun(willRetry ? withoutOutput(state, on.step) : state, on, failed);
  },

  stepSkipped: (state, { cause }, on) => begun(state, on, { state: "skipped", note: cause ?? "" }),
};

/** Put *infos* ahead of what has begun, in their order; behind them what was announced before and is not named. */
export function announced(state: RunState, infos: readonly StepInfoJson[]): RunState {
  if (!infos.length) return state;
  let pending = Collection.empty<Step>();
  for (const info of infos) if (!state.begun.has(info.step ?? "")) pending = pending.set(info.step ?? "", ahead(info));
  for (const step of state.pending) if (!pending.has(step.path)) pending = pending.set(step.path, step);
  return { ...state, pending };
}

/** Say of steps under way that they were stopped: the run has ended. */
export function stopped(state: RunState): RunState {
  let steps = state.begun;
  for (const step of steps) if (step.state === "running") steps = steps.set(step.path, { ...step, state: "stopped" });
  return { ...state, begun: steps };
}

// A step that nobody announced, such as a repeated one, and one that began before the reader came, begin here too.
function begun(state: RunState, { step: path, attempt }: Context, changes: Partial<Step>): RunState {
  const known = state.begun.get(path) ?? state.pending.get(path) ?? ahead({ step: path, title: path });
  const step = { ...known, attempt: attempt || known.attempt, ...changes };
  return { ...state, begun: state.begun.set(path, step), pending: state.pending.delete(path) };
}

function ahead(info: StepInfoJson): Step {
  return {
    path: info.step ?? "",
    title: info.title ?? "",
    icon: info.icon ?? "",
    category: word<Category>(info.category, "CATEGORY_"),
    state: "pending",
    conditional: info.conditional ?? false,
    attempt: 0,
    note: "",
    willRetry: false,
    reason: undefined,
    fraction: undefined,
    estimate: maybeMilliseconds(info.estimatedDuration),
    startedAt: undefined,
    duration: undefined,
    progress: double(info.progress),
  };
}

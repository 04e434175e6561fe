// Where a run's time went, read off its state: spans of steps, of model calls, of queries, of agents.

import type { ModelCall, Operation, RunState, Step } from "../state.js";
import { count, dollars } from "./words.js";

export interface Span {
  readonly key: string;
  readonly kind: "step" | "model" | "query";
  readonly label: string;
  /** How far it is indented: what a step did stands below it. */
  readonly depth: number;
  /** Milliseconds from the run's creation. */
  readonly start: number;
  /** Undefined while it is under way. */
  readonly duration: number | undefined;
  readonly category: Step["category"];
  readonly failed: boolean;
  /** In a few words, what there is to know beside the time. */
  readonly facts: string;
  readonly call: ModelCall | undefined;
}

/** Return the spans in the order in which steps began, each step's own calls and queries below it. */
export function spansOf(state: RunState): readonly Span[] {
  const origin = state.createdAt ?? state.startedAt ?? 0;
  const inner = new Map<string, Span[]>();
  const add = (step: string, span: Span) => inner.set(step, [...(inner.get(step) ?? []), span]);
  for (const [number, call] of state.modelCalls.values().entries()) add(call.step, ofCall(call, number, origin));
  for (const operation of state.plan.operations) {
    if (operation.startedAt === undefined) continue;
    add(homeOf(operation, operation.startedAt, state), ofOperation(operation, operation.startedAt - origin));
  }
  const steps = state.begun.values().flatMap((step) => {
    if (step.startedAt === undefined) return [];
    const depth = step.path.split("/").length;
    const below = (inner.get(step.path) ?? [])
      .map((span) => ({ ...span, depth }))
      .sort((one, other) => one.start - other.start);
    inner.delete(step.path);
    return [ofStep(step, step.startedAt - origin), ...below];
  });
  return [...steps, ...[...inner.values()].flat()];
}

/** Return how long the time axis is: up to the end, or to *now* while the run goes on. */
export function extentOf(state: RunState, now: number): number {
  const origin = state.createdAt ?? state.startedAt ?? 0;
  return Math.max(1, (state.end ? (state.lastAt ?? now) : now) - origin);
}

// An operation may have been planned by one step and carried out by another: where it ran is where its time went.
function homeOf({ id, step }: Operation, startedAt: number, state: RunState): string {
  const open = state.begun.values().filter((one) => {
    const begun = one.startedAt ?? Number.POSITIVE_INFINITY;
    return begun <= startedAt && startedAt <= begun + (one.duration ?? Number.POSITIVE_INFINITY);
  });
  const own = open.find((one) => one.path.endsWith(`/${id}`)) ?? open.find((one) => one.path === step);
  return (own ?? open.at(-1))?.path ?? step;
}

const STEPS_OF_TEN = [1, 2, 5, 10];

/** Return round times for the axis, about four of them. */
export function ticks(extent: number): readonly number[] {
  const rough = Math.max(1, extent / 5.5);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS_OF_TEN.find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.floor(extent / step) + 1 }, (_, index) => index * step);
}

function ofStep(step: Step, start: number): Span {
  const attempt = step.attempt > 1 ? `attempt ${step.attempt}` : "";
  return {
    key: `step ${step.path}`,
    kind: "step",
    label: step.title || step.path,
    depth: step.path.split("/").length - 1,
    start: Math.max(0, start),
    duration: step.duration ?? (step.state === "running" ? undefined : 0),
    category: step.category,
    failed: step.state === "failed",
    facts: [attempt, step.note].filter(Boolean).join(" · "),
    call: undefined,
  };
}

function ofCall(call: ModelCall, number: number, origin: number): Span {
  const tokens = `${count(call.inputTokens, "token")} in, ${call.outputTokens.toLocaleString("en")} out`;
  const cost = call.costUsd === undefined ? "cost unknown" : dollars(call.costUsd);
  const kept = call.fromCache ? "kept answer" : "";
  const attempt = call.attempt > 1 ? `try ${call.attempt}` : "";
  return {
    key: `model ${number}`,
    kind: "model",
    label: call.model || call.provider,
    depth: 1,
    start: Math.max(0, (call.at ?? origin) - call.duration - origin),
    duration: call.duration,
    category: undefined,
    failed: call.problem !== "",
    facts: [call.role, attempt, kept, call.estimated ? `about ${tokens}` : tokens, cost, call.problem]
      .filter(Boolean)
      .join(" · "),
    call,
  };
}

function ofOperation(operation: Operation, start: number): Span {
  return {
    key: `query ${operation.id}`,
    kind: "query",
    label: operation.source || operation.kind || operation.id,
    depth: 1,
    start: Math.max(0, start),
    duration: operation.duration ?? (operation.state === "running" ? undefined : 0),
    category: undefined,
    failed: false,
    facts: [operation.kind, operation.rows === undefined ? "" : count(operation.rows, "row")]
      .filter(Boolean)
      .join(" · "),
    call: undefined,
  };
}

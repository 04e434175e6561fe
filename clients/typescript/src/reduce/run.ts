// Events of the run as a whole: its phases, what a person is asked, its end.

import type { Reason } from "../errors.js";
import type { InputRequestedJson, TotalsJson } from "../levada/v1/event_pb.js";
import type { End, InputRequest, RunState, Totals } from "../state.js";
import type { Decision, InputKind, Outcome } from "../words.js";
import { type Handlers, maybeMilliseconds, word } from "./context.js";
import { announced, stopped } from "./steps.js";

export const run: Handlers = {
  queued: (state, { position }) => ({ ...state, phase: "queued", position: position ?? 0, pausedBy: "" }),

  started: (state, payload, { at }) => ({
    ...announced(state, payload.steps ?? []),
    phase: "running",
    position: 0,
    pipeline: payload.pipeline ?? "",
    question: payload.question ?? "",
    forkedFrom: payload.forkedFrom ?? "",
    keptSteps: payload.keptSteps ?? [],
    startedAt: at,
  }),

  paused: (state, { by }) => ({ ...state, phase: "paused", pausedBy: by || "someone", position: 0 }),

  resumed: (state, { cause }) => ({
    ...state,
    phase: state.input ? "waiting" : "running",
    pausedBy: "",
    position: 0,
    resumedCause: cause ?? "",
  }),

  inputRequested: (state, payload, { step }) => ({ ...state, phase: "waiting", input: inputRequest(payload, step) }),

  inputReceived(state, { inputId, by, decision, text }) {
    const answer = {
      id: inputId ?? "",
      by: by ?? "",
      decision: word<Decision>(decision, "DECISION_"),
      text: text ?? "",
    };
    return { ...state, phase: "running", input: undefined, answers: [...state.answers, answer] };
  },

  completed: (state, payload, { step }) =>
    ended(state, {
      kind: "completed",
      outcome: word<Outcome>(payload.outcome, "OUTCOME_"),
      summary: payload.summary ?? "",
      clarification: payload.clarification && inputRequest(payload.clarification, step),
      totals: totals(payload.totals),
    }),

  failed: (state, payload) =>
    ended(state, {
      kind: "failed",
      reason: reasonOf(payload.reason) ?? "INTERNAL",
      message: payload.message ?? "",
      tried: payload.tried ?? [],
      retryable: payload.retryable ?? false,
      totals: totals(payload.totals),
    }),

  cancelled: (state, { by, cause, ...payload }) =>
    ended(state, { kind: "cancelled", by: by ?? "", cause: cause ?? "", totals: totals(payload.totals) }),
};

/** Return the reason without its prefix; one from a newer server as it is. */
export function reasonOf(name: string | undefined): Reason | undefined {
  return name ? (name.replace(/^ERROR_REASON_/, "") as Reason) : undefined;
}

function ended(state: RunState, end: End): RunState {
  const over = { phase: end.kind, end, position: 0, pausedBy: "", input: undefined, resumedCause: "" };
  return { ...stopped(state), ...over };
}

function inputRequest(payload: InputRequestedJson, step: string): InputRequest {
  return {
    id: payload.inputId ?? "",
    step,
    kind: word<InputKind>(payload.kind, "INPUT_KIND_"),
    prompt: payload.prompt ?? "",
    options: (payload.options ?? []).map(({ value, label }) => ({ value: value ?? "", label: label || (value ?? "") })),
    query: payload.query ?? "",
    language: payload.language ?? "",
  };
}

function totals(payload: TotalsJson | undefined): Totals {
  return {
    duration: maybeMilliseconds(payload?.duration) ?? 0,
    rows: Number(payload?.rows ?? 0),
    inputTokens: Number(payload?.inputTokens ?? 0),
    outputTokens: Number(payload?.outputTokens ?? 0),
    costUsd: payload?.costUsd === undefined ? undefined : Number(payload.costUsd),
  };
}

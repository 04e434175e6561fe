// The fold from events to a run's state: pure, and the same for a live reader, a late one and a replay.
import { Collection } from "../collection.js";
import type { EventJson } from "../levada/v1/event_pb.js";
import type { RunState } from "../state.js";
import { agents } from "./agents.js";
import { assessments } from "./assessments.js";
import { type Context, double, type Handlers } from "./context.js";
import { NO_PLAN, superseded } from "./output.js";
import { queries } from "./queries.js";
import { results } from "./results.js";
import { run } from "./run.js";
import { steps } from "./steps.js";
import { workflows } from "./workflows.js";

type Handler = (state: RunState, payload: never, on: Context) => RunState;

const HANDLERS: ReadonlyMap<string, Handler> = new Map(
  Object.entries<Handler>({
    ...run,
    ...steps,
    ...queries,
    ...results,
    ...agents,
    ...workflows,
    ...assessments,
  } satisfies Handlers),
);

/** The state of a run of which nothing was heard yet. */
export function initialState(runId: string, question = ""): RunState {
  return {
    runId,
    sequence: 0,
    phase: "queued",
    question,
    pipeline: "",
    pipelineCause: "",
    position: 0,
    progress: 0,
    traceId: "",
    createdAt: undefined,
    startedAt: undefined,
    lastAt: undefined,
    forkedFrom: "",
    keptSteps: [],
    pausedBy: "",
    resumedCause: "",
    begun: Collection.empty(),
    pending: Collection.empty(),
    texts: Collection.empty(),
    sources: [],
    schemas: Collection.empty(),
    plan: NO_PLAN,
    queries: Collection.empty(),
    drafts: Collection.empty(),
    tables: Collection.empty(),
    findings: Collection.empty(),
    charts: Collection.empty(),
    followUps: [],
    remarks: Collection.empty(),
    input: undefined,
    answers: [],
    modelCalls: Collection.empty(),
    agents: Collection.empty(),
    interactions: Collection.empty(),
    iterations: Collection.empty(),
    tasks: Collection.empty(),
    qualities: Collection.empty(),
    assessment: undefined,
    end: undefined,
    gaps: [],
    said: Collection.empty(),
  };
}

/**
 * Return *state* with *event* taken in, in constant time. An event that was taken in before changes nothing; of one
 * whose payload is not known only the number is kept.
 */
export function reduce(state: RunState, event: EventJson): RunState {
  const sequence = Number(event.sequence ?? 0);
  if (sequence <= state.sequence) return state;
  const on = { step: event.step ?? "", attempt: event.attempt ?? 0, sequence, at: timeOf(event) };
  const current = enveloped(state, event, on);
  const known = current.said.get(on.step)?.attempt ?? 0;
  if (on.step && on.attempt > known) return handled(superseded(current, on.step, on.attempt), event, on);
  // What an attempt says after another took its place is void, but for what it cost.
  return on.step && on.attempt < known && !event.modelCalled ? current : handled(current, event, on);
}

function enveloped(state: RunState, event: EventJson, { sequence, at }: Context): RunState {
  const missing = sequence > state.sequence + 1;
  return {
    ...state,
    runId: event.runId ?? state.runId,
    sequence,
    progress: Math.max(state.progress, double(event.progress)),
    traceId: event.traceId ?? state.traceId,
    createdAt: state.createdAt ?? at,
    lastAt: at ?? state.lastAt,
    gaps: missing ? [...state.gaps, { from: state.sequence + 1, to: sequence - 1 }] : state.gaps,
  };
}

function handled(state: RunState, event: EventJson, on: Context): RunState {
  for (const name in event) {
    const handler = HANDLERS.get(name);
    if (handler) return handler(state, event[name as keyof EventJson] as never, on);
  }
  return state;
}

function timeOf(event: EventJson): number | undefined {
  return event.time ? Date.parse(event.time) : undefined;
}

// Events on the way from a question to a query that ran: sources, schema, plan, query, operations.
import { Collection } from "../collection.js";
import type { PlannedOperationJson } from "../levada/v1/event_pb.js";
import type { Operation, Query, RunState, SourceChoice } from "../state.js";
import { homeOf } from "../tree.js";
import { asked } from "./asked.js";
import { type Context, double, type Handlers, maybeMilliseconds } from "./context.js";
import { noted, put } from "./output.js";
import { announced } from "./steps.js";

export const queries: Handlers = {
  sourcesSelected(state, { sources = [], pipeline, cause, steps = [] }, on) {
    const chosen = sources.map(({ source = "", cause = "" }) => ({ source, cause }));
    if (homeOf(on.step)) return { ...state, sources: joined(state.sources, chosen) };
    const selected = { ...announced(state, steps), sources: chosen };
    return pipeline ? { ...selected, pipeline, pipelineCause: cause ?? "" } : selected;
  },

  schemaMatched(state, payload, on) {
    const values = payload.linkedValues ?? [];
    const match = {
      step: on.step,
      source: payload.source ?? "",
      tables: payload.tables ?? [],
      tablesTotal: payload.tablesTotal ?? 0,
      columns: payload.columns ?? [],
      linkedValues: values.map(({ words = "", table = "", column = "", value = "" }) => ({
        words,
        table,
        column,
        value,
      })),
      similarQuestions: payload.similarQuestions ?? [],
      definitions: payload.definitions ?? [],
      problems: payload.problems ?? [],
    };
    return put(state, "schemas", match.source, match, on);
  },

  planDrafted(state, { operation, description }, on) {
    const drafted = operation ? putOperation(state, planned(operation, on), on) : state;
    return description ? { ...drafted, plan: { ...drafted.plan, description } } : drafted;
  },

  planValidated(state, { operations = [], estimatedDuration }, on) {
    let plan = Collection.empty<Operation>();
    // Parts of the run may have plans of their own.
    for (const kept of state.plan.operations) if (homeOf(kept.step) !== homeOf(on.step)) plan = plan.set(kept.id, kept);
    for (const operation of operations) plan = plan.set(operation.id ?? "", planned(operation, on));
    const validated = { validated: true, estimate: maybeMilliseconds(estimatedDuration), operations: plan };
    let changed: RunState = { ...state, plan: { ...state.plan, ...validated } };
    for (const { id = "" } of operations) changed = noted(changed, "operations", id, on);
    return changed;
  },

  queryProposed(state, payload, on) {
    const query: Query = {
      ...draft(on, payload.text ?? ""),
      id: payload.queryId ?? "",
      state: "proposed",
      source: payload.source ?? "",
      language: payload.language ?? "",
      explanation: payload.explanation ?? "",
      confidence: payload.confidence === undefined ? undefined : double(payload.confidence),
      unusedWords: payload.unusedWords ?? [],
      author: payload.author ?? "",
      repairs: repaired(state, payload.source ?? "", payload.author ?? "", on),
      proposedAt: on.at,
    };
    return put({ ...state, drafts: state.drafts.delete(on.step) }, "queries", query.id, query, on);
  },

  queryValidated: (state, { queryId, text, rowLimit }) =>
    changedQuery(state, queryId, {
      state: "validated",
      validatedText: text ?? "",
      rowLimit: rowLimit === undefined ? undefined : Number(rowLimit),
    }),

  queryRefused: (state, { queryId, rule, message }) =>
    changedQuery(state, queryId, { state: "refused", rule: rule ?? "", message: message ?? "" }),

  operationStarted(state, { operationId = "", source, kind }, on) {
    const known = state.plan.operations.get(operationId) ?? planned({ id: operationId }, on);
    const started = { ...known, source: source || known.source, kind: kind || known.kind, startedAt: on.at };
    return putOperation(state, { ...started, state: "running", rows: undefined, duration: undefined }, on);
  },

  operationCompleted(state, { operationId = "", rows, duration }, on) {
    const known = state.plan.operations.get(operationId) ?? planned({ id: operationId }, on);
    const took = maybeMilliseconds(duration) ?? 0;
    return putOperation(state, { ...known, state: "done", rows: Number(rows ?? 0), duration: took }, on);
  },
};

/** Return a query of which only a text is known yet. */
export function draft({ step, attempt }: Context, text: string): Query {
  return {
    id: "",
    step,
    attempt,
    source: "",
    language: "",
    text,
    validatedText: "",
    state: "writing",
    rule: "",
    message: "",
    rowLimit: undefined,
    explanation: "",
    confidence: undefined,
    unusedWords: [],
    author: "",
    repairs: "",
    proposedAt: undefined,
  };
}

function repaired(state: RunState, source: string, author: string, { step }: Context): string {
  const last = state.queries.values().findLast((query) => homeOf(query.step) === homeOf(step));
  const mended = last?.source === source && (last.state === "refused" || author === "repair");
  return mended ? last.id : "";
}

// Each part of a run chooses its sources: all of them were asked.
function joined(known: readonly SourceChoice[], more: readonly SourceChoice[]): readonly SourceChoice[] {
  return [...known, ...more.filter(({ source }) => !known.some((each) => each.source === source))];
}

function changedQuery(state: RunState, id: string | undefined, changes: Partial<Query>): RunState {
  const query = state.queries.get(id ?? "");
  return query ? { ...state, queries: state.queries.set(query.id, { ...query, ...changes }) } : state;
}

function planned(operation: PlannedOperationJson, { step }: Context): Operation {
  return {
    id: operation.id ?? "",
    step,
    source: operation.source ?? "",
    kind: operation.kind ?? "",
    description: operation.description ?? "",
    dependsOn: operation.dependsOn ?? [],
    ...asked(operation),
    state: "planned",
    startedAt: undefined,
    rows: undefined,
    duration: undefined,
  };
}

function putOperation(state: RunState, operation: Operation, on: Context): RunState {
  const operations = state.plan.operations.set(operation.id, operation);
  const changed = { ...state, plan: { ...state.plan, operations } };
  return state.plan.operations.has(operation.id) ? changed : noted(changed, "operations", operation.id, on);
}

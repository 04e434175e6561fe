// Questions that pages ask of a run's state.
import type { Chart, Finding, Operation, Query, RunState, Step } from "./state.js";
import type { Table } from "./table.js";
import { homeOf } from "./tree.js";
import type { Channel } from "./words.js";

/** Every step in order: those that began, then those that are ahead. */
export function stepsOf(state: RunState): readonly Step[] {
  return [...state.begun.values(), ...state.pending.values()];
}

/** The steps under way, the one that began last first. */
export function currentSteps(state: RunState): readonly Step[] {
  return state.begun
    .values()
    .filter((step) => step.state === "running")
    .reverse();
}

/** What was said on a channel: texts of several rounds follow each other, a query's explanation is the newest one. */
export function textOf(state: RunState, channel: Exclude<Channel, "sql">): string {
  const texts = state.texts.values().filter((text) => text.channel === channel);
  return channel === "explanation" ? (texts.at(-1)?.text ?? "") : texts.map(({ text }) => text).join("\n\n");
}

/** What a step that is under way thinks aloud. */
export function thinkingOf(state: RunState): string {
  const text = state.texts.values().findLast(({ channel }) => channel === "reasoning");
  return text && state.begun.get(text.step)?.state === "running" ? text.text : "";
}

/** Every query in the order in which they were written, those that are being written last. */
export function queriesOf(state: RunState): readonly Query[] {
  return [...state.queries.values(), ...state.drafts.values()];
}

/** The query to show: the one being written, else the one whose rows are shown, else the newest. */
export function queryOf(state: RunState): Query | undefined {
  const table = tableOf(state);
  return state.drafts.last() ?? (table && state.queries.get(table.queryId)) ?? state.queries.last();
}

/** How far a source is with a query; undefined before it began. */
export function operationOf(state: RunState, query: Query): Operation | undefined {
  return query.id ? state.plan.operations.get(query.id) : undefined;
}

/** The newest table; under a report that rests on several, in the end the first, which answers the question. */
export function tableOf(state: RunState): Table | undefined {
  // Those of tasks and agents are not the run's own: its answer is made of all of them.
  if (state.tasks.size || state.agents.size) return state.tables.values().findLast(({ step }) => !homeOf(step));
  return state.end && textOf(state, "report") ? state.tables.values()[0] : state.tables.last();
}

/** The newest chart of a table. */
export function chartOf(state: RunState, tableId: string): Chart | undefined {
  return state.charts.values().findLast((chart) => chart.tableId === tableId);
}

/** What was found in the rows of a query. */
export function findingsOf(state: RunState, queryId: string): readonly Finding[] {
  return state.findings.values().filter((finding) => finding.queryId === queryId);
}

/**
 * Return how many milliseconds the run will take from *now* on, as earlier runs took. Undefined when that is not known:
 * a step has no history, took longer than usual already, or the run waits for something.
 */
export function remaining(state: RunState, now: number): number | undefined {
  if (state.phase !== "running") return undefined;
  let left = 0;
  for (const step of currentSteps(state)) {
    const rest = (step.startedAt ?? now) + (step.estimate ?? Number.NaN) - now;
    if (!(rest >= 0)) return undefined;
    left = Math.max(left, rest);
  }
  for (const { conditional, estimate } of state.pending) {
    if (conditional) continue;
    if (estimate === undefined) return undefined;
    left += estimate;
  }
  return left;
}

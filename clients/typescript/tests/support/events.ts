// Runs as lists of events: recorded ones, and ones told in a few words.
import { readFileSync } from "node:fs";
import { Collection, type EventJson, initialState, type RunState, reduce, Table } from "../../src/index.js";

export function recorded(name: string): EventJson[] {
  const lines = readFileSync(new URL(`../recorded/${name}.jsonl`, import.meta.url), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as EventJson);
}

type Told = EventJson & { readonly step?: string; readonly attempt?: number };

/** Number the events of a run, and give them a second each. */
export function told(...events: readonly Told[]): EventJson[] {
  return events.map((event, index) => ({
    runId: "r1",
    sequence: String(index + 1),
    time: new Date(1_000_000_000_000 + index * 1000).toISOString() as never,
    ...(event.step && { attempt: 1 }),
    ...event,
  }));
}

export function folded(events: Iterable<EventJson>, state: RunState = initialState("r1")): RunState {
  let folded = state;
  for (const event of events) folded = reduce(folded, event);
  return folded;
}

/** A state as plain values that can be compared. */
export function plain(value: unknown): unknown {
  if (value instanceof Table) {
    const rows = Array.from({ length: value.rowCount }, (_, row) => value.row(row));
    return { ...value, rows };
  }
  if (value instanceof Collection) return [...value].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const { said: _, ...rest } = value as Record<string, unknown>;
  return Object.fromEntries(Object.entries(rest).map(([name, inner]) => [name, plain(inner)]));
}

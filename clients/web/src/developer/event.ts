/** What an event in its JSON is: its name, how it went, in a line. */
import type { EventJson } from "@levada/client";

const ENVELOPE = new Set(["runId", "sequence", "time", "step", "attempt", "progress", "traceId"]);

/** Return the payload's name, "stepStarted"; "unknown" for one that says nothing we know. */
export function nameOf(event: EventJson): string {
  return Object.keys(event).find((key) => !ENVELOPE.has(key)) ?? "unknown";
}

export function payloadOf(event: EventJson): unknown {
  return event[nameOf(event) as keyof EventJson];
}

export type Kind = "done" | "failed" | "begun" | "other";

export function kindOf(name: string): Kind {
  if (/refused|failed|cancelled/i.test(name)) return "failed";
  if (/completed|validated|matched|selected/i.test(name)) return "done";
  return /started|resumed/i.test(name) ? "begun" : "other";
}

export const GLYPHS: Record<Kind, string> = { done: "✓", failed: "✗", begun: "▶", other: "•" };

const WORDS = ["title", "message", "summary", "text", "cause", "description", "question", "name", "prompt", "by"];

/** Return what is worth reading of an event in one line. */
export function gist(event: EventJson): string {
  const payload = payloadOf(event);
  if (typeof payload !== "object" || payload === null) return "";
  const found = WORDS.map((word) => (payload as Record<string, unknown>)[word]).find(
    (value) => typeof value === "string",
  );
  const text = typeof found === "string" ? found : JSON.stringify(payload);
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
}

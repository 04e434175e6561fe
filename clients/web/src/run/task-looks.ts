/** How far a task is, as a glyph and in words. */
import type { RunState, TaskNode } from "@levada/client";

export type Look = "planned" | "running" | "again" | "done" | "failed" | "skipped" | "stopped" | "unreached";

export const MARKS: Record<Look, string> = {
  planned: "·",
  running: "⏳",
  again: "⏳",
  done: "✓",
  failed: "✗",
  skipped: "–",
  stopped: "–",
  unreached: "–",
};

export const WORDS: Record<Look, string> = {
  planned: "planned",
  running: "running",
  again: "failed, trying again",
  done: "",
  failed: "failed",
  skipped: "skipped",
  stopped: "stopped",
  unreached: "not reached",
};

export function looks({ work }: TaskNode, { end }: RunState): Look {
  const step = work?.step;
  if (!step || step.state === "pending") return end ? "unreached" : "planned";
  return step.state === "failed" && step.willRetry && !end ? "again" : step.state;
}

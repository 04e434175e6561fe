/** How far a task is, as a glyph and in words. */
import type { TaskNode } from "@levada/client";

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

/** *over* tells whether the run has ended. */
export function looks({ work }: TaskNode, over: boolean): Look {
  const step = work?.step;
  if (!step || step.state === "pending") return over ? "unreached" : "planned";
  return step.state === "failed" && step.willRetry && !over ? "again" : step.state;
}

/** How a step stands, in one sign. */
import type { Step } from "@levada/client";

export const MARKS: Record<Step["state"], string> = {
  pending: "·",
  running: "🔄",
  done: "✅",
  failed: "❌",
  skipped: "–",
  stopped: "⏹",
};

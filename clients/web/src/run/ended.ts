/** Whether a run has ended, as the list of runs tells it. */
import type { RunJson } from "@levada/client";

const ENDS: readonly (RunJson["state"] | undefined)[] = [
  "RUN_STATE_COMPLETED",
  "RUN_STATE_FAILED",
  "RUN_STATE_CANCELLED",
];

export function ended(run: RunJson): boolean {
  return ENDS.includes(run.state);
}

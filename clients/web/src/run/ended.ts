/** Whether runs have ended and how they stand, as the list of runs tells it. */
import type { RunJson } from "@levada/client";

const ENDS: readonly (RunJson["state"] | undefined)[] = [
  "RUN_STATE_COMPLETED",
  "RUN_STATE_FAILED",
  "RUN_STATE_CANCELLED",
];

export function ended(run: RunJson): boolean {
  return ENDS.includes(run.state);
}

/** Return what differs as soon as one of *runs* stands otherwise, or another is there. */
export function asTheyStand(runs: readonly RunJson[]): string {
  return runs.map(({ runId, state }) => `${runId} ${state}`).join();
}

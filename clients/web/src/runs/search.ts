/** Whether a run is one that is looked for. */
import type { RunJson } from "@levada/client";
import { plain } from "../shell/format";

export const STATES = ["queued", "running", "waiting", "paused", "completed", "failed", "cancelled"] as const;

/** Return whether all words occur in what the run asked, answered or was answered by, and it is in that state. */
export function matches(run: RunJson, words: string, state: string): boolean {
  if (state && plain(run.state, "RUN_STATE_") !== state) return false;
  const { question, sources, pipeline } = run.request ?? {};
  const said = [question, run.summary, run.message, pipeline, ...(sources ?? []), run.runId].join(" ").toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}

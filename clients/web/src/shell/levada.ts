/** The client that all views of the page share, and what they tell each other of: that a run was made or ended. */
import { connect, type RunJson } from "@levada/client";
import { useSyncExternalStore } from "react";

export const levada = connect({ shared: true, cacheCells: 2_000_000 });

/** The run that was made last: what is known of it is shown before anything else is heard. */
let made: RunJson | undefined;
let round = 0;
const listeners = new Set<() => void>();

/** Say that the list of runs is not what it was. */
export function runsChanged(): void {
  round += 1;
  for (const listener of listeners) listener();
}

/** Say that a run was made here. */
export function runMade(run: RunJson): void {
  made = run;
  runsChanged();
}

/** Return a run as it was when it was made, if it was the last one that was made here. */
export function asMade(runId: string): RunJson | undefined {
  return made?.runId === runId ? made : undefined;
}

/** Return a number that is another one whenever the list of runs is not what it was. */
export function useRunsRound(): number {
  return useSyncExternalStore(subscribe, () => round);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

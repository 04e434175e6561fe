/** The client that all views of the page share, and what they tell each other of: that a run was made or ended. */
import { connect } from "@levada/client";
import { useSyncExternalStore } from "react";

export const levada = connect({ shared: true, cacheCells: 2_000_000 });

let round = 0;
const listeners = new Set<() => void>();

/** Say that the list of runs is not what it was. */
export function runsChanged(): void {
  round += 1;
  for (const listener of listeners) listener();
}

/** Return a number that is another one whenever the list of runs is not what it was. */
export function useRunsRound(): number {
  return useSyncExternalStore(subscribe, () => round);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
